"""An argument that cannot be meant is one message: the rule, the argument, the remedy."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile

from pipeline import (
    check,
    compose,
    doit_config,
    go_component,
    go_test,
    groups,
    js_component,
    rust_component,
    rust_lint,
    serve,
    toolchains,
    wit_fetched,
    wit_package,
)
from pipeline.testing.project import Project

Rule = Callable[[], object]

PATH = "write a path, as text or Path"
PATHS = "write a list of paths"
TEXT = "write a text"
TEXTS = "write a list of texts"

REFUSED: Mapping[str, tuple[Rule, str, str]] = {
    "no path": (lambda: toolchains(None), "toolchains: directory is None (NoneType)", PATH),  # type: ignore[arg-type]
    "a directory without tools": (
        lambda: toolchains("."),
        "toolchains: . has no TOML file",
        "put NAME.toml there",
    ),
    "a list for a path": (
        lambda: go_component("x", path="go", wit=["wit"]),  # type: ignore[arg-type]
        "go_component x: wit is ['wit'] (list)",
        PATH,
    ),
    "a tuple for a path": (
        lambda: wit_package("x", path=("wit",)),  # type: ignore[arg-type]
        "wit_package x: path is ('wit',) (tuple)",
        PATH,
    ),
    "a text for a list of paths": (
        lambda: wit_package("x", path="wit", needs="wasi"),
        "wit_package x: needs is 'wasi' (str)",
        PATHS,
    ),
    "a list in a list": (
        lambda: wit_package("x", path="wit", needs=[["wasi"]]),  # type: ignore[list-item]
        "wit_package x: needs is [['wasi']] (list)",
        PATHS,
    ),
    "a path for paths": (
        lambda: rust_component("x", path=".", inputs=Path("a")),  # type: ignore[arg-type]
        "rust_component x: inputs is ",
        PATHS,
    ),
    "a text for a list of texts": (
        lambda: go_component("x", path=".", flags="-opt=z"),
        "go_component x: flags is '-opt=z' (str)",
        TEXTS,
    ),
    "a pattern for a list": (
        lambda: go_test("x", path=".", packages="./..."),
        "go_test x: packages is './...' (str)",
        TEXTS,
    ),
    "a set for a list": (
        lambda: compose("x", wac="x.wac", parts={"a"}),  # type: ignore[arg-type]
        "compose x: parts is {'a'} (set)",
        "write a list of texts or a dictionary of texts",
    ),
    "numbers in a dictionary": (
        lambda: compose("x", wac="x.wac", parts={"a:b": 3}),  # type: ignore[dict-item]
        "compose x: parts is {'a:b': 3} (dict)",
        "a dictionary of texts",
    ),
    "numbers in a list": (
        lambda: check("x", allow=[3]),  # type: ignore[list-item]
        "check x: allow is [3] (list)",
        TEXTS,
    ),
    "a text for yes or no": (
        lambda: check("x", precompiled="yes"),  # type: ignore[arg-type]
        "check x: precompiled is 'yes' (str)",
        "write True or False",
    ),
    "a size below nothing": (
        lambda: check("x", max_bytes=-1),
        "check x: max_bytes is -1 (int)",
        "write a whole number, at least 0",
    ),
    "yes for a number": (
        lambda: doit_config(cache_bytes=True),
        "doit_config: cache_bytes is True (bool)",
        "write a whole number, at least 0",
    ),
    "an end of a text in a path": (
        lambda: js_component("x", path="a\0b"),
        "js_component x: path is 'a\\x00b' (str)",
        PATH,
    ),
    "a path that no system takes": (
        lambda: rust_lint("a" * 300),
        f"rust_lint: {'a' * 300}",
        "",
    ),
    "no address": (
        lambda: serve("x", addr="8080"),
        "serve x: '8080' is not an IP address with a port",
        "write one like '127.0.0.1:8080'",
    ),
    "a builder that there is not": (
        lambda: rust_component("x", path=".", builder="carog"),  # type: ignore[arg-type]
        "rust_component x: builder is 'carog' (str)",
        "write 'cargo' or 'cargo-component'",
    ),
    "a number for a name": (
        lambda: wit_fetched(3, tool="t", inside="."),  # type: ignore[arg-type]
        "wit_fetched: name is 3 (int)",
        TEXT,
    ),
    "an empty name": (
        lambda: wit_package("", path="wit"),
        "'' cannot be the name of a step",
        "use letters",
    ),
    "a number for a line": (
        lambda: groups(component=3),  # type: ignore[arg-type]
        "groups: component is 3 (int)",
        TEXT,
    ),
    "a group without name": (
        lambda: groups("component"),  # type: ignore[call-arg]
        "groups component: too many positional arguments",
        "",
    ),
    "a text for tasks": (
        lambda: doit_config(default_tasks="all"),
        "doit_config: default_tasks is 'all' (str)",
        TEXTS,
    ),
    "a setting that there is not": (
        lambda: doit_config(default_task=["all"]),  # type: ignore[call-arg]
        "doit_config: got an unexpected keyword argument 'default_task'",
        "",
    ),
}


@pytest.mark.parametrize(("rule", "what", "fix"), REFUSED.values(), ids=REFUSED.keys())
def test_an_argument_of_another_kind_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Rule, what: str, fix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidDodoFile) as refused:
        read(rule())
    assert str(refused.value).startswith(what)
    assert fix in str(refused.value)


def read(declared: object) -> None:
    assert isinstance(declared, Iterable)
    list(declared)


PLACES: Mapping[str, tuple[str, int]] = {
    "in a task": ("def task_x():\n    yield from check('x', world=5)\n", 4),
    "in a function that returns tasks": ("def task_x():\n    return check('x', world=5)\n", 3),
    "in the settings": ("DOIT_CONFIG = doit_config(default_tasks='x')\n", 3),
    "an unknown argument": ("def task_x():\n    yield from check('x', wurld='w')\n", 4),
    "an unknown argument of a step": ("def task_x():\n    yield step('x', argw=['true'])\n", 4),
}


@pytest.mark.parametrize("command", ["list", "plan"], ids=["doit", "doit-wasm"])
@pytest.mark.parametrize(("code", "line"), PLACES.values(), ids=PLACES.keys())
def test_the_line_of_the_dodo_file_is_named(
    project: Project, command: str, code: str, line: int
) -> None:
    project.write("dodo.py", f"from pipeline import check, doit_config, step\n\n{code}")
    run = project.doit(command)
    assert run.code == 3
    assert re.search(rf"^  at: +dodo\.py:{line}$", run.err, re.MULTILINE), run.err
    assert "Traceback" not in run.err

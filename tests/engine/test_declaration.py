"""What a dodo.py says wrongly is one message at once: the step, the argument, the remedy."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile

from pipeline import In, Out, Python, Root, Tool, step
from pipeline.engine import layout
from pipeline.testing.project import Project

HERE: dict[str, object] = {"doc": "d", "argv": ["true"]}
LONE = "a\ud800"

REFUSED: dict[str, tuple[dict[str, object], str, str]] = {
    # argv
    "argv-text": ({"argv": "echo hi"}, "argv", "a list of words"),
    "argv-empty": ({"argv": []}, "argv", "name the program"),
    "argv-nothing": ({"argv": None}, "argv", "a list of words"),
    "argv-no-program": ({"argv": [""]}, "argv", "name the program"),
    "argv-path": ({"argv": ["cat", Path("a")]}, "argv, word 2", "In('a')"),
    "argv-number": ({"argv": ["echo", 3]}, "argv, word 2", "write '3'"),
    "argv-bytes": ({"argv": [b"echo"]}, "argv, word 1", "write"),
    "argv-nul": ({"argv": ["echo", "a\0b"]}, "argv, word 2", "NUL"),
    "argv-surrogate": ({"argv": ["echo", LONE]}, "argv, word 2", "surrogates"),
    "argv-kind-itself": ({"argv": [Tool]}, "argv, word 1", "type"),
    "in-number": ({"argv": ["cat", In(3)]}, "argv, word 2", "write a path"),  # type: ignore[arg-type]
    "in-empty": ({"argv": ["cat", In("")]}, "argv, word 2", "name a file"),
    "in-nul": ({"argv": ["cat", In("a\0")]}, "argv, word 2", "NUL"),
    "in-in": ({"argv": ["cat", In(In("a"))]}, "argv, word 2", "write 'a'"),  # type: ignore[arg-type]
    "in-prefix": ({"argv": ["cat", In("a", 1)]}, "argv, word 2", "write a text"),  # type: ignore[arg-type]
    "out-outside": ({"argv": ["touch", Out("../x")]}, "argv, word 2", "below dodo.py"),
    "out-prefix": ({"argv": ["touch", Out("x", prefix=None)]}, "argv, word 2", "write a text"),  # type: ignore[arg-type]
    "tool-number": ({"argv": [Tool(1)]}, "argv, word 1", "write a name"),  # type: ignore[arg-type]
    "tool-empty": ({"argv": [Tool("")]}, "argv, word 1", "write a name"),
    "tool-program": ({"argv": [Tool("t", "../p")]}, "argv, word 1", "name what is inside"),
    "root-outside": ({"argv": ["ls", Root("t", "../..")]}, "argv, word 2", "inside of it"),
    "root-absolute": ({"argv": ["ls", Root("t", "/etc")]}, "argv, word 2", "inside of it"),
    "python-file": ({"argv": [Python("tools/gen.py")]}, "argv, word 1", "`package.module`"),
    "python-option": ({"argv": [Python("-c")]}, "argv, word 1", "`package.module`"),
    "python-gone": ({"argv": [Python("pipeline.gone")]}, "argv, word 1", "exists"),
    # inputs
    "inputs-text": ({"inputs": "src"}, "inputs", "a list of paths"),
    "inputs-path": ({"inputs": Path("src")}, "inputs", "a list of paths"),
    "inputs-nothing": ({"inputs": None}, "inputs", "a list of paths"),
    "inputs-in": ({"inputs": [In("src/a")]}, "inputs", "write 'src/a'"),
    "inputs-number": ({"inputs": [1]}, "inputs", "write a path"),
    "inputs-empty": ({"inputs": [""]}, "inputs", "name a file"),
    "inputs-nul": ({"inputs": ["a\0"]}, "inputs", "NUL"),
    "inputs-all": ({"inputs": ["."]}, "inputs", "name what it reads"),
    "inputs-here": ({"inputs": [Path.cwd()]}, "inputs", "name what it reads"),
    "inputs-above": ({"inputs": [".."]}, "inputs", "name what it reads"),
    "inputs-root": ({"inputs": ["/"]}, "inputs", "name what it reads"),
    "inputs-build": ({"inputs": ["build"]}, "inputs", "name what it reads"),
    "inputs-build-otherwise": ({"inputs": ["src/../build/"]}, "inputs", "name what it reads"),
    "inputs-build-in-a-word": ({"argv": ["ls", In("build")]}, "inputs", "name what it reads"),
    "inputs-state": ({"inputs": ["build/state.sqlite3"]}, "inputs", "name what it reads"),
    "inputs-stage": ({"inputs": ["build/stage/s/x"]}, "inputs", "name what it reads"),
    "inputs-log": ({"inputs": ["build/log"]}, "inputs", "name what it reads"),
    # outputs
    "outputs-text": ({"outputs": "x"}, "outputs", "a list of outputs"),
    "outputs-out": ({"outputs": Out("x")}, "outputs", "a list of outputs"),
    "outputs-path": ({"outputs": [Path("x")]}, "outputs", "Out('x')"),
    "outputs-texts": ({"outputs": ["x"]}, "outputs", "Out('x')"),
    "outputs-in": ({"outputs": [In("x")]}, "outputs", "Out(path)"),
    "outputs-all": ({"outputs": [Out(".")]}, "outputs", "below dodo.py"),
    "outputs-empty": ({"outputs": [Out("")]}, "outputs", "name a file"),
    "outputs-build": ({"outputs": [Out("build")]}, "outputs", "another place"),
    "outputs-state": ({"outputs": [Out("build/state.sqlite3")]}, "outputs", "another place"),
    "outputs-journal": ({"outputs": [Out("build/state.sqlite3-journal")]}, "outputs", "another"),
    "outputs-damaged": ({"outputs": [Out("build/state.damaged")]}, "outputs", "another place"),
    "outputs-case": ({"outputs": [Out("build/STATE.sqlite3")]}, "outputs", "another place"),
    "outputs-stage": ({"outputs": [Out("build/stage")]}, "outputs", "another place"),
    "outputs-in-stage": ({"outputs": [Out("build/stage/x")]}, "outputs", "another place"),
    "outputs-log": ({"outputs": [Out("build/log/x.log")]}, "outputs", "another place"),
    "outputs-lock": ({"outputs": [Out("build/lock")]}, "outputs", "another place"),
    "outputs-tools": ({"outputs": [Out("build/toolchain/t.json")]}, "outputs", "another place"),
    "outputs-hidden": ({"outputs": [Out("build/.x.abcdefgh")]}, "outputs", "another place"),
    "outputs-dodo": ({"outputs": [Out("dodo.py")]}, "outputs", "another place"),
    "outputs-git": ({"outputs": [Out(".git/hooks/pre-commit")]}, "outputs", "another place"),
    "outputs-absolute": ({"outputs": [Out("/tmp/x")]}, "outputs", "below dodo.py"),
    "outputs-above": ({"outputs": [Out("a/../../x")]}, "outputs", "below dodo.py"),
    "made-outside": ({"outputs": [Out("x", made="/tmp/x")]}, "outputs", "below dodo.py"),
    "made-all": ({"outputs": [Out("x", made=".")]}, "outputs", "below dodo.py"),
    "made-number": ({"outputs": [Out("x", made=1)]}, "outputs", "write a path"),  # type: ignore[arg-type]
    "outputs-twice": (
        {"outputs": [Out("x", made="a"), Out("x", made="b")]}, "outputs", "leave one",
    ),
    "outputs-nested": ({"outputs": [Out("x"), Out("x/y")]}, "outputs", "the outer one"),
    "made-twice": (
        {"outputs": [Out("x", made="a"), Out("y", made="a")]}, "outputs, made", "the outer one",
    ),
    "made-nested": (
        {"outputs": [Out("x", made="a/b"), Out("y", made="a")]}, "outputs, made", "the outer one",
    ),
    "output-is-input": ({"inputs": ["x"], "outputs": [Out("x")]}, "outputs", "next to its input"),
    "output-in-input": ({"inputs": ["d"], "outputs": [Out("d/x")]}, "outputs", "next to"),
    "input-in-output": ({"inputs": ["d/x"], "outputs": [Out("d")]}, "outputs", "next to"),
    # the rest
    "cwd-outside": ({"cwd": "/etc"}, "cwd", "below dodo.py"),
    "cwd-above": ({"cwd": ".."}, "cwd", "below dodo.py"),
    "cwd-number": ({"cwd": 1}, "cwd", "write a path"),
    "cwd-nothing": ({"cwd": None}, "cwd", "write a path"),
    "empty-text": ({"empty": "x"}, "empty", "a list of paths"),
    "empty-outside": ({"empty": ["/x"]}, "empty", "below dodo.py"),
    "env-list": ({"env": ["A=1"]}, "env", "NAME"),
    "env-number": ({"env": {"A": 1}}, "env", "write '1'"),
    "env-path": ({"env": {"A": Path("y")}}, "env", "write 'y'"),
    "env-nothing": ({"env": {"A": None}}, "env", "write"),
    "env-nul": ({"env": {"A": "a\0b"}}, "env, A", "NUL"),
    "env-surrogate": ({"env": {"A": LONE}}, "env, A", "surrogates"),
    "env-name-equal": ({"env": {"A=B": "1"}}, "env", "without `=`"),
    "env-name-empty": ({"env": {"": "1"}}, "env", "without `=`"),
    "env-name-number": ({"env": {1: "1"}}, "env", "without `=`"),
    "env-name-nul": ({"env": {"A\0": "1"}}, "env", "NUL"),
    "tools-text": ({"tools": "go"}, "tools", "a list of names"),
    "tools-tool": ({"tools": [Tool("go")]}, "tools", "write 'go'"),
    "tools-number": ({"tools": [1]}, "tools", "write a name"),
    "after-text": ({"after": "other"}, "after", "a list of names"),
    "after-path": ({"after": [Path("x")]}, "after", "write a name"),
    "caches-list": ({"caches": ["x"]}, "caches", "write"),
    "caches-number": ({"caches": {"x": 1}}, "caches", "write a path"),
    "caches-outside": ({"caches": {"../x": "build/cache/x"}}, "caches", "below dodo.py"),
    "caches-in-stage": ({"caches": {"x": "build/stage/x"}}, "caches", "build/cache/s"),
    "caches-everything": ({"caches": {"x": "build"}}, "caches", "build/cache/s"),
    "caches-over-an-input": (
        {"caches": {"x": "build/cache/x"}, "inputs": ["x/y"]}, "caches", "from elsewhere",
    ),
    "doc-number": ({"doc": 1}, "doc", "write a text"),
    "doc-lines": ({"doc": "a\nb"}, "doc", "one line"),
    "doc-control": ({"doc": "a\x1b[31m"}, "doc", "one line"),
    "version-text": ({"version": "1"}, "version", "whole number"),
    "version-flag": ({"version": True}, "version", "whole number"),
    "shows-text": ({"shows": "yes"}, "shows", "True or False"),
    "cached-number": ({"cached": 0}, "cached", "True or False"),
    "shared-number": ({"shared": 0}, "shared", "True or False"),
    "pool-unknown": ({"pool": "heavvy"}, "pool", "'heavy'"),
    "pool-list": ({"pool": ["heavy"]}, "pool", "'heavy'"),
    "argument-unknown": ({"output": ["x"]}, "output", "unexpected"),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "where", "remedy"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_with_its_place_and_a_remedy(
    wrong: dict[str, object], where: str, remedy: str
) -> None:
    with pytest.raises(InvalidDodoFile) as refused:
        step("s", **{**HERE, **wrong})  # type: ignore[arg-type]
    text = str(refused.value)
    assert text.startswith("no python module" if where.startswith("pipeline.") else "step s: "), (
        text
    )
    assert where in text
    assert remedy in text
    said, see = re.split(r"\n  see: +| \(see: ", text)
    assert len(said.splitlines()) <= 2
    assert re.fullmatch(r"doit-wasm help DW\d{3}\)?", see)
    assert text.replace("\n", "").isprintable()


NAMES = ("", " ", ".", "..", "...", "a\nb", "a\tb", "a\x1b[0m", "a\u202eb", LONE, " a", "a=b", "a*")


@pytest.mark.parametrize("name", [*NAMES, "-n", 3, None, Path("a"), b"a"])
def test_a_name_that_nobody_could_use_is_refused(name: object) -> None:
    with pytest.raises(InvalidDodoFile, match="name of a step"):
        step(name, doc="d", argv=["true"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "argv", [{"argv": ["true"]}, {"doc": "d"}, {}], ids=["doc", "argv", "both"]
)
def test_an_argument_that_is_missing_is_named(argv: dict[str, object]) -> None:
    with pytest.raises(InvalidDodoFile, match="step s: missing a required argument"):
        step("s", **argv)  # type: ignore[arg-type]


def test_an_error_of_our_own_is_not_taken_for_one_of_the_caller() -> None:
    def broken() -> object:
        return len(3)  # type: ignore[arg-type]

    class Lazy:
        def __iter__(self) -> object:
            return broken()

    with pytest.raises(TypeError, match="has no len"):
        step("s", doc="d", argv=["true"], inputs=Lazy())  # type: ignore[arg-type]


ALLOWED: dict[str, dict[str, object]] = {
    "all-kinds-of-lists": {"inputs": {"a"}, "tools": ("t",), "after": (name for name in "x")},
    "paths-and-texts": {"inputs": [Path("a"), "b"], "empty": [Path("c")], "cwd": Path("d")},
    "cache-as-text": {"caches": {"target": "build/cache/mine"}},
    "names-of-variables": {"env": {"CFLAGS_wasm32-wasip1": "1", "a.b": "", "ä": "ö"}},
    "built": {"inputs": ["build/component/a.wasm", "build/log.txt", "build/stages", "building"]},
    "stamp": {"inputs": ["build/toolchain/go.json"]},
    "outside": {"inputs": ["/etc/hostname"]},
    "places-like-ours": {"outputs": [Out("build/locks"), Out("build/states"), Out("other/build")]},
    "one-output-twice": {"argv": ["cp", Out("x"), Out("x")]},
    "names-alike": {"outputs": [Out("x"), Out("x.d"), Out("x-y/z")], "inputs": ["x2", "x-y/a"]},
    "every-letter": {"argv": ["echo", "\n\t\x7f äß", ""]},
}


@pytest.mark.parametrize("right", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_right_is_taken(right: dict[str, object]) -> None:
    assert step("s", **{**HERE, **right})["basename"] == "s"  # type: ignore[arg-type]


def test_each_place_of_the_build_is_known_as_ours_or_as_what_tasks_make() -> None:
    named = {value for value in vars(layout).values() if isinstance(value, Path)}
    assert named == {*layout.OURS, layout.BUILD, layout.TOOLS, layout.RESULTS}


@pytest.mark.parametrize(
    "text",
    [
        'step("x", doc="d", argv=["true"], env={"A": 1})',
        'step("x", argv=["true"])',
        'step("..", doc="d", argv=["true"])',
        'step("x", doc="d", argv=["true"], inputs=["build"])',
    ],
)
def test_plain_doit_shows_one_message(project: Callable[..., Project], text: str) -> None:
    run = project(text).doit()
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("ERROR: ")
    said, see = re.split(r"\n  see: +| \(see: ", run.err)
    _what, place, *fix = said.splitlines()
    assert re.fullmatch(r"  at: +dodo\.py:\d+", place)
    assert len(fix) <= 1
    assert re.fullmatch(r"doit-wasm help DW\d{3}\)?\n", see)
    assert "Traceback" not in run.text


def test_a_program_that_is_an_input_is_not_another_of_its_name_on_path(
    project: Callable[..., Project],
) -> None:
    made = project('step("s", doc="d", argv=[In("ls"), Out("o")])')
    (made.write("ls", '#!/bin/sh\necho mine > "$1"\n')).chmod(0o755)
    assert made.doit().code == 0
    assert made.read("o") == "mine\n"

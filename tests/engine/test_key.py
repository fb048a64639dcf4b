"""The key holds all that is executed: each field of each declaration, or a reason why not."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from doit.task import Task

from pipeline import In, Out, Python, Root, Tool, files, step
from pipeline.engine import spec, tool_stamp
from pipeline.engine.action import Fresh
from pipeline.engine.key import Key, digest
from pipeline.engine.key_changes import changes
from pipeline.engine.tool_stamp import Stamp
from pipeline.report.query.explain import sentence
from pipeline.testing.project import Project

STEP: Mapping[str, Any] = {"name": "s", "doc": "d", "argv": ["true"], "outputs": [Out("out")]}


def declared(**edits: object) -> dict[str, object]:
    return {**STEP, **edits}


def said(word: object, *more: object, **edits: object) -> dict[str, object]:
    return declared(argv=["cp", word, *more], inputs=["a", "b"], tools=["t", "u"], **edits)


# Argument of step, or field of a word: a declaration, another in that only this differs, and what
# `doit explain` says of it.
ARGUMENTS = {
    "argv": (declared(), declared(argv=["false"]), "command word 1: true -> false"),
    "cwd": (declared(), declared(cwd="sub"), "working directory: . -> sub"),
    "inputs": (declared(), declared(inputs=["a"]), "input a added: "),
    "outputs": (declared(), declared(outputs=[Out("out"), Out("o2")]), "output o2 added: o2"),
    "empty": (declared(), declared(empty=["a"]), "empty file a added: declared"),
    "tools": (declared(), declared(tools=["t"]), "tool t added: d1"),
    "env": (declared(env={"A": "1"}), declared(env={"A": "2"}), "variable A: 1 -> 2"),
    "caches": (declared(), declared(caches={"c": Path("k")}), "cache c added: declared"),
    "version": (declared(), declared(version=2), "rule version: 1 -> 2"),
    "fetches": (declared(), declared(fetches=True), "fetches: False -> True"),
}
WORDS: dict[type, dict[str, tuple[dict[str, object], dict[str, object], str]]] = {
    In: {
        "path": (said(In("a")), said(In("b")), "command word 2: In(a) -> In(b)"),
        "prefix": (said(In("a")), said(In("a", "-i")), "command word 2: In(a) -> In(a,-i)"),
    },
    Out: {
        "path": (
            said(Out("x", made="m")),
            said(Out("y", made="m")),
            "command word 2: Out(x,m) -> Out(y,m)",
        ),
        "made": (
            declared(outputs=[Out("out", made="x")]),
            declared(outputs=[Out("out", made="y")]),
            "output out: x -> y",
        ),
        "prefix": (
            said(Out("x")),
            said(Out("x", prefix="-o")),
            "command word 2: Out(x) -> Out(x,,-o)",
        ),
    },
    Tool: {
        "name": (said(Tool("t", "p")), said(Tool("u", "p")), "command word 2: Tool(t,p) -> Tool("),
        "program": (said(Tool("t")), said(Tool("t", "p")), "command word 2: Tool(t) -> Tool(t,p)"),
    },
    Root: {
        "name": (said(Root("t")), said(Root("u")), "command word 2: Root(t,.) -> Root(u,.)"),
        "inside": (said(Root("t")), said(Root("t", "x")), "command word 2: Root(t,.) -> Root(t,"),
    },
    Python: {
        "module": (said(Python("ruff")), said(Python("mypy")), "command word 2: Python(ruff) -> "),
    },
}
KINDS = {
    "text-or-input": (said("a"), said(In("a")), "command word 2: a -> In(a)"),
    "text-or-output": (said("x"), said(Out("x")), "command word 2: x -> Out(x)"),
    "text-or-program": (said("Tool(t)"), said(Tool("t")), "command word 2"),
    "order-of-tools": (declared(tools=["t", "u"]), declared(tools=["u", "t"]), "order of tools"),
    "order-of-tools-in-words": (
        said("a", Tool("t"), Tool("u")),
        said("a", Tool("u"), Tool("t")),
        "command word",
    ),
}
EDITS = {
    **{f"step-{name}": edit for name, edit in ARGUMENTS.items()},
    **{
        f"{kind.__name__}-{name}": edit
        for kind, edits in WORDS.items()
        for name, edit in edits.items()
    },
    **KINDS,
}
# What may change without a step becoming stale, and why.
UNKEYED_ARGUMENTS = {
    "name": "the same work under another name makes the same bytes",
    "doc": "for people",
    "after": "decides the order of a run, and what is read is declared",
    "shows": "decides what a run prints",
    "pool": "decides when a step runs",
    "cached": "decides whether the key is looked up",
    "reproducible": "decides what represents the outputs in the keys of others",
    "shared": "decides who may have the outputs",
}
UNKEYED_STAMP = {
    "version": "for people: the digest identifies the tool",
    "source": "for people: the same bytes may come from elsewhere",
    "root": "its place on this machine; paths inside it are keyed relative to it",
    "needs": "their places on this machine; their bytes are in the digest",
    "promised": "whether it is installed is of this machine; the digest is the same",
}
STAMP = Stamp(
    name="t",
    version="1",
    source="here",
    digest="d1",
    root="/store/t",
    executables={"t": "/store/t/bin/t", "p": "/store/t/bin/p"},
    path=["/store/t/bin", "/store/n/bin"],
    env={"LEVEL": "1", "HOME_OF": "/store/t/lib:/store/n/lib"},
    needs={"n": "/store/n"},
)
STAMPS: dict[str, tuple[Stamp, str]] = {
    "name": (replace(STAMP, name="tt"), "tool t (name): t -> tt"),
    "digest": (replace(STAMP, digest="d2"), "tool t: d1 -> d2"),
    "executables": (
        replace(STAMP, executables={"t": "/store/t/alt/t", "p": "/store/t/bin/p"}),
        "tool t (executable t): <t>/bin/t -> <t>/alt/t",
    ),
    "path": (
        replace(STAMP, path=["/store/n/bin", "/store/t/bin"]),
        "tool t (path): <t>/bin:<n>/bin -> <n>/bin:<t>/bin",
    ),
    "env": (
        replace(STAMP, env={**STAMP.env, "LEVEL": "2"}),
        "tool t (variable LEVEL): 1 -> 2",
    ),
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path)
    for name in ("a", "b", "out", "o2", "x", "y"):
        made.write(name, name)
    for name in ("t", "u"):
        install(made, name, replace(STAMP, name=name))
    return made


def install(project: Project, name: str, stamp: Stamp) -> None:
    """Stamp a tool as installed, somewhere below the project."""
    text = json.dumps({field.name: getattr(stamp, field.name) for field in fields(Stamp)})
    (project.root / "store/t").mkdir(parents=True, exist_ok=True)
    project.write(f"build/toolchain/{name}.json", text.replace("/store/", f"{project.root}/store/"))


def fresh_of(declaration: Mapping[str, Any]) -> Fresh:
    (found,) = step(**declaration)["uptodate"]
    assert isinstance(found, Fresh)
    return found


def recorded(key: Key) -> Key:
    """Return a key as the database gives it back."""
    found: Key = json.loads(json.dumps(key))
    return found


def is_fresh(declaration: Mapping[str, Any], key: Mapping[str, object]) -> bool:
    """Return what doit hears of a step whose outputs are there and whose last key was *key*."""
    fresh = fresh_of(declaration)
    outputs = {path: files.sha256(Path(path)) for path in fresh.spec.outputs}
    task = Task("s", None, file_dep=fresh.spec.inputs)
    return fresh(task, {"key": json.loads(json.dumps(key)), "outputs": outputs})


@pytest.mark.parametrize(("before", "after", "expected"), EDITS.values(), ids=EDITS.keys())
def test_each_change_is_another_key_and_is_reported(
    before: Mapping[str, Any], after: Mapping[str, Any], expected: str
) -> None:
    old, new = fresh_of(before).spec.key(), fresh_of(after).spec.key()
    assert is_fresh(before, old)
    assert not is_fresh(after, old)
    assert digest(recorded(old)) == digest(old) != digest(new)
    sentences = [sentence(change) for change in changes(recorded(old), new)]
    assert any(one.startswith(expected) for one in sentences), sentences


@pytest.mark.parametrize(("after", "expected"), STAMPS.values(), ids=STAMPS.keys())
def test_each_change_of_a_tool_is_another_key_and_is_reported(
    project: Project, after: Stamp, expected: str
) -> None:
    declaration = declared(tools=["t"])
    old = fresh_of(declaration).spec.key()
    install(project, "t", after)
    new = fresh_of(declaration).spec.key()
    assert old != new
    assert digest(old) != digest(new)
    assert expected in [sentence(change) for change in changes(recorded(old), new)]
    assert not is_fresh(declaration, old)
    assert is_fresh(declaration, new)


def test_no_field_is_forgotten() -> None:
    arguments = set(inspect.signature(step).parameters)
    assert arguments == ARGUMENTS.keys() | UNKEYED_ARGUMENTS.keys()
    for kind, edits in WORDS.items():
        assert {field.name for field in fields(kind)} == edits.keys(), kind
    assert {field.name for field in fields(Stamp)} == STAMPS.keys() | UNKEYED_STAMP.keys()
    # A field that is neither an argument nor another name of one would be no declaration's.
    assert {*spec.StepSpec._fields} <= arguments


def test_what_is_not_in_the_key_is_known_here_and_there_by_the_same_reasons() -> None:
    of_spec = {name: why for name, why in spec.UNKEYED.items() if name != "inputs"}
    assert of_spec == {name: UNKEYED_ARGUMENTS[name] for name in of_spec}
    assert tool_stamp.UNKEYED == UNKEYED_STAMP


UNKEYED_EDITS: dict[str, object] = {
    "name": "other",
    "doc": "other",
    "after": ["other"],
    "shows": True,
    "pool": "heavy",
    "cached": False,
    "reproducible": False,
    "shared": False,
}


@pytest.mark.parametrize("name", UNKEYED_ARGUMENTS)
def test_what_only_people_and_schedulers_see_is_not_in_the_key(name: str) -> None:
    key = fresh_of(declared()).spec.key()
    assert is_fresh(declared(**{name: UNKEYED_EDITS[name]}), key)


def test_where_a_machine_has_its_tools_is_not_in_the_key(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = fresh_of(declared(tools=["t"])).spec.key()
    other = Project(tmp_path_factory.mktemp("other"))
    monkeypatch.chdir(other.root)
    install(other, "t", replace(STAMP, version="v1", source="elsewhere"))
    assert fresh_of(declared(tools=["t"])).spec.key() == here
    assert str(project.root) not in json.dumps(here)


OTHER_FORMATS: dict[str, Callable[[Key], object]] = {
    "number": lambda key: {**key, "format": 1},
    "field-missing": lambda key: {name: key[name] for name in key if name != "machine"},
    "field-added": lambda key: {**key, "more": {}},
    "of-old": lambda key: {"argv": ["true"], "cwd": ".", "env": {}, "tools": {}, "inputs": {}},
}


@pytest.mark.parametrize("edit", OTHER_FORMATS.values(), ids=OTHER_FORMATS.keys())
def test_a_key_of_another_format_is_never_equal_and_never_misread(
    edit: Callable[[Key], Any],
) -> None:
    key = fresh_of(declared()).spec.key()
    other = edit(key)
    assert not is_fresh(declared(), other)
    assert [change.kind for change in changes(other, key)] == ["record"]


TOOLS = """
from pipeline import In, Out, Tool, doit_config, step, toolchains
DOIT_CONFIG = doit_config()
def task_tools():
    yield from toolchains("toolchains")
def task_use():
    yield step("use", doc="d", argv=["sh", "-c", 'prog > "$1"', "x", Out("o")], tools=["t"])
"""


def test_an_edit_of_a_tools_variables_or_programs_is_seen_by_steps_and_by_the_cache(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = Project(tmp_path_factory.mktemp("tools"))
    made.write("dodo.py", TOOLS)
    for place in ("bin", "alt"):
        made.write(f"toolchains/tree/{place}/prog", f"#!/bin/sh\necho {place} $LEVEL\n").chmod(
            0o755
        )
    seen = []
    for place, level in (("bin", 1), ("bin", 2), ("alt", 2), ("bin", 1)):
        tree = files.digest(made.root / "toolchains/tree")
        made.write(
            "toolchains/t.toml",
            f'version = "1"\nexecutables = ["{place}/prog"]\nenv = {{ LEVEL = "{level}" }}\n'
            f'[[source]]\nkind = "directory"\npath = "tree"\ndigest = "{tree}"\n',
        )
        run = made.doit()
        assert run.code == 0, run.text
        seen.append(made.read("o"))
        assert made.doit().executed == []
    assert seen == ["bin 1\n", "bin 2\n", "alt 2\n", "bin 1\n"]


def test_where_the_command_leaves_an_output_and_what_is_empty_are_seen(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = Project(tmp_path_factory.mktemp("made"))
    text = (
        "from pipeline import Out, doit_config, step\nDOIT_CONFIG = doit_config()\n"
        "def task_pick():\n"
        "    yield step('pick', doc='d', argv=['sh', '-c', 'echo x > x; echo y > y; ls > ls'],\n"
        "        outputs=[Out('o', made=MADE), Out('l', made='ls')], empty=EMPTY)\n"
    )
    seen = []
    for place, empty in (("x", "[]"), ("y", "[]"), ("y", "['z']")):
        made.write("dodo.py", f"MADE, EMPTY = {place!r}, {empty}\n{text}")
        assert made.doit().code == 0
        seen.append((made.read("o").strip(), "z" in made.read("l").split()))
    assert seen == [("x", False), ("y", False), ("y", True)]

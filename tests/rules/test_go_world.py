"""The worlds of Go components are made to fit what TinyGo needs."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.steps.go_world import Request, wrap
from rules.projects import ADD, write_files

WASI = """package wasi:cli@0.2.0;
interface stdout { get: func(); }
world imports { import stdout; }
"""


def wrapped(
    tmp_path: Path, wasm_tools: str, wit: str, *, name: str = "app", world: str = ""
) -> dict[str, str]:
    """Put the world of ours around a package; return the files that were made."""
    write_files(tmp_path, {"wasi/cli/cli.wit": WASI, "wit/w.wit": wit})
    wrap(asked(tmp_path, wasm_tools, name=name, world=world))
    made = tmp_path / "own"
    return {file.name: file.read_text() for file in made.iterdir() if file.is_file()}


def asked(tmp_path: Path, wasm_tools: str, *, name: str = "app", world: str = "") -> Request:
    return Request(
        wasm_tools=Path(wasm_tools),
        out=tmp_path / "own",
        name=name,
        world=world,
        generator="wit-bindgen-go",
        places=[tmp_path / "wit"],
        known=[],
        runtime=[tmp_path / "wasi", tmp_path / "around"],
    )


WORLDS: Mapping[str, tuple[str, str, str]] = {
    "that names no WASI": (
        f"package docs:a@0.1.0;\n{ADD}world app {{ export add; }}",
        "",
        "docs:a/app@0.1.0",
    ),
    "that includes it": (
        "package docs:a;\nworld app { include wasi:cli/imports@0.2.0; export f: func(); }",
        "",
        "docs:a/app",
    ),
    "that brings its own": (
        f"package docs:a;\nworld app {{ export f: func(); }}\n{WASI.replace(';', ' {', 1)}}}",
        "",
        "docs:a/app",
    ),
    "of another name": ("package docs:a;\nworld other { export f: func(); }", "", "docs:a/other"),
    "that is named": (
        "package docs:a;\nworld app {}\nworld b { export f: func(); }",
        "b",
        "docs:a/b",
    ),
    "whose name is a keyword": (
        "package docs:a;\nworld %list { export f: func(); }",
        "",
        "docs:a/list",
    ),
    "of a package whose name is a keyword": (
        "package %interface:%type@0.1.0;\nworld app {}",
        "",
        "interface:type/app@0.1.0",
    ),
    "with fields and cases that are called like types that cannot be": (
        (
            "package docs:a;\ninterface i { record r { %stream: u8 } f: func(%stream: v); "
            "variant v { %map(r), %future } }\nworld app { export i; }"
        ),
        "",
        "docs:a/app",
    ),
    "beside async code that it does not use": (
        "package docs:a;\ninterface i { f: async func(); }\nworld app {}\nworld o { export i; }",
        "app",
        "docs:a/app",
    ),
}


@pytest.mark.parametrize(("wit", "world", "whole"), WORLDS.values(), ids=WORLDS.keys())
def test_a_world_gets_what_tinygo_needs(
    tmp_path: Path, tool: Callable[[str], str], wit: str, world: str, whole: str
) -> None:
    made = wrapped(tmp_path, tool("wasm-tools"), wit, world=world)
    assert made["world"].strip() == whole
    words = [tool("wasm-tools"), "component", "wit", tmp_path / "around"]
    assert "import wasi:cli/stdout@0.2.0;" in process.run(words).output


def test_what_a_generator_sees_has_no_second_version_of_wasi(
    tmp_path: Path, tool: Callable[[str], str]
) -> None:
    """It would put the version in the path of every package, and code that imports these breaks."""
    newer = WASI.replace("0.2.0", "0.2.12").replace(";", " {", 1) + "}"
    world = f"world app {{ include wasi:cli/imports@0.2.12; export add; }}\n{newer}"
    wrapped(tmp_path, tool("wasm-tools"), f"package docs:a;\n{ADD}{world}")
    assert [path.name for path in (tmp_path / "own/deps").iterdir()] == ["wasi.cli@0.2.12"]
    words = [tool("wasm-tools"), "component", "wit", tmp_path / "around"]
    for version in ("0.2.0", "0.2.12"):
        assert f"import wasi:cli/stdout@{version};" in process.run(words).output


IMPOSSIBLE: Mapping[str, tuple[str, str, list[str]]] = {
    "async function": (
        "interface i { f: async func(); }\nworld app { export i; }",
        "",
        ["i.f is async"],
    ),
    "async method": (
        "interface i { resource r { m: async func(); } }\nworld app { import i; }",
        "",
        ["i.[method]r.m is async"],
    ),
    "stream in a record": (
        (
            "interface i { record r { s: list<stream<u8>> } f: func() -> option<r>; }\n"
            "world app { export i; }"
        ),
        "",
        ["i.f has a stream"],
    ),
    "future of the world": ("world app { import g: func(f: future); }", "", ["app.g has a future"]),
    "no such world": (
        "world a {}\nworld b {}",
        "c",
        ["docs:a has no world c", "a, b", "`world` of"],
    ),
    "several worlds": ("world a {}\nworld b {}", "", ["docs:a has no world app", "a, b"]),
    "a package that is not there": (
        "world app { import my:clock/clock@0.1.0; }",
        "",
        ["w.wit:2:", "my:clock", "`needs` of wit_package()"],
    ),
    "an error of syntax": ("world app { export }", "", ["/wit/w.wit:2:"]),
    "no world": ("interface i {}", "", ["no world app", "worlds: none", "write one in it: `world"]),
    "no such interface of a package": (
        "world app { import wasi:cli/nope@0.2.0; }",
        "",
        ["/wit/w.wit:2:", "'nope' not found"],
    ),
    "a keyword for a name": ("world app { export map: func(); }", "", ["map as a name", "%map"]),
    "a part of WASI": (
        "world app { import wasi:cli/x@0.2.0; }\npackage wasi:cli@0.2.0 { interface x {} }",
        "",
        ["a part of wasi:cli@0.2.0 lies in deps/", "take the whole package, or none"],
    ),
    "error-context": (
        "interface i { f: func(e: error-context); }\nworld app { export i; }",
        "",
        ["i.f has an error-context"],
    ),
    "a list of fixed length": (
        "interface i { type t = list<u8, 40>; f: func(e: option<t>); }\nworld app { export i; }",
        "",
        ["i.f has a list of fixed length"],
    ),
    "a map": ("world app { import f: func(m: map<string, u8>); }", "", ["app.f has a map"]),
}


@pytest.mark.parametrize(("wit", "world", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_cannot_be_generated_is_said_before_it_is_tried(
    tmp_path: Path, tool: Callable[[str], str], wit: str, world: str, words: list[str]
) -> None:
    with pytest.raises(PipelineError) as refused:
        wrapped(tmp_path, tool("wasm-tools"), f"package docs:a;\n{wit}", world=world)
    for word in words:
        assert word in str(refused.value)


def test_a_package_that_is_not_there_is_named(tmp_path: Path, tool: Callable[[str], str]) -> None:
    for wit in ("deps/x/x.wit", "README"):
        write_files(tmp_path, {f"wit/{wit}": "package x:y;\nworld app {}\n"})
        with pytest.raises(PipelineError, match="no WIT package of its own"):
            wrap(asked(tmp_path, tool("wasm-tools")))
        shutil.rmtree(tmp_path / "wit")

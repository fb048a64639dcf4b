"""Go modules are read by their grammar, and their worlds are made to fit what TinyGo needs."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile
from workshop import REPOSITORY

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.rules.go import environment, go_component
from pipeline.rules.go_manifest import GoModule, directives
from pipeline.steps.go_world import wrap
from pipeline.testing.project import Project

MAIN = "package main\n\nfunc main() {}\n"


def written(root: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


MANIFESTS: Mapping[str, tuple[str, str, list[str]]] = {
    "plain": ("module a.b/c\n\ngo 1.24\n", "a.b/c", []),
    "a comment before": ("// module old.name/x\nmodule a.b/c // the name\n", "a.b/c", []),
    "quoted": ('module "a.b/c"\n', "a.b/c", []),
    "in raw quotes": ("module `a.b/c`\n", "a.b/c", []),
    "in a block": ("module (\n\ta.b/c\n)\n", "a.b/c", []),
    "after other lines": (
        "go 1.24\ntoolchain go1.24.4\nretract [v1.0.0, v1.1.0] // module x\nmodule a.b/c\n",
        "a.b/c",
        [],
    ),
    "with a byte order mark and CRLF": (
        "\ufeffmodule a.b/c\r\nreplace x => ../x\r\n",
        "a.b/c",
        ["x"],
    ),
    "with escapes": ('module "a.b/\\x63" // a "quote\n', "a.b/c", []),
    "with what ends a line elsewhere": ("// a\u2028module x\nmodule a.b/c\n", "a.b/c", []),
    "replaced by directories": (
        (
            "module a.b/c\nreplace d.e/f => ../lib\nreplace (\n\tg.h/i v1.0.0 => ../../lib2\n"
            '\t"j.k/l" => "../with blank" // not ../m\n\tm.n/o => p.q/r v1.2.3\n)\n'
        ),
        "a.b/c",
        ["../lib2", "lib", "with blank"],
    ),
}


@pytest.mark.parametrize(("text", "name", "near"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_go_mod_is_read_by_its_grammar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str, near: list[str]
) -> None:
    written(tmp_path, {"all/app/go.mod": text, "all/app/main.go": MAIN})
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("all/app"))
    assert module.name == name
    assert sorted(Path("all", each).resolve() for each in near) == sorted(
        each.resolve() for each in module.replaced
    )


def test_a_quote_that_is_not_closed_is_named_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, {"go.mod": 'go 1.24\nmodule "a.b/c\n'})
    with pytest.raises(PipelineError, match=r"go\.mod:2 is not right"):
        directives(tmp_path / "go.mod")
    written(tmp_path, {"go.mod": 'module "a.b\\z"\n'})
    with pytest.raises(PipelineError, match=r"go\.mod:1 is not right"):
        directives(tmp_path / "go.mod")


EMBEDS: Mapping[str, tuple[str, list[str]]] = {
    "in a group": ("var (\n\t//go:embed a.txt\n\ta string\n)", ["a.txt"]),
    "after a tab": ("//go:embed\ta.txt\t`tpl (1)`", ["a.txt", "tpl (1)/x"]),
    "a class of letters": ("//go:embed img/[ab].png", ["img/a.png"]),
    "a comma": ("//go:embed c,d.txt", ["c,d.txt"]),
    "brackets": ("//go:embed e(1).txt", ["e(1).txt"]),
    "two stars, which are one": ("//go:embed im**/*.png", ["img/a.png", "img/c.png"]),
    "what go refuses": ('//go:embed /etc/passwd ../x "" a.txt', ["a.txt"]),
}


@pytest.mark.parametrize(("line", "named"), EMBEDS.values(), ids=EMBEDS.keys())
def test_embedded_files_are_those_that_go_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, named: list[str]
) -> None:
    there = ["a.txt", "tpl (1)/x", "img/a.png", "img/c.png", "c,d.txt", "e(1).txt", "img/d/d.png"]
    written(tmp_path, {"go.mod": "module a.b/c\n", **dict.fromkeys(there, "")})
    written(tmp_path, {"main.go": f"package main\n\n{line}\n\nvar x string\n"})
    monkeypatch.chdir(tmp_path)
    read = [path.as_posix() for path in GoModule.read(Path()).sources]
    assert read == sorted(["go.mod", "main.go", *named])


HEADS = {
    "comments that are not nested": "/* a /* b */\n// c */\n\npackage main\n",
    "a comment between": "package /* x */ main // y\n",
    "many comments": "/* * */\n" * 60 + "package main\n",
    "a constraint": "//go:build tinygo\n\npackage main;import `fmt`\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_a_main_package_is_found_whatever_stands_before_it(tmp_path: Path, head: str) -> None:
    written(tmp_path, {"go.mod": "module a.b/c\n", "main.go": head})
    GoModule.read(tmp_path).require_main()
    written(tmp_path, {"main.go": head.replace("main", "other")})
    with pytest.raises(PipelineError, match="has no package main"):
        GoModule.read(tmp_path).require_main()
    written(tmp_path, {"main.go": head.partition("package")[0] + "func main() {}\n"})
    with pytest.raises(PipelineError, match="has no package main"):
        GoModule.read(tmp_path).require_main()


def test_a_package_may_be_a_link_and_modules_may_be_vendored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(
        tmp_path,
        {
            "m/go.mod": "module a.b/c\n",
            "m/main.go": MAIN,
            "m/vendor/modules.txt": "# x.y/z v1.0.0\n",
            "m/vendor/x.y/z/z.go": "package z\n",
            "util/u.go": "package util\n",
        },
    )
    (tmp_path / "m/util").symlink_to("../util")
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("m"))
    assert environment(module)["GOFLAGS"] == "-mod=vendor"
    assert {path.as_posix() for path in module.sources} == {
        "m/go.mod", "m/main.go", "m/util", "m/vendor/modules.txt", "m/vendor/x.y/z/z.go",
    }  # fmt: skip
    (tmp_path / "m/vendor/modules.txt").unlink()
    assert environment(module)["GOFLAGS"] == "-mod=readonly"
    assert {path.as_posix() for path in module.sources} == {"m/go.mod", "m/main.go", "m/util"}


@pytest.mark.parametrize("bindings", ["../gen", ".", "x/.."])
def test_bindings_that_go_could_not_import_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bindings: str
) -> None:
    written(tmp_path, {"m/go.mod": "module a.b/c\n", "m/main.go": MAIN, "m/wit/w.wit": WIT})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidDodoFile, match="cannot be imported from m"):
        list(go_component("x", path="m", bindings=bindings))


def test_what_is_read_of_a_module_is_what_the_compiler_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {
        "go.mod": "module a.b/c\nreplace d.e/f => ./lib\n",
        "main.go": 'package main\n\n//go:embed tpl/*.txt "with blank"\n//go:embed all:assets\n',
        "sub/asm.s": "",
        "tpl/a.txt": "",
        "with blank": "",
        "assets/deep/.hidden": "",
        "lib/go.mod": "module d.e/f\n",
        "lib/lib.go": "package lib\n",
    }
    other = {
        "main_test.go": "package main\n",
        "testdata/x.go": "package x\n",
        "gen/g.go": "package g\n",
        "build/stage/copy/main.go": MAIN,
        ".git/x.go": "",
        "vendor/x/x.go": "package x\n",
        "nested/go.mod": "module n\n",
        "nested/n.go": "package n\n",
        "other/gen/.doit-wasm": "",
        "other/gen/x.go": "package gen\n",
        "tpl/b.md": "",
    }
    written(tmp_path, read | other)
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path())
    assert [path.as_posix() for path in module.sources] == sorted(read)
    assert {path.as_posix() for path in module.tests} >= {"main_test.go", "testdata/x.go"}


def test_a_main_package_may_lie_below_its_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(
        tmp_path,
        {"m/go.mod": "module a.b/c\n", "m/cmd/app/main.go": MAIN, "m/lib.go": "package m\n"},
    )
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("m/cmd/app"))
    assert (module.main, module.import_path) == ("./cmd/app", "a.b/c/cmd/app/gen")
    module.require_main()
    with pytest.raises(PipelineError, match="m has no package main") as refused:
        GoModule.read(Path("m")).require_main()
    assert "m/cmd/app" in str(refused.value)


def test_a_module_outside_of_the_project_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"p/go.mod": "module a\nreplace b => ../lib\n", "lib/go.mod": "module b\n"})
    monkeypatch.chdir(tmp_path / "p")
    with pytest.raises(PipelineError, match=r"replaces b by \.\./lib") as refused:
        GoModule.read(Path())
    assert "move dodo.py" in str(refused.value)


WASI = """package wasi:cli@0.2.0;
interface stdout { get: func(); }
world imports { import stdout; }
"""
ADD = "interface add { add: func(x: u32, y: u32) -> u32; }\n"


def wrapped(
    tmp_path: Path, wasm_tools: str, wit: str, *, name: str = "app", world: str = ""
) -> dict[str, str]:
    """Put the world of ours around a package; return the files that were made."""
    written(tmp_path, {"wasi/cli/cli.wit": WASI, "wit/w.wit": wit})
    out, around = tmp_path / "own", tmp_path / "around"
    places = [tmp_path / "wit"]
    wasi = tmp_path / "wasi"
    wrap(Path(wasm_tools), wasi, out=out, around=around, name=name, world=world, places=places)
    return {file.name: file.read_text() for file in out.iterdir() if file.is_file()}


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


DODO = """
from pipeline import doit_config, go_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["{task}:app"])
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("app", path="{path}"{more})
"""
WIT = f"package docs:app@0.1.0;\n{ADD}world adder {{ export add; }}\n"


@pytest.fixture
def module(project: Project) -> Project:
    """Give a project that is a Go module with a world and generates its bindings."""
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write(
        "go.mod", "module ex.com/app\n\ngo 1.24\n\nrequire go.bytecodealliance.org/cm v0.3.0\n"
    )
    project.write("main.go", MAIN)
    project.write("wit/world.wit", WIT)
    project.write("dodo.py", DODO.format(task="bindings", path=".", more=""))
    return project


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("world.wit", ""),
        ("deeper/x.wit", ', wit="deeper/x.wit"'),
        ("deeper/x.wit", ', wit="deeper"'),
        ("build/wit/app/w.wit", ""),
    ],
)
def test_the_wit_of_a_component_may_lie_elsewhere(module: Project, place: str, more: str) -> None:
    shutil.rmtree(module.root / "wit")
    module.write(place, WIT)
    module.write("dodo.py", DODO.format(task="bindings", path=".", more=more))
    run = module.doit()
    assert run.code == 0, run.text
    assert (module.root / "gen/docs/app/add").is_dir()


def test_bindings_replace_what_they_generated_and_nothing_else(module: Project) -> None:
    module.write("gen/mine.go", "package gen\n")
    run = module.doit()
    assert run.code != 0
    assert "gen would be replaced by generated bindings: gen/mine.go" in run.text
    assert "`bindings`" in run.text
    (module.root / "gen/mine.go").unlink()
    assert module.doit().code == 0
    module.write("wit/world.wit", WIT.replace("add:", "sum:"))
    assert module.doit().executed[-1] == "bindings:app"
    module.write("gen/late.go", "package gen\n")
    module.write("wit/world.wit", WIT)
    run = module.doit()
    assert "gen/late.go was not generated" in run.text
    assert (module.root / "gen/late.go").is_file()
    module.write("dodo.py", DODO.format(task="bindings", path=".", more=', bindings="internal/b"'))
    assert module.doit().code == 0
    assert (module.root / "internal/b/docs/app/add").is_dir()


def test_bindings_that_were_edited_are_not_replaced(module: Project) -> None:
    assert module.doit().code == 0
    (edited,) = module.root.glob("gen/docs/app/add/add.wit.go")
    edited.write_text(edited.read_text() + "// a line of somebody's own\n")
    module.write("wit/world.wit", WIT.replace("add:", "sum:"))
    for _ in range(2):
        run = module.doit()
        assert run.code != 0
        assert f"{edited.relative_to(module.root)} was not generated" in run.text
        assert "or was edited since" in run.text
        assert edited.read_text().endswith("// a line of somebody's own\n")
    edited.unlink()
    assert module.doit().code == 0


def test_bindings_that_git_ignores_may_be_replaced_unless_they_were_added(module: Project) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=module.root, check=True, capture_output=True)

    git("init", "-q")
    module.write(".gitignore", "/gen/\n")
    module.write("gen/old.go", "package gen\n")
    module.write("gen/with blank/größer.go", "package gen\n")
    git("add", "-f", "gen/old.go")
    assert module.doit().code != 0
    git("rm", "-q", "--cached", "gen/old.go")
    run = module.doit()
    assert run.code == 0, run.text
    assert not (module.root / "gen/old.go").exists()


@pytest.mark.parametrize("place", ["gen", "internal/wasi"])
def test_committed_bindings_of_the_same_generator_are_used_as_they_are(
    module: Project, place: str
) -> None:
    theirs = "// Code generated by wit-bindgen-go. DO NOT EDIT.\n\npackage add\n"
    module.write(f"{place}/docs/app/add/add.wit.go", theirs)
    run = module.doit("list", "--all", "--deps")
    assert "bindings:app" not in run.text
    assert f"{place}" in run.text
    assert module.read(f"{place}/docs/app/add/add.wit.go") == theirs


def test_a_package_that_is_not_there_is_named(tmp_path: Path, tool: Callable[[str], str]) -> None:
    for wit in ("deps/x/x.wit", "README"):
        written(tmp_path, {f"wit/{wit}": "package x:y;\nworld app {}\n"})
        places = [tmp_path / "wit"]
        made = {"out": tmp_path / "own", "around": tmp_path / "around", "places": places}
        with pytest.raises(PipelineError, match="no WIT package of its own"):
            wrap(Path(tool("wasm-tools")), tmp_path, name="app", world="", **made)
        shutil.rmtree(tmp_path / "wit")


def test_a_name_that_the_generator_does_not_escape_is_said_at_bindings(module: Project) -> None:
    interface = "interface add { type %stream = u8; add: func(x: %stream); }"
    module.write("wit/world.wit", WIT.replace(ADD.strip(), interface))
    run = module.doit()
    assert run.code != 0
    assert "wit-bindgen-go breaks on the name stream: give it another one in WIT" in run.text


def test_a_name_that_the_generator_breaks_on_is_said_at_bindings(module: Project) -> None:
    module.write(
        "wit/world.wit",
        WIT.replace("add {", "%interface {").replace("export add", "export %interface"),
    )
    run = module.doit()
    assert run.code != 0
    assert "wit-bindgen-go cannot generate docs:app/%interface@0.1.0" in run.text
    assert "another name" in run.text


def test_flags_add_to_ours_and_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {"go.mod": "module a.b/c\n", "main.go": MAIN, "wit/w.wit": WIT})
    monkeypatch.chdir(tmp_path)
    *_, compiled = go_component("app", path=".", flags=["-opt=z"])
    (action,) = compiled["actions"] or ()
    assert "-opt=s -gc=precise -no-debug -opt=z" in repr(action)


@pytest.mark.parametrize(
    ("version", "main", "help_"),
    [
        ("1.99", MAIN, "pin a Go of that version in toolchains/go.toml"),
        ("1.24", MAIN, "import the package of bindings"),
        ("1.24", 'package main\n\nimport _ "a.b/c"\n\nfunc main() {}\n', "a go.work, which is not"),
    ],
    ids=["newer Go", "no export", "a module of a workspace"],
)
def test_what_a_tool_says_and_does_not_explain_is_explained(
    module: Project, version: str, main: str, help_: str
) -> None:
    module.write("main.go", main)
    module.write("go.mod", f"module ex.com/app\n\ngo {version}\n")
    module.write("dodo.py", DODO.format(task="component", path=".", more=""))
    run = module.doit()
    assert run.code != 0
    assert help_ in run.text


def test_a_tinygo_without_net_http_is_named_as_such(
    module: Project, tool: Callable[..., str]
) -> None:
    """TinyGo has the package in releases, and not where it was built from a module."""
    has = any(Path(tool("tinygo")).parents[1].glob("src/net/http/*.go"))
    module.write("go.mod", "module ex.com/app\n\ngo 1.24\n")
    module.write("main.go", 'package main\n\nimport _ "net/http"\n\nfunc main() {}\n')
    module.write("dodo.py", DODO.format(task="component", path=".", more=""))
    run = module.doit()
    assert ("built without net/http" in run.text) == (not has)


PROGRAM = """package main

import (
	_ "embed"

	"ex.com/all/cmd/app/gen/docs/app/add"
	"ex.com/lib"
)

//go:embed one.txt
var one string

func init() {
	add.Exports.Add = func(x, y uint32) uint32 {
		sum := make(chan uint32)
		go func() { sum <- lib.Sum(x, y) + uint32(len(one)) }()
		return <-sum
	}
}

func main() {}
"""


def test_a_module_of_the_field_builds_as_it_is(
    project: Project, tool: Callable[[str], str]
) -> None:
    """One line: a main below the module, a neighbour, an embedded file, goroutines, no WASI."""
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    shutil.copy(REPOSITORY / "components/hello-go/go.sum", project.root / "go.sum")
    project.write(
        "go.mod",
        "module ex.com/all\n\ngo 1.24\n\nrequire (\n\tex.com/lib v0.0.0\n"
        "\tgo.bytecodealliance.org/cm v0.3.0\n)\n\nreplace ex.com/lib => ./lib\n",
    )
    project.write("lib/go.mod", "module ex.com/lib\n\ngo 1.24\n")
    project.write("lib/lib.go", "package lib\n\nfunc Sum(x, y uint32) uint32 { return x + y }\n")
    project.write("cmd/app/main.go", PROGRAM)
    project.write("cmd/app/one.txt", "1")
    project.write("cmd/app/wit/world.wit", WIT)
    project.write("dodo.py", DODO.format(task="component", path="cmd/app", more=""))
    run = project.doit()
    assert run.code == 0, run.text
    words = [
        tool("wasmtime"),
        "run",
        "--invoke",
        "add(2, 3)",
        project.root / "build/component/app.wasm",
    ]
    assert process.run(words).output.strip() == "6"
    project.write(
        "dodo.py", DODO.format(task="component", path="cmd/app", more=', flags=["-scheduler=none"]')
    )
    run = project.doit()
    assert run.code != 0
    assert "-scheduler=none forbids goroutines" in run.text

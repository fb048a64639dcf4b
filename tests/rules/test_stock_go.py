"""Components of the stock Go compiler: the whole language, exports in packages of their own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import CheckError
from pipeline.steps.stock_go import add_exports, add_runtime, link_flags
from pipeline.testing.project import Project
from rules.projects import MAIN, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, go_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:app"])
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("app", path="cmd/app", compiler="go"{more})
"""
WORLD = """package my:ex@0.1.0;
interface api {
  record pair { a: string, tags: list<string> }
  resource counter { constructor(n: u32); add: func(n: u32) -> u32; }
  join: func(pairs: list<pair>) -> string;
  count: func(n: u32) -> u32;
}
world joiner { import wasi:clocks/wall-clock@0.2.6; export api; }
"""
API = """package export_my_ex_api

import (
	"encoding/json"
	"runtime"
	"strings"

	"ex.com/app/cmd/app/gen/imports/my_ex_api"
)

type Counter struct {
	pinner runtime.Pinner
	handle int32
	n      uint32
}

func (self *Counter) OnDrop() {}

func MakeCounter(n uint32) *Counter { return &Counter{n: n} }

func (self *Counter) Add(n uint32) uint32 {
	self.n += n
	return self.n
}

func Join(pairs []my_ex_api.Pair) string {
	joined := make(chan string)
	go func() {
		texts := []string{}
		for _, pair := range pairs {
			texts = append(texts, pair.A+strings.Join(pair.Tags, ""))
		}
		runtime.GC()
		text, _ := json.Marshal(map[string]any{"joined": strings.Join(texts, "")})
		joined <- string(text)
	}()
	return <-joined
}

func Count(n uint32) uint32 { return MakeCounter(n).Add(1) }
"""
# Its heap grows between calls of WASI, whose adapter has its own state in the same memory.
PROGRAM = """package main

import (
	"fmt"
	"os"
)

func main() {
	kept := [][]byte{}
	for range 100 {
		kept = append(kept, make([]byte, 1<<20))
		os.Stdout.Sync()
	}
	fmt.Println(len(os.Args)-1, "words", len(kept), "MiB")
}
"""
FILES = {
    "dodo.py": DODO.format(more=""),
    "go.mod": "module ex.com/app\n\ngo 1.24\n",
    "cmd/app/main.go": MAIN,
    "cmd/app/wit/world.wit": WORLD,
    "cmd/app/export_my_ex_api/api.go": API,
}


def made_in(root: Path, store: Project) -> Project:
    root.mkdir()
    shutil.copytree(REPOSITORY / "toolchains", root / "toolchains")
    write_files(root, FILES)
    return Project(root, store.env)


def test_it_runs_goroutines_and_is_the_same_when_built_again_elsewhere(
    tmp_path: Path, project: Project, tool: Callable[[str], str]
) -> None:
    made = []
    for name in ("one", "another"):
        built = made_in(tmp_path / name, project)
        run = built.doit()
        assert run.code == 0, run.text
        made.append((built.root / "build/component/app.wasm").read_bytes())
    assert made[0] == made[1]
    pairs = ", ".join(f'{{a: "a{at}", tags: ["b", "c"]}}' for at in range(500))
    for call, result in [
        (f"join([{pairs}])", "".join(f"a{at}bc" for at in range(500))),
        ("count(4)", "5"),
    ]:
        words = [tool("wasmtime"), "run", "--invoke", call, "one/build/component/app.wasm"]
        assert result in process.run(words, cwd=tmp_path).output
    one = Project(tmp_path / "one", project.env)
    one.write("cmd/app/export_my_ex_api/api.go", API.replace("Add(1)", "Add(2)"))
    assert one.doit().executed == ["component:app"]


TEST = """package export_my_ex_api

import (
	"testing"

	"ex.com/app/cmd/app/gen/imports/my_ex_api"
)

func TestJoin(t *testing.T) {
	got := Join([]my_ex_api.Pair{{A: "a", Tags: []string{"b"}}})
	if want := `{"joined":"ab"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
"""


def test_its_packages_are_tested_without_naming_the_runtime(project: Project) -> None:
    built = made_in(project.root / "p", project)
    rule = '    yield from go_test("app", path="cmd/app", compiler="go")\n'
    declared = DODO.format(more="") + rule
    built.write("dodo.py", declared.replace("go_component,", "go_component, go_test,"))
    built.write("cmd/app/export_my_ex_api/api_test.go", TEST)
    run = built.doit("test:app")
    assert run.code == 0, run.text
    assert "export_my_ex_api" in run.text
    built.write("cmd/app/export_my_ex_api/api_test.go", TEST.replace("ab", "xy"))
    run = built.doit("test:app")
    assert run.code != 0
    assert 'got {"joined":"ab"}, want {"joined":"xy"}' in run.text
    assert "1 failed" in built.doit("report", "--markdown").out
    assert "go.bytecodealliance.org" not in built.read("go.mod")


def test_its_module_is_vetted_without_naming_the_runtime(project: Project) -> None:
    built = made_in(project.root / "p", project)
    lint = '    yield from go_lint("app", path="cmd/app", compiler="go")\n'
    declared = DODO.format(more="") + lint
    built.write("dodo.py", declared.replace("go_component,", "go_component, go_lint,"))
    run = built.doit("lint:vet-app")
    assert run.code == 0, run.text
    wrong = API.replace("return MakeCounter(n).Add(1)", 'println("%d"); return MakeCounter(n)')
    built.write("cmd/app/export_my_ex_api/api.go", wrong)
    run = built.doit("lint:vet-app")
    assert run.code != 0
    assert "export_my_ex_api/api.go:" in run.text


def test_a_package_that_implements_an_export_is_asked_for_by_name(project: Project) -> None:
    built = made_in(project.root / "p", project)
    shutil.rmtree(built.root / "cmd/app/export_my_ex_api")
    run = built.doit()
    assert run.code != 0
    assert "the package ex.com/app/cmd/app/export_my_ex_api does not exist" in run.text
    assert "Count, CounterFrom" in run.text
    assert "a file of the directory cmd/app/export_my_ex_api" in run.text


def test_a_world_that_exports_nothing_is_that_of_a_program(
    project: Project, tool: Callable[[str], str]
) -> None:
    built = made_in(project.root / "p", project)
    built.write("cmd/app/wit/world.wit", "package my:ex;\nworld app { import i: interface {} }\n")
    built.write("cmd/app/main.go", PROGRAM)
    run = built.doit()
    assert run.code == 0, run.text
    words = [tool("wasmtime"), "run", built.root / "build/component/app.wasm", *"abcdef"]
    assert process.run(words).output.split() == ["6", "words", "100", "MiB"]


@pytest.mark.parametrize(
    ("wit", "words"),
    [
        ("interface i { f: async func(); }\nworld app { export i; }", "i.f is async"),
        ("interface i { f: func(s: stream<u8>); }\nworld app { import i; }", "i.f has a stream"),
        ("interface i { f: func(l: list<u8, 4>); }\nworld app { import i; }", "of fixed length"),
    ],
    ids=["async", "stream", "fixed length"],
)
def test_what_its_generator_lacks_is_reported_before_it_runs(
    project: Project, wit: str, words: str
) -> None:
    built = made_in(project.root / "p", project)
    built.write("cmd/app/wit/world.wit", f"package my:ex;\n{wit}\n")
    run = built.doit("bindings:app")
    assert run.code != 0
    assert "!! world:app" in run.text
    assert "wit-bindgen cannot generate world app: " in run.text
    assert words in run.text


def test_the_runtime_is_added_to_a_module_whatever_it_says_of_it(
    tmp_path: Path, tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "tool/wit"
    write_files(tmp_path, {"tool/wit/types/types.go": "package types\n"})
    old = "require go.bytecodealliance.org/pkg v0.2.1\n"
    for name, vendored in (("plain", False), ("vendored", True)):
        root = tmp_path / name
        lists = "# go.bytecodealliance.org/pkg v0.2.1\n## explicit\ngo.bytecodealliance.org/pkg/x\n"
        texts = {"go.mod": f"module a.b/c\n\ngo 1.24\n\n{old}"}
        texts["main.go"] = (
            'package main\n\nimport _ "go.bytecodealliance.org/pkg/wit/types"\n\nfunc main() {}\n'
        )
        if vendored:
            texts["vendor/modules.txt"] = lists
        write_files(root, texts)
        monkeypatch.chdir(root)
        add_runtime(Path(tool("go")), runtime)
        mode = "vendor" if vendored else "readonly"
        process.run([tool("go"), "vet", f"-mod={mode}", "."], env={"HOME": str(tmp_path)})


def test_flags_for_the_linker_are_added_to_ours() -> None:
    assert link_flags(["-ldflags=-s -w", "-tags=x", "-ldflags=-X=main.v=1"]) == [
        "-tags=x",
        "-ldflags=-checklinkname=0 -s -w -X=main.v=1",
    ]


def test_nothing_is_linked_for_a_world_without_exports(tmp_path: Path) -> None:
    write_files(tmp_path, {"gen/exports/wit_exports/wit_exports.go": "package wit_exports\n"})
    assert not add_exports(tmp_path / "gen", tmp_path, "a.b/gen")
    text = (
        'package wit_exports\n\nimport "a.b/export_x"\n\n//go:wasmexport f\nvar _ = export_x.F()\n'
    )
    write_files(tmp_path, {"gen/exports/wit_exports/wit_exports.go": text})
    with pytest.raises(CheckError, match=r"implements: F"):
        add_exports(tmp_path / "gen", tmp_path, "a.b/gen")
    write_files(tmp_path, {"export_x/x.go": "package export_x\n"})
    assert add_exports(tmp_path / "gen", tmp_path, "a.b/gen")


def test_exports_may_be_written_among_committed_bindings(tmp_path: Path) -> None:
    imported = 'import "a.b/gen/exports/export_x"'
    code = f"package p\n\n{imported}\n\n//go:wasmexport f\nvar _ = export_x.F()\n"
    write_files(tmp_path, {"gen/exports/wit_exports/wit_exports.go": code})
    with pytest.raises(CheckError, match=r"gen/exports/export_x"):
        add_exports(tmp_path / "gen", tmp_path, "a.b/gen")
    write_files(tmp_path, {"gen/exports/export_x/x.go": "package export_x\n"})
    assert add_exports(tmp_path / "gen", tmp_path, "a.b/gen")


def test_committed_bindings_elsewhere_must_be_named(project: Project) -> None:
    built = made_in(project.root / "p", project)
    built.write("cmd/app/internal/x/x.go", "// Generated by `wit-bindgen` 0.63.0. DO NOT EDIT!\n")
    run = built.doit("list")
    assert run.code == 3
    assert "bindings are committed, but not in cmd/app/gen" in run.text
    built.write("dodo.py", DODO.format(more=', bindings="internal"'))
    assert "bindings:app" not in built.doit("list", "--all").text

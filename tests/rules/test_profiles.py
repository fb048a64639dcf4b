"""One switch for what is built for: each profile is real, and has outputs of its own."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine.words import Out
from pipeline.rules.rust import rust_component
from pipeline.testing.project import Project
from rules.conftest import project_in
from rules.projects import ADD, package
from workshop import REPOSITORY

DODO = """
from pipeline import *
DOIT_CONFIG = doit_config(default_tasks=["component:cli", "component:lib"])
def task_all():
    yield from toolchains("toolchains")
    yield from wit_package("lib", path="lib/wit")
    yield from rust_component("cli", path="cli")
    yield from go_component("lib", path="lib")
    yield from run("cli")
    yield from run("lib", flags=["--invoke", "add(1, 2)"])
"""
RUST = """
from pipeline import *
DOIT_CONFIG = doit_config()
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("cli", path="cli")
"""
CRASH = "fn main() {\n    core::arch::wasm32::unreachable()\n}\n"
GO = """package main

import "ex.com/lib/gen/ex/lib/add"

var table []uint32

func init() {
	add.Exports.Add = func(x, y uint32) uint32 {
		return table[x] + y
	}
}

func main() {}
"""
FILES = {
    "dodo.py": DODO,
    "cli/Cargo.toml": package("cli"),
    "cli/Cargo.lock": 'version = 4\n\n[[package]]\nname = "cli"\nversion = "0.1.0"\n',
    "cli/src/main.rs": CRASH,
    "lib/go.mod": "module ex.com/lib\n\ngo 1.24\n\nrequire go.bytecodealliance.org/cm v0.3.0\n",
    "lib/main.go": GO,
    "lib/wit/lib.wit": f"package ex:lib;\n{ADD}world lib {{ export add; }}\n",
}


def digests(project: Project, below: str) -> list[str]:
    files = [project.root / below / f"component/{name}.wasm" for name in ("cli", "lib")]
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def has_lines(project: Project, below: str) -> list[bool]:
    """Return for each component whether it holds debugging information."""
    files = [project.root / below / f"component/{name}.wasm" for name in ("cli", "lib")]
    return [b".debug_line" in file.read_bytes() for file in files]


@pytest.mark.registry
def test_each_profile_is_real_and_switching_back_builds_nothing(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    shutil.copy(REPOSITORY / "components/downloader/go.sum", project.root / "go.sum")
    for name, text in FILES.items():
        project.write(name, text)
    shutil.move(project.root / "go.sum", project.root / "lib/go.sum")
    places = {"release": "build", "dev": "build/dev", "size": "build/size"}
    found = {}
    for profile, place in places.items():
        run = project.doit(f"profile={profile}")
        assert run.code == 0, run.text
        found[profile] = digests(project, place)
        assert has_lines(project, place) == [profile == "dev"] * 2
    for one, other in (("release", "dev"), ("release", "size"), ("dev", "size")):
        assert all(a != b for a, b in zip(found[one], found[other], strict=True)), (one, other)
    for words in ([], ["profile=dev"], ["profile=size"], ["profile=release"]):
        run = project.doit(*words)
        assert run.executed == [], (words, run.text)
    by_variable = replace(project, env={**project.env, "DOIT_WASM_PROFILE": "dev"})
    assert by_variable.doit().executed == []
    for task, line in (("run:cli", "src/main.rs:2:"), ("run:lib", "main.go:9:")):
        assert line in project.doit("profile=dev", task).text
        assert line not in project.doit("profile=release", task).text


STOCK = {
    "dodo.py": DODO.replace('path="lib")', 'path="lib", compiler="go")'),
    "lib/go.mod": "module ex.com/lib\n\ngo 1.24\n",
    "lib/main.go": "package main\n\nfunc main() {}\n",
    "lib/export_ex_lib_add/add.go": "package export_ex_lib_add\n\nvar table []uint32\n\n"
    "func Add(x, y uint32) uint32 {\n\treturn table[x] + y\n}\n",
}


def test_stock_go_keeps_names_for_dev(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    for name, text in {**FILES, **STOCK}.items():
        project.write(name, text)
    for profile, place in (("release", "build"), ("dev", "build/dev")):
        run = project.doit(f"profile={profile}", "component:lib")
        assert run.code == 0, run.text
        made = (project.root / place / "component/lib.wasm").read_bytes()
        assert (b"ex.com_lib_gen_exports" in made) == (profile == "dev")
        assert "add.go:6" in project.doit(f"profile={profile}", "run:lib").text


def test_a_dev_build_of_rust_is_the_same_in_another_directory(tmp_path: Path) -> None:
    """Its debugging information names files from the workspace on."""
    found = []
    for place in ("a", "b/c"):
        made = project_in(tmp_path / place)
        made.root.mkdir(parents=True)
        shutil.copytree(REPOSITORY / "toolchains", made.root / "toolchains")
        for name in ("cli/Cargo.toml", "cli/Cargo.lock", "cli/src/main.rs"):
            made.write(name, FILES[name])
        made.write("dodo.py", RUST)
        run = made.doit("profile=dev", "component:cli")
        assert run.code == 0, run.text
        found.append((made.root / "build/dev/component/cli.wasm").read_bytes())
    assert found[0] == found[1]
    assert str(tmp_path).encode() not in found[0]


def test_a_profile_that_there_is_not_is_named(project: Project) -> None:
    project.write("dodo.py", "from pipeline import doit_config\nDOIT_CONFIG = doit_config()\n")
    run = project.doit("list", "profile=fast")
    assert run.code == 3
    assert "profile=: there is no profile `fast`" in run.text
    assert "dev, release, size" in run.text
    run = replace(project, env={"DOIT_WASM_PROFILE": "Dev"}).doit("list")
    assert "DOIT_WASM_PROFILE: there is no profile `Dev`" in run.text


def test_a_rule_may_have_a_profile_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it makes is where the profile of the run has it, for others find it there."""
    monkeypatch.chdir(tmp_path)
    for name in ("cli/Cargo.toml", "cli/Cargo.lock", "cli/src/main.rs"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(FILES[name])
    made = {}
    for profile in ("dev", "release", "size", None):
        (task,) = rust_component("cli", path="cli", profile=profile)
        made[profile] = repr(list(task["actions"] or ()))
        assert list(task["targets"]) == [str(Out("build/component/cli.wasm").path)]
    assert "--release" not in made["dev"]
    assert "profile.size.opt-level" in made["size"]
    assert made[None] == made["release"]

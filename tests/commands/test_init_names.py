"""Names of components: what `doit-wasm init` derives, and what it refuses."""

from pathlib import Path

import pytest

from commands.scaffolding import init, snapshot
from pipeline.scaffold.names import ALLOWED, MOST, RESERVED

DERIVED = {
    "hello": "hello",
    "my_dir": "my-dir",
    "My Dir": "my-dir",
    "a.b-c": "a-b-c",
    "deep/er/web_server_2": "web-server2",
    "-x-": "x",
}
REFUSED = {
    "": "an argument is empty",
    "3d": "a word of it begins with a digit",
    "my-3d": "a word of it begins with a digit",
    "Hello": "it has upper-case letters",
    "my_name": "it has other characters",
    "x-": "it has other characters",
    "a--b": "it has other characters",
    "a/b": "it has other characters",
    "../x": "it has other characters",
    "x\n": "it has other characters",
    "grüße": "it is not ASCII",
    "x" * 200: "it has 200 characters",
    "func": "it is a keyword of WIT",
    "go": "it is a keyword of Go",
    "fn": "it is a keyword of Rust",
    "int": "it is a keyword of C",
    "lambda": "it is a keyword of Python",
    "delete": "it is a keyword of JavaScript",
    "std": "it is the name of a crate that Rust knows",
    "aux": "it is the name of a device on Windows",
    "build": "it is a directory with a meaning of its own",
}


@pytest.mark.parametrize(("directory", "name"), DERIVED.items())
def test_a_name_follows_from_the_directory_and_is_printed(
    tmp_path: Path, directory: str, name: str
) -> None:
    run = init(tmp_path, "--go", "--", directory)
    assert (run.returncode, run.stderr) == (0, "")
    said = f"the component is called {name}\n"
    assert run.stdout.startswith(said) == (Path(directory).name != name)
    dodo = (tmp_path / directory / "dodo.py").read_text()
    assert f'p.go_component("{name}", path="{name}", ' in dodo
    assert (tmp_path / directory / name / "go.mod").is_file()


def test_a_name_may_be_given(tmp_path: Path) -> None:
    run = init(tmp_path, "3d", "--name", "three-d", "--js")
    assert run.returncode == 0
    assert run.stdout.startswith("the component is called three-d\n")
    assert (tmp_path / "3d/three-d/app.js").is_file()
    assert init(tmp_path, "long", "--js", "--name", "x" * MOST).returncode == 0


@pytest.mark.parametrize(("name", "why"), REFUSED.items(), ids=[*map(repr, REFUSED)])
def test_a_name_that_some_language_refuses_is_refused(tmp_path: Path, name: str, why: str) -> None:
    run = init(
        tmp_path, "dir", "--rust", f"--name={name}" if name else "--name", *([] if name else [""])
    )
    assert run.returncode in (2, 3)
    assert why in run.stderr
    assert not name or ALLOWED in run.stderr
    assert snapshot(tmp_path) == {}


def test_a_refusal_proposes_the_nearest_name(tmp_path: Path) -> None:
    assert "write --name my-dir, or " in init(tmp_path, "d", "--c", "--name", "My_Dir").stderr


@pytest.mark.parametrize("directory", ["3d", "Übung", "lambda", "2024_06", "__"])
def test_a_directory_whose_name_cannot_be_that_of_a_component_asks_for_one(
    tmp_path: Path, directory: str
) -> None:
    run = init(tmp_path, directory, "--rust")
    assert run.returncode == 2
    assert "name it with --name: " + ALLOWED in run.stderr
    assert snapshot(tmp_path) == {}


def test_no_name_is_reserved_twice() -> None:
    names = " ".join(RESERVED.values()).split()
    assert len(names) == len(set(names))


def test_the_next_command_enters_a_directory_that_looks_like_an_option(tmp_path: Path) -> None:
    run = init(tmp_path, "--js", "--", "-dash")
    assert run.stdout.endswith("next: cd ./-dash && doit\n")


@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["written", "dry"])
def test_a_file_on_the_way_is_named(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "notes").write_text("")
    run = init(tmp_path, "notes/app", "--js", *more)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error: notes is not a directory\n")
    assert list(snapshot(tmp_path)) == ["notes"]

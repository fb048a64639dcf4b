"""`doit-wasm init` writes projects that build, and nothing where something is."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commands.conftest import Environment
from commands.scaffolding import init, snapshot
from conftest import STORE
from pipeline.scaffold.templates import LANGUAGES, Component, greeting, project
from pipeline.testing.project import Project
from workshop import REPOSITORY

PAGE = (REPOSITORY / "docs/howto/begin.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
RUST_PINS = ("hello/Cargo.toml", "hello/crates.lock")


def template(language: str, name: str = "hello") -> dict[str, bytes]:
    return dict(project(greeting(Component(name, language))))


@pytest.mark.registry
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_the_page_work_in_every_language_and_any_path(
    installed: Environment, tmp_path: Path, language: str
) -> None:
    """With an installed wheel, below a directory with a space and an umlaut."""
    place = tmp_path / "Übung eins"
    place.mkdir()
    store = {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"}
    path = f"{installed.root}/bin:{os.environ['PATH']}"
    names = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    block = BLOCK.replace("--rust", f"--{language}")
    if "tests/hello/test_hello.py" in template(language):  # it runs the component
        block = block.replace("doit run:hello\n", "")
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{block}doit -v0\ngit init -q .\ngit add -A"],
        cwd=place, env={**names, "PATH": path, **store}, text=True, timeout=900,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert ('"Hello, Ada!"' in run.stdout) == ("run:hello" in block)
    assert run.stdout.count(".  component:hello ") == 1  # the last doit has nothing to do
    assert run.stdout.count(".  test:hello ") == 1
    (project,) = place.iterdir()
    listed = subprocess.run(
        ["git", "ls-files"], cwd=project, text=True, capture_output=True, check=True
    ).stdout.split()
    assert sorted(listed) == sorted(template(language))  # git ignores what doit makes


def test_a_checkout_with_the_line_ends_of_windows_has_the_same_bytes(tmp_path: Path) -> None:
    assert init(tmp_path, "hello", "--c").returncode == 0
    for words in (
        ["init", "-q", "hello"],
        ["-C", "hello", "add", "-A"],
        ["-C", "hello", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"],
        ["-c", "core.autocrlf=true", "clone", "-q", "hello", "clone"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    for name, content in template("c").items():
        assert (tmp_path / "clone" / name).read_bytes() == content, name


def test_a_component_under_test_that_answers_otherwise_fails(tmp_path: Path) -> None:
    """In the template whose test runs the component, as quick to build as any."""
    assert init(tmp_path, "hello", "--c").returncode == 0
    project = Project(tmp_path / "hello", {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"})
    code = project.read("hello/greeting.c")
    project.write("hello/greeting.c", code.replace("Hello", "Goodbye"))
    run = project.doit()
    assert run.code == 1
    assert "AssertionError: assert 'Goodbye, Ada!' == 'Hello, Ada!'" in run.text


@pytest.mark.parametrize(
    ("language", "extra"), [("c", "pip install 'doit-wasm[test]' && "), ("go", "")]
)
def test_without_the_packages_that_tests_need_the_next_command_installs_them(
    tmp_path: Path, language: str, extra: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['wasmtime'] = None\n")
    before = f"export PYTHONPATH={tmp_path}:$PYTHONPATH;"
    run = init(tmp_path, "hello", f"--{language}", before=before)
    assert run.stdout.endswith(f"next: {extra}cd hello && doit\n"), run.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dry_run_names_every_file_and_writes_none(tmp_path: Path, language: str) -> None:
    run = init(tmp_path, "fresh", f"--{language}", "--dry-run")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        f"would write fresh/{name}" for name in template(language, "fresh")
    ]
    assert snapshot(tmp_path) == {}
    assert init(tmp_path, "fresh", f"--{language}").returncode == 0
    written = {name for name, text in snapshot(tmp_path / "fresh").items() if text is not None}
    assert written == {*template(language, "fresh")}
    assert len((tmp_path / "fresh/dodo.py").read_text().splitlines()) <= 10


def test_the_template_for_rust_has_the_crate_of_the_pinned_generator() -> None:
    tool = tomllib.loads((REPOSITORY / "toolchains/wit-bindgen.toml").read_text())
    files = {name: tomllib.loads(template("rust")[name].decode()) for name in RUST_PINS}
    assert files[RUST_PINS[0]]["dependencies"]["wit-bindgen"]["version"] == f"={tool['version']}"
    (locked,) = (one for one in files[RUST_PINS[1]]["package"] if one["name"] == "wit-bindgen")
    assert locked["version"] == tool["version"]


def test_a_third_language_is_a_further_component(tmp_path: Path) -> None:
    run = init(tmp_path, "fresh", "--go", "--rust", "--c")
    assert run.returncode == 2
    assert "; add others with `doit-wasm new component NAME --LANGUAGE`" in run.stderr


def test_it_needs_no_program_and_no_network(tmp_path: Path) -> None:
    before = "PATH=/nowhere; export PATH; https_proxy=http://127.0.0.1:9; export https_proxy;"
    for language in LANGUAGES:
        run = init(tmp_path, f"in-{language}", f"--{language}", before=before)
        assert (run.returncode, run.stderr) == (0, "")


def test_an_empty_directory_and_a_new_repository_will_do(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    run = init(tmp_path, ".", "--rust")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1] == "next: doit"
    assert (tmp_path / "dodo.py").is_file()


WITHOUT_DODO = """
from doit.cmd_base import DoitCmdBase
from pipeline.commands.main import Loader, Main

every = Main(Loader()).get_cmds()
of_tasks = [name for name in sorted(every) if issubclass(every.get_plugin(name), DoitCmdBase)]
more = {"affected": ["--since", "HEAD"], "strace": ["x"]}
named = [name for name in of_tasks if name not in ("dumpdb", "help", "tabcompletion")]
print(*named)
print(*(Main(Loader()).run([name, *more.get(name, [])]) for name in named))
"""

REFUSED = {
    "non-empty": (["full", "--rust"], 2, "full is not empty: it has mine.txt"),
    "a-file": (["full/mine.txt", "--rust"], 2, "full/mine.txt is not a directory"),
    "below-a-file": (["full/mine.txt/x", "--rust"], 2, "full/mine.txt is not a directory"),
    "a-link-to-nothing": (["broken", "--rust"], 2, "broken cannot be written: it is a link that"),
    "read-only": (["/sys/doit-wasm-new", "--rust"], 1, "/sys/doit-wasm-new cannot be written: "),
    "long": (["x" * 200, "--rust"], 2, "the name of a component: it has 200 characters"),
    "too-long": (["x" * 300, "--rust"], 1, "x cannot be written: File name too long"),
    "too-long-a-path": (["x/" * 2500, "--rust"], 1, "x cannot be written: File name too long"),
    "no-language": (["new"], 2, "takes one directory and one or two languages: it got new"),
    "unknown-language": (["new", "--cobol"], 2, "option --cobol not recognized"),
    "no-directory": (["--rust"], 2, "takes one directory and one or two languages: it got --rust"),
    "nothing": ([], 2, "takes one directory and one or two languages: it got nothing"),
    "three-languages": (["new", "--rust", "--go", "--c"], 2, "it got new --rust --go --c"),
    "two-languages-of-two": (["a", "b", "--rust", "--go"], 2, "it got a b --rust --go"),
    "two-directories": (["a", "b", "--rust"], 2, "it got a b --rust"),
}


@pytest.mark.parametrize(("words", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_begun_is_one_error_and_changes_nothing(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    (tmp_path / "broken").symlink_to("nowhere")
    before = snapshot(tmp_path)
    for more in [[], ["--dry-run"]] if code == 2 else [[]]:
        run = init(tmp_path, *words, *more)
        assert run.returncode == code
        assert run.stderr.startswith("error: ")
        assert said in run.stderr
        assert run.stderr.count("\n") == 3
        assert "\n  help: " in run.stderr
        assert ("help: shorten it: a name has at most 255 bytes" in run.stderr) == (
            "File name too long" in run.stderr
        )
        assert "\n  see:  doit-wasm help DW50" in run.stderr
        assert snapshot(tmp_path) == before


def test_a_project_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path) -> None:
    run = init(tmp_path, "deep/fresh", "--rust", before="ulimit -f 0;")
    assert run.returncode == 1
    assert run.stderr.startswith("error: deep/fresh")
    assert snapshot(tmp_path) == {}


def test_a_directory_without_dodo_file_says_how_to_begin(tmp_path: Path) -> None:
    """Whatever command is typed there that needs one, with doit's own commands."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_DODO], cwd=tmp_path, env=env,
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    names, codes = map(str.split, run.stdout.splitlines())
    assert {"run", "build", "plan", "list", "watch", "lint_inputs"} <= {*names}
    assert {*codes} == {"3"}
    assert run.stderr.count("help: make a project with `doit-wasm init DIR`") == len(names)
    assert run.stderr.count("ERROR: ") == len(names)
    assert snapshot(tmp_path) == {}

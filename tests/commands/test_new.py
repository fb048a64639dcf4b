"""`doit-wasm new component` adds to a project what builds, and leaves dodo.py as it was written."""

import subprocess
from pathlib import Path

import pytest

from commands.scaffolding import command, init, snapshot
from conftest import STORE
from pipeline.scaffold.dodo_file import DodoFile
from pipeline.scaffold.templates import LANGUAGES, Component, greeting
from pipeline.testing.project import Project

PLAIN = "import pipeline as p\n\nDOIT_CONFIG = p.doit_config()\n"
TOOLS = """from pipeline import doit_config, toolchains

DOIT_CONFIG = doit_config()
def task_tools():
    yield from toolchains()
"""


def new(cwd: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    return command(cwd, "new", *words, before=before)


def written_to(root: Path, dodo: bytes | str) -> Path:
    root.mkdir(exist_ok=True)
    path = root / "dodo.py"
    path.write_bytes(dodo if isinstance(dodo, bytes) else dodo.encode())
    return path


def test_two_components_of_two_languages_are_built_and_tested(tmp_path: Path) -> None:
    assert init(tmp_path, "app", "--c").returncode == 0
    project = Project(tmp_path / "app", {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"})
    (project.root / "deep").mkdir()
    run = new(project.root / "deep", "component", "my-words", "--go")
    assert (run.returncode, run.stderr) == (0, "")
    go = f"cd {project.root} && "
    assert run.stdout.endswith(f"next: {go}doit component:my-words test:my-words\n")
    built = project.doit()
    assert built.code == 0, built.text
    tasks = {"component:app", "test:app", "component:my-words", "test:my-words"}
    assert tasks < set(built.executed)
    assert project.doit().executed == []
    assert '"Hello, Ada!"' in project.doit("run:my-words").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dry_run_names_what_a_run_writes(tmp_path: Path, language: str) -> None:
    written_to(tmp_path, PLAIN)
    dry = new(tmp_path, "component", "words", f"--{language}", "--dry-run")
    assert list(snapshot(tmp_path)) == ["dodo.py"]
    wet = new(tmp_path, "component", "words", f"--{language}")
    assert (dry.returncode, wet.returncode) == (0, 0)
    said = dry.stdout.replace("would write", "wrote").replace("would add", "added")
    assert wet.stdout.startswith(said)
    files = {name for name, text in snapshot(tmp_path).items() if text is not None}
    assert files == {"dodo.py", *greeting(Component("words", language)).texts}
    listed = command(tmp_path, "list", "--all")
    assert "component:words " in listed.stdout, listed.stderr


@pytest.mark.parametrize(
    "dodo",
    [
        "",
        "# empty\n",
        "from pipeline import *\n",
        TOOLS,
        "import pipeline\nimport pipeline as wasm\np = 1\n",
        "import pipeline as p",
        PLAIN + "p = None\n",
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        "# coding: latin-1\n# Gr\xfc\xdfe\n".encode("latin-1") + PLAIN.encode(),
        PLAIN + "if True:\n\tdef task_x():\n\t\tyield p.step('x', doc='x', argv=['true'])\n",
    ],
)
def test_what_dodo_py_has_stays_byte_for_byte(tmp_path: Path, dodo: bytes | str) -> None:
    path = written_to(tmp_path, dodo)
    path.chmod(0o755)
    before = path.read_bytes()
    run = new(tmp_path, "component", "words", "--js")
    assert (run.returncode, run.stderr) == (0, "")
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") in (0, after.count(b"\n"))
    assert path.stat().st_mode & 0o777 == 0o755
    listed = command(tmp_path, "list", "--all")
    assert "component:words " in listed.stdout, listed.stderr
    assert "toolchain:node " in listed.stdout


REBOUND = {
    "assigned": "p = None",
    "in a loop": "for p in (): pass\nelse:\n    p = 1",
    "imported": "import os as p",
    "a part of a module": "from os import path as p",
    "a function": "def p(): ...",
    "a class": "class p: ...",
    "removed": "del p",
    "in a function": "def f():\n    global p\n    p = 1\nf()",
    "with a star": "__all__ = ['p']\nfrom other import *",
    "walrus": "print(p := 1)",
    "matched": "match 1:\n    case p: pass",
    "caught": "try:\n    1 / 0\nexcept ZeroDivisionError as p:\n    pass",
}


@pytest.mark.parametrize("line", REBOUND.values(), ids=REBOUND)
def test_a_name_that_may_mean_something_else_is_not_relied_on(tmp_path: Path, line: str) -> None:
    local = "def task_words():\n    import pipeline as p\n\n"
    for text, is_local in [(f"{PLAIN}{line}\n", True), (PLAIN + "p.name(q.p, p=p)\n", False)]:
        dodo = DodoFile.read(written_to(tmp_path, text))
        assert dodo.addition("task_words", "p.toolchains()", "").startswith(local) == is_local


UNSURE = {
    "an expression that goes on": (PLAIN + "x = 1 + \\", "its last line goes on"),
    "a comment that goes on": (PLAIN + "x = 1\\\n", "its last line goes on"),
    "a link": (PLAIN, "it is a link"),
    "read-only": (PLAIN, "it is read-only"),
}


@pytest.mark.parametrize(("dodo", "why"), UNSURE.values(), ids=UNSURE)
def test_lines_are_printed_if_dodo_py_cannot_be_edited(
    tmp_path: Path, dodo: str, why: str, request: pytest.FixtureRequest
) -> None:
    path = written_to(tmp_path, dodo)
    if why == "it is a link":
        path.rename(tmp_path / "real.py")
        path.symlink_to("real.py")
    if why == "it is read-only":
        path.chmod(0o444)
    run = new(tmp_path, "component", "words", "--js")
    if run.returncode == 2:  # Python reads no such end at all
        assert "is no Python" in run.stderr
        assert [*snapshot(tmp_path)] == ["dodo.py"]
    else:
        assert (
            f"dodo.py is not edited: {why}; add these lines to it:\n\ndef task_words():\n"
            in run.stdout
        )
        assert (tmp_path / "words/app.js").is_file()
    assert path.read_text() == dodo


REFUSED = {
    "no kind": ([], "makes a component: it got nothing"),
    "another kind": (["task", "x", "--go"], "makes a component: it got `task`"),
    "no name": (["component", "--go"], "takes `component`, one name and one language"),
    "no language": (["component", "words"], "one language: it got words"),
    "two languages": (["component", "words", "--go", "--c"], "it got words --go --c"),
    "an unknown language": (["component", "words", "--cobol"], "option --cobol not recognized"),
    "a name": (["component", "Words", "--go"], "upper-case letters"),
    "a directory": (["component", "taken", "--go"], "taken is there already"),
    "a link to nothing": (["component", "broken", "--go"], "broken is there already"),
    "a test": (["component", "tested", "--c"], "tests/tested/conftest.py is there already"),
    "a component": (["component", "there", "--c"], "dodo.py line 5 declares the component there"),
    "a function": (["component", "my-own", "--c"], "dodo.py line 4 has the function task_my_own"),
}
DODO = PLAIN + 'def task_my_own():\n    yield from p.c_component(name="there", path="elsewhere")\n'


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["run", "dry run"])
def test_what_cannot_be_added_is_one_error_and_changes_nothing(
    tmp_path: Path, words: list[str], said: str, dry: list[str]
) -> None:
    written_to(tmp_path, DODO)
    (tmp_path / "taken").mkdir()
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "tests/tested").mkdir(parents=True)
    (tmp_path / "tests/tested/conftest.py").write_text("mine")
    before = snapshot(tmp_path)
    run = new(tmp_path, *words, *dry)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ")
    assert said in run.stderr
    assert run.stderr.count("\n") == 3  # the error, its help and its code
    assert "\n  help: " in run.stderr
    assert snapshot(tmp_path) == before


def test_outside_of_a_project_it_says_how_to_begin(tmp_path: Path) -> None:
    run = new(tmp_path, "component", "words", "--go")
    assert run.returncode == 2
    assert "there is no dodo.py here or in a directory above" in run.stderr
    assert "`doit-wasm init DIR`" in run.stderr


def test_a_dodo_py_that_is_no_python_is_named_with_its_line(tmp_path: Path) -> None:
    written_to(tmp_path, "x = 1\ny = (\n")
    run = new(tmp_path, "component", "words", "--go")
    assert run.returncode == 2
    assert "error: dodo.py line 2 is no Python: '(' was never closed" in run.stderr
    assert [*snapshot(tmp_path)] == ["dodo.py"]


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_component_that_cannot_be_written_whole_leaves_nothing(
    tmp_path: Path, blocks: int
) -> None:
    """A file of nothing, or one of dodo.py's size, exceeds the limit."""
    written_to(tmp_path, PLAIN + "#" * 1000 + "\n")
    before = snapshot(tmp_path)
    run = new(tmp_path, "component", "words", "--go", before=f"ulimit -f {blocks};")
    assert run.returncode == 1
    assert "File too large" in run.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("My_Words", "write my-words, or name it: "), ("lambda", "choose another: ")],
)
def test_a_refusal_names_no_option_that_there_is_not(
    tmp_path: Path, name: str, remedy: str
) -> None:
    written_to(tmp_path, PLAIN)
    run = new(tmp_path, "component", name, "--js")
    assert run.returncode == 2
    assert f"  help: {remedy}" in run.stderr
    assert "--name" not in run.stderr

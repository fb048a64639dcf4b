"""Installing the package changes nothing for the other projects of an environment."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.conftest import Environment
from pipeline.commands import COMMANDS

DODO = """
from pipeline.theirs import NAME

def make(name):
    def task():
        return {"actions": [f"echo {NAME} >> ran-{name}"]}
    return task

for name in NAMES:
    globals()[f"task_{name}"] = make(name)
"""
TEST = """
from pipeline.theirs import NAME

def test_theirs(request):
    assert NAME == "theirs"
    manager = request.config.pluginmanager
    assert not [name for name, plugin in manager.list_name_plugin() if "pipeline" in repr(plugin)]
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def stranger(write: Write, tmp_path: Path) -> Path:
    """Give a project with a package `pipeline`, and tasks that have the names of our commands."""
    write("pipeline/__init__.py", "")
    write("pipeline/theirs.py", 'NAME = "theirs"\n')
    write("dodo.py", DODO.replace("NAMES", repr(sorted(COMMANDS))))
    write("conftest.py", "")
    write("test_theirs.py", TEST)
    return tmp_path


def test_doit_runs_the_tasks_of_a_stranger(installed: Environment, stranger: Path) -> None:
    run = installed.run("doit", cwd=stranger)
    assert (run.returncode, run.stderr) == (0, "")
    assert {path.name for path in stranger.glob("ran-*")} == {f"ran-{name}" for name in COMMANDS}
    for name in COMMANDS:
        assert installed.run("doit", name, cwd=stranger).returncode == 0
        assert (stranger / f"ran-{name}").read_text() == "theirs\n" * 2


def test_pytest_runs_the_tests_of_a_stranger(installed: Environment, stranger: Path) -> None:
    run = installed.run("pytest", "-q", cwd=stranger)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("program", "words"), [("doit", "--version"), ("doit", "list"), ("pytest", "--version")]
)
def test_no_module_of_ours_is_loaded(
    installed: Environment, stranger: Path, program: str, words: str
) -> None:
    run = installed.run(program, words, cwd=stranger, PYTHONPROFILEIMPORTTIME="1")
    assert run.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "doit.doit_cmd" in loaded or "pytest" in loaded
    ours = {name for name in loaded if name.partition(".")[0] == "pipeline"}
    assert ours <= {"pipeline", "pipeline.theirs"}  # their own


@pytest.mark.parametrize("words", [[], ["run"], ["list"], ["build"], ["explain"]])
def test_doit_wasm_names_the_package_that_hides_ours(
    installed: Environment, stranger: Path, words: list[str]
) -> None:
    (stranger / "below").mkdir()
    for place in (stranger, stranger / "below"):
        run = installed.run("doit-wasm", *words, cwd=place)
        assert (run.returncode, run.stdout) == (3, "")
        error, remedy, _see = run.stderr.splitlines()
        assert error.startswith(f"ERROR: {stranger}/pipeline/__init__.py has the name")
        assert remedy.startswith("  help: rename it, or use plain `doit` here")
    assert not list(stranger.glob("ran-*"))


def test_checksum_updater_is_not_confused(installed: Environment, stranger: Path) -> None:
    run = installed.run("checksum-updater", "list", cwd=stranger)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: the updater is not built\n  help: ")


@pytest.mark.parametrize("program", ["doit-wasm", "checksum-updater"])
@pytest.mark.parametrize("kind", ["package", "module"])
def test_a_package_on_the_path_that_hides_ours_is_named(
    installed: Environment, stranger: Path, write: Write, program: str, kind: str
) -> None:
    hiding = stranger / "pipeline/__init__.py"
    if kind == "module":
        shutil.rmtree(stranger / "pipeline")
        hiding = write("pipeline.py", "NAME = 'theirs'\n")
    run = installed.run(program, "list", cwd=stranger, PYTHONPATH=str(stranger))
    assert (run.returncode, run.stdout) == (3, "")
    error, remedy = run.stderr.splitlines()
    assert error.startswith(f"error: {hiding} hides the package of doit-wasm")
    assert "PYTHONPATH" in remedy


def test_doit_wasm_runs_tasks_that_have_the_names_of_its_commands(
    installed: Environment, write: Write, tmp_path: Path
) -> None:
    names = sorted(COMMANDS)
    write("dodo.py", DODO.replace("NAMES", repr(names)).replace("pipeline.theirs", "theirs"))
    write("theirs.py", 'NAME = "theirs"\n')
    run = installed.run("doit-wasm", "run", *names, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert {path.name for path in tmp_path.glob("ran-*")} == {f"ran-{name}" for name in names}


FIXTURE = "def test_it(fake_github):\n    assert fake_github.api_url.startswith('http')\n"


def test_the_fixture_comes_to_those_who_ask_for_it(
    installed: Environment, write: Write, tmp_path: Path
) -> None:
    write("test_it.py", FIXTURE)
    run = installed.run("pytest", "-q", cwd=tmp_path)
    assert "fixture 'fake_github' not found" in run.stdout
    run = installed.run("pytest", "-q", "-p", "pipeline.testing.plugin", cwd=tmp_path)
    assert run.returncode == 0, run.stdout
    write("conftest.py", 'pytest_plugins = ["pipeline.testing.plugin"]\n')
    run = installed.run("pytest", "-q", cwd=tmp_path)
    assert run.returncode == 0, run.stdout

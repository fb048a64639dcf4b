"""`doit-wasm`: doit's commands and ours, from anywhere in a project."""

import re
import signal
import subprocess
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.conftest import Environment
from pipeline.commands import COMMANDS, GROUPS
from workshop import REPOSITORY

Write = Callable[[str, str], Path]

DODO = """
from pipeline import Out, doit_config, step

DOIT_CONFIG = doit_config()

def task_all():
    yield step("one", doc="One", argv=["sh", "-c", "echo 1 > one.txt"], outputs=[Out("one.txt")])
"""


@pytest.fixture
def project(write: Write, tmp_path: Path) -> Path:
    write("dodo.py", DODO)
    write("sub/deep/file", "")
    return tmp_path


def test_help_lists_each_command_once_and_in_a_group(
    installed: Environment, tmp_path: Path
) -> None:
    for words in (["--help"], ["-h"], ["help"]):
        run = installed.run("doit-wasm", *words, cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, "")
        assert re.findall(r"^(\w.*)$", run.stdout, re.MULTILINE)[2:] == [*GROUPS]
        listed = re.findall(r"^  (\S+) ", run.stdout, re.MULTILINE)
        assert sorted(listed) == sorted(name for names in GROUPS.values() for name in names)
        assert set(COMMANDS) < set(listed)


def test_commands_of_doit_and_of_ours_work_from_a_directory_below(
    installed: Environment, project: Path
) -> None:
    for place in (project / "sub/deep", project):
        run = installed.run("doit-wasm", "plan", cwd=place)
        assert (run.returncode, run.stderr) == (0, "")
        assert "1 run" in run.stdout
    below = project / "sub/deep"
    assert installed.run("doit-wasm", cwd=below).returncode == 0
    assert (project / "one.txt").read_text() == "1\n"
    assert installed.run("doit-wasm", "run", "one", cwd=below).returncode == 0
    assert installed.run("doit-wasm", "list", cwd=below).stdout.split() == ["one", "One"]
    assert installed.run("doit-wasm", "explain", cwd=below).stdout == "one: fresh\n"
    assert installed.run("doit-wasm", "clean", cwd=below).returncode == 0
    assert not (project / "one.txt").exists()
    assert [path.parent for path in project.rglob("build")] == [project]


def test_the_directory_of_tools_is_that_of_the_project(
    installed: Environment, project: Path, write: Write
) -> None:
    write("toolchains/x.toml", 'version = "1"\n')
    run = installed.run("doit-wasm", "lock", "--check", cwd=project / "sub/deep")
    assert f"{project}/toolchains/x.toml" in run.stderr
    assert run.returncode == 2


def test_settings_are_those_beside_the_dodo_file(
    installed: Environment, project: Path, write: Write
) -> None:
    write("pyproject.toml", "[tool.doit.commands.list]\nquiet = true\n")
    write("sub/pyproject.toml", '[tool.doit.plugins.command]\nno = "such.module:No"\n')
    run = installed.run("doit-wasm", "list", cwd=project / "sub")
    assert (run.stdout.strip(), run.stderr) == ("one", "")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_help_by_either_spelling(
    installed: Environment, tmp_path: Path, name: str
) -> None:
    spellings = [name, name.replace("_", "-")]
    asked = [["help", spelling] for spelling in spellings]
    if name not in {"build", "dev", "watch"}:  # whose options are doit's
        asked += [[spelling, "--help"] for spelling in spellings] + [[name, "-h"]]
    for words in asked:
        run = installed.run("doit-wasm", *words, cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, "")
        assert f"doit-wasm {name}" in run.stdout


def test_records_of_doit_itself_are_read(
    installed: Environment, write: Write, tmp_path: Path
) -> None:
    """Those of a dodo.py without our settings; at first they are an empty file."""
    write("dodo.py", "def task_a():\n    return {'actions': ['echo hi']}\n")
    for name in ("dat", "dir"):
        write(f".doit.db.{name}", "")
    for _ in range(2):
        run = installed.run("doit-wasm", "plan", cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.startswith("run    a  ")
        installed.run("doit-wasm", cwd=tmp_path)


def test_a_hyphen_is_left_alone_in_a_task(
    installed: Environment, write: Write, tmp_path: Path
) -> None:
    write(
        "dodo.py",
        "def task_all():\n    yield {'basename': 'lint-inputs', 'actions': ['echo ran']}\n",
    )
    run = installed.run("doit-wasm", "run", "lint-inputs", cwd=tmp_path)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, ".  lint-inputs")


REFUSED = {
    "no-dodo": (["run"], "ERROR: Could not find dodo file 'dodo.py'."),
    "empty-word": (["run", ""], "ERROR: an argument is empty"),
    "no-task": (["run", "nope"], "ERROR: "),
    "option": (["plan", "--nope"], "ERROR: option --nope not recognized"),
    "option-of-doit": (["list", "--nope"], "ERROR: option --nope not recognized\n  help: see"),
    "option-of-none": (["--nope"], "ERROR: option --nope not recognized\n  help: see"),
    "info": (["info", "nope"], 'ERROR: command `info` invalid parameter: "nope"'),
    "a-directory": (["-f", "sub", "list"], "ERROR: {project}/sub is a directory"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_one_error(
    installed: Environment, project: Path, words: list[str], said: str
) -> None:
    if "dodo file" in said:
        (project / "dodo.py").unlink()
    run = installed.run("doit-wasm", *words, cwd=project)
    assert run.returncode == 3
    assert run.stderr.startswith(said.format(project=project))
    assert "Traceback" not in run.stderr
    assert "CmdOption" not in run.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["biuld"], "build"),
        (["lint-input"], "lint_inputs"),
        (["onee"], "one"),
        (["explain", "noe"], "one"),
        (["info", "oen"], "one"),
    ],
)
def test_a_mistyped_name_is_answered_with_one_that_is_there(
    installed: Environment, project: Path, words: list[str], meant: str
) -> None:
    run = installed.run("doit-wasm", *words, cwd=project)
    assert run.returncode == 3
    assert run.stderr.splitlines()[-2] == f"  help: did you mean `{meant}`?"
    assert run.stderr.splitlines()[-1] == "  see:  doit-wasm help DW605"


def test_the_code_of_an_error_is_explained(installed: Environment, tmp_path: Path) -> None:
    failed = installed.run("doit-wasm", "lock", "no-tool@1", cwd=tmp_path)
    assert failed.returncode == 2
    *command, code = failed.stderr.splitlines()[-1].removeprefix("  see:  ").split()
    run = installed.run(*command, code, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{code}: ")
    unknown = installed.run(*command, "DW999", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("error: no error has the code DW999\n  help: ")


BROKEN = {
    "syntax": ("def x(\n", "1: '(' was never closed: def x("),
    "import": ("\nimport no_such_module\n", "2: ModuleNotFoundError: No module named"),
    "task": ("def task_a():\n    return {'actions': [nope]}\n", "2: NameError: name 'nope'"),
    "elsewhere": ("import json\n\njson.loads('{')\n", "3: JSONDecodeError: "),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_an_error_of_dodo_py_names_its_line(
    installed: Environment, project: Path, write: Write, text: str, said: str
) -> None:
    write("dodo.py", text)
    for words in ([], ["list"], ["explain"], ["build"]):
        run = installed.run("doit-wasm", *words, cwd=project / "sub")
        assert (run.returncode, run.stdout) == (3, "")
        assert run.stderr.startswith(f"ERROR: {project}/dodo.py:{said}")
        assert "Traceback" not in run.stderr
    if "Error" in said:
        run = installed.run("doit-wasm", "list", cwd=project, DOIT_WASM_DEBUG="1")
        assert "Traceback" in run.stderr


@pytest.mark.parametrize("words", ["list", "plan", "--help", "--version", "explain one"])
@pytest.mark.parametrize(
    ("to", "said"),
    [(">&-", "standard output is closed"), (">/dev/full", "standard output: No space left on ")],
)
def test_output_that_cannot_be_written_is_one_error(
    installed: Environment, project: Path, words: str, to: str, said: str
) -> None:
    script = f"exec {installed.root}/bin/doit-wasm {words} {to}"
    run = subprocess.run(
        ["sh", "-c", script], cwd=project, capture_output=True, text=True, check=False
    )
    assert run.returncode == 3
    assert run.stderr.startswith(f"ERROR: {said}")
    assert len(run.stderr.splitlines()) == 1


def test_ctrl_c_while_dodo_py_is_read_is_no_traceback(
    installed: Environment, project: Path, write: Write
) -> None:
    write("dodo.py", "import time\n\nopen('there', 'w').close()\ntime.sleep(60)\n")
    run = subprocess.Popen(
        [installed.root / "bin/doit-wasm", "list"], cwd=project, stderr=subprocess.PIPE, text=True
    )
    while not (project / "there").exists() and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (130, "interrupted\n")


def test_a_directory_that_is_gone_is_one_error(installed: Environment, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {installed.root}/bin/doit-wasm list"
    run = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (
        3,
        "ERROR: the current directory: No such file or directory\n",
    )


def test_versions_are_printed(installed: Environment, tmp_path: Path) -> None:
    run = installed.run("doit-wasm", "--version", cwd=tmp_path)
    assert re.fullmatch(r"doit-wasm \S+, doit \S+\n", run.stdout)


def test_this_repository_opts_in_to_every_command() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert settings["tool"]["doit"]["plugins"]["command"] == {
        **COMMANDS,
        "run": "pipeline.commands.run:Run",  # in the place of doit's own
    }
    assert "entry-points" not in settings["project"]

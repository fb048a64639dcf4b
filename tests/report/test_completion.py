"""`doit-wasm completion`: what each shell offers for a word that is being typed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commands import COMMANDS
from pipeline.testing.project import Project
from pipeline.testing.terminal import PseudoTerminal
from report.runs import make

TASKS = [
    """shell("component:cli", "true")""",
    """shell("component:clean", "true")""",
    """shell("only:one", "true")""",
    """group("component", "component:cli")""",
    """shell("_private", "true")""",
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project, and `doit` and `doit-wasm` on the PATH."""
    made = make(tmp_path / "project", *TASKS)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in {"doit": "doit", "doit-wasm": "pipeline"}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        program.chmod(0o755)
    path = f"{programs}:{made.environment()['PATH']}"
    return Project(made.root, {**made.env, "PATH": path, "HOME": str(tmp_path), "PS1": "$ "})


def needs(shell: str) -> pytest.MarkDecorator:
    why = f"{shell} is not installed: `apt-get install {shell}`, or what your system calls it"
    return pytest.mark.skipif(shutil.which(shell) is None, reason=why)


STARTS = {
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
LOADS = {
    "bash": 'eval "$(doit-wasm completion bash)"; echo rea""dy\n',
    "zsh": "autoload -U compinit; compinit -D -u\n"
    'eval "$(doit-wasm completion zsh)"; echo rea""dy\n',
}
TYPED = {
    "command": ("doit tabcom", "doit tabcompletion "),
    "our-command": ("doit-wasm compl", "doit-wasm completion "),
    "task-of-ours": ("doit-wasm only", "doit-wasm only:one "),
    "task": ("doit only", "doit only:one "),
    "after-the-colon": ("doit only:", "doit only:one "),
    "part-after-the-colon": ("doit only:o", "doit only:one "),
    "whole": ("doit component:cli", "doit component:cli "),
    "common-beginning": ("doit component:c", "doit component:cl"),
    "task-of-a-command": ("doit-wasm build only:", "doit-wasm build only:one "),
    "second-task": ("doit run component:cli on", "doit run component:cli only:one "),
    "command-to-help": ("doit help tabcom", "doit help tabcompletion "),
}


@pytest.mark.parametrize(("typed", "completed"), TYPED.values(), ids=TYPED.keys())
@pytest.mark.parametrize("shell", [pytest.param(name, marks=needs(name)) for name in STARTS])
def test_tab_completes(project: Project, shell: str, typed: str, completed: str) -> None:
    env = project.environment() | {"TERM": "dumb"}
    with PseudoTerminal(STARTS[shell], cwd=project.root, env=env) as terminal:
        terminal.press(LOADS[shell])
        terminal.until("ready")
        terminal.press(f"{typed}\t")
        terminal.until(completed)


FISH = {
    "commands-and-tasks": ("doit-wasm ", {"build", "watch", "run", "component:cli", "only:one"}),
    "task-with-its-doc": ("doit component:cli", {"component:cli\td"}),
    "after-a-command": ("doit run only", {"only:one\td"}),
    "help": ("doit help tabcom", {"tabcompletion"}),
}


@needs("fish")
@pytest.mark.parametrize(("typed", "wanted"), FISH.values(), ids=FISH.keys())
def test_fish_completes(project: Project, typed: str, wanted: set[str]) -> None:
    script = f"doit-wasm completion fish | source; complete -C '{typed}'; exit"
    with PseudoTerminal(
        ["fish", "--no-config", "-c", script], cwd=project.root, env=project.environment()
    ) as terminal:
        assert terminal.end() == 0
    offered = {line.rstrip("\r") for line in terminal.raw.split("\n")}
    bare = {line.split("\t")[0] for line in offered}
    assert wanted <= offered | bare
    assert "_private" not in bare


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_holds_every_command_and_asks_doit_for_tasks(project: Project, shell: str) -> None:
    run = project.doit("completion", shell)
    assert (run.code, run.err) == (0, "")
    for command in ("build", "clean", "explain", "forget", "list", "run", "watch"):
        assert re.search(rf"[ ('\"]{command}[ )'\"]", run.out)
    assert " list --all" in run.out
    assert "only:one" not in run.out
    assert "@" not in run.out.replace("[@]", "").replace("[@]#", "")


def test_a_script_is_had_without_a_dodo_file(tmp_path: Path) -> None:
    run = Project(tmp_path).doit("completion", "bash")
    assert run.code == 0
    assert "complete -o default -F _doit doit doit-wasm\n" in run.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_offers_our_commands_after_doit_only_where_doit_has_them(
    project: Project, shell: str
) -> None:
    stranger = project.doit("completion", shell).out
    names = ["build", "toolchain_matrix"]
    opted = "\n".join(f'{name} = "{COMMANDS[name]}"' for name in [*names, "completion"])
    project.write("pyproject.toml", f"[tool.doit.plugins.command]\n{opted}\n")
    run = subprocess.run(
        [sys.executable, "-m", "doit", "completion", shell],
        cwd=project.root, env=project.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [text.count("toolchain_matrix") for text in (stranger, run.stdout)] in ([1, 2], [2, 4])


REFUSED = {"none": [], "unknown": ["tcsh"], "two": ["bash", "zsh"]}


@pytest.mark.parametrize("args", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_shell_is_refused(project: Project, args: list[str]) -> None:
    run = project.doit("completion", *args)
    assert run.code == 2
    assert "name one shell of bash, zsh, fish" in run.err
    assert "Traceback" not in run.err

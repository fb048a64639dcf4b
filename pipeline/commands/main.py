"""`doit-wasm`: doit with additional commands, in the projects that ask for them.

Installing the package adds nothing to doit: no entry point names a command, so any dodo.py of the
environment may have tasks called `build` or `lock`.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.metadata import version
from pathlib import Path
from typing import Any

from doit.cmd_base import Command, DodoTaskLoader, opt_cwd, opt_dodo, opt_seek_file
from doit.cmd_help import Help as DoitHelp
from doit.cmd_info import Info as DoitInfo
from doit.doit_cmd import DoitMain
from doit.exceptions import InvalidCommand, InvalidDodoFile
from doit.plugin import PluginDict, PluginEntry
from doit.task import Task

import pipeline
from pipeline.commands import COMMANDS, GROUPS, NAME
from pipeline.commands.error_help import entry, is_code
from pipeline.commands.project_root import dodo_file, project_root
from pipeline.commands.user_errors import failed, guarded, reading
from pipeline.error_codes import coded
from pipeline.errors import exit_code_of
from pipeline.ownership import doubt
from pipeline.process import sigpipe

PLAN = "--plan"
INTERRUPTED = 130
"""The exit code that shells give a command that Ctrl-C has ended."""


class Help(DoitHelp):
    """Prints help, with the commands grouped by purpose."""

    def print_usage(self, cmds: Mapping[str, Any]) -> None:
        """Print every command with its purpose."""
        lines = [
            f"{self.bin_name} builds WebAssembly components with doit; re-runs only what changed.",
            f"Usage: {self.bin_name} [COMMAND] [OPTION ...] [TASK ...]; without a COMMAND: run",
        ]
        grouped = {name for names in GROUPS.values() for name in names}
        more = {"Of this project": sorted(set(cmds) - grouped)}
        for title, names in {**GROUPS, **more}.items():
            there = [name for name in names if name in cmds]
            lines += ["", title] * bool(there)
            lines += [f"  {name:<17} {cmds[name].doc_purpose}" for name in there]
        lines += [
            "",
            f"`{self.bin_name} help COMMAND` describes one; `help TASK` a task, `help CODE`",
        ]
        lines[-1] += " an error."
        sys.stdout.write("\n".join(lines) + "\n")

    def execute(self, params: Mapping[str, Any], args: Sequence[str]) -> int:
        """Print help about a command, a task or the code of an error; called by doit."""
        if len(args) == 1 and is_code(args[0]):
            return exit_code_of(lambda: sys.stdout.write(entry(args[0])) * 0)
        return int(super().execute(params, args))


class Loader(DodoTaskLoader):
    """Loads the dodo.py of this directory or one above, unless it hides the package `pipeline`."""

    cmd_options = (opt_dodo, opt_cwd, opt_seek_file | {"default": True})

    def setup(self, opt_values: Mapping[str, Any]) -> None:
        """Load dodo.py; called by doit.

        Raises:
            InvalidDodoFile: The project has its own package `pipeline`, or the file was found above
                this directory and another user could have put it there.
        """
        self._dodo = dodo = dodo_file(opt_values)
        if not dodo.exists():
            what = f"Could not find dodo file {str(opt_values['dodoFile'])!r}."
            fix = f"make a project with `{NAME} init DIR`, or name a dodo.py with `-f FILE`"
            raise InvalidDodoFile(coded(f"{what}\n  help: {fix}", "DW601"))
        if dodo.is_dir():
            what = f"{dodo} is a directory\n  help: name the dodo.py in it"
            raise InvalidDodoFile(coded(what, "DW601"))
        if dodo.parent != Path(opt_values["dodoFile"]).absolute().parent:
            _require_trusted(dodo)
        folders = [dodo.parent, Path(opt_values["cwdPath"] or ".")]
        found = PathFinder.find_spec("pipeline", [str(folder.absolute()) for folder in folders])
        if found and found.origin and not Path(found.origin).samefile(pipeline.__file__):
            what = f"{found.origin} has the name of the package of doit-wasm: `pipeline`"
            fix = "rename it, or use plain `doit` here"
            raise InvalidDodoFile(coded(f"{what}\n  help: {fix}", "DW604"))
        with reading(dodo):
            super().setup(opt_values)

    def load_tasks(self, cmd: Command, pos_args: Sequence[str]) -> list[Task]:
        """Load the tasks, which may have the names of commands; called by doit."""
        self.cmd_names = sorted(set(self.cmd_names) - set(COMMANDS))
        with reading(self._dodo):
            return super().load_tasks(cmd, pos_args)


class Info(DoitInfo):
    """Shows how a task stands, if there is such a task."""

    def _execute(
        self,
        pos_args: Sequence[str],
        hide_status: bool = False,  # noqa: FBT001, FBT002 - doit reads the names of its options here
    ) -> int:
        for word in pos_args:
            if word not in {task.name for task in self.task_list}:
                raise InvalidCommand(not_found=word)
        return int(super()._execute(pos_args, hide_status))


class Commands(PluginDict):
    """Commands by name."""

    def get_plugin(self, key: str) -> type[Command]:
        """Return a command; called by doit."""
        return guarded(super().get_plugin(key))


class Main(DoitMain):
    """doit's command line with more commands."""

    BIN_NAME = NAME
    DOIT_CMDS = (
        *(Help, Info),
        *(each for each in DoitMain.DOIT_CMDS if each not in (DoitHelp, DoitInfo)),
    )

    def get_cmds(self) -> Commands:
        """Return all commands; those that the project defines take precedence."""
        ours = {name: PluginEntry("COMMAND", name, place) for name, place in COMMANDS.items()}
        found = Commands(ours)
        found.update(super().get_cmds())
        if not isinstance(found["run"], PluginEntry):  # else the project has its own
            found["run"] = PluginEntry("COMMAND", "run", "pipeline.commands.run:Run")
        return found

    def process_args(self, cmd_args: Sequence[str]) -> list[str]:
        """Return the words that set no variable, with `lint-inputs` turned into `lint_inputs`.

        `releases` is a task; its plan is a command, `polls`.
        """
        words = super().process_args(cmd_args)
        if words[:1] == ["releases"] and PLAN in words:
            words = ["polls", *(word for word in words[1:] if word != PLAN)]
        for place in range(2 if words[:1] == ["help"] else 1):
            words[place : place + 1] = [
                word.replace("-", "_") if word.replace("-", "_") in COMMANDS else word
                for word in words[place : place + 1]
            ]
        return words

    @staticmethod
    def print_version() -> None:
        """Print the versions of this package and of doit."""
        sys.stdout.write(f"{NAME} {version(NAME)}, doit {version('doit')}\n")


def _require_trusted(dodo: Path) -> None:
    """Raise unless only this user and root can have written *dodo*, which the user did not name."""
    if why := doubt(str(dodo)):
        fix = f"go to {dodo.parent}, or name it with `-f {dodo}`, if you trust it"
        raise InvalidDodoFile(coded(f"{dodo} is not run: {why}\n  help: {fix}", "DW603"))


def main() -> int:
    """Run the command line; return the exit code."""
    sigpipe.end_quietly()
    words = sys.argv[1:]
    if words[:1] in (["--help"], ["-h"]):
        words = ["help"]
    elif words[1:] == ["-h"] and words[0].replace("-", "_") in COMMANDS:
        words = [words[0], "--help"]
    try:
        with contextlib.chdir(project_root()):  # doit reads its settings in the current directory
            program = Main(Loader())
    except OSError as error:
        return _refuse(f"the current directory: {error.strerror}")
    if "" in words or sys.stdout is None:
        return _refuse("an argument is empty" if sys.stdout else "standard output is closed")
    return _run(program, words)


def _run(program: Main, words: Sequence[str]) -> int:
    try:
        return int(program.run(words) or 0)
    except OSError as error:
        return _refuse(failed(error))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED


def _refuse(what: str) -> int:
    sys.stderr.write(f"ERROR: {what}\n")
    return 3

"""The base of commands that read no dodo.py."""

from __future__ import annotations

import getopt
import json
import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from doit.cmd_base import Command

from pipeline.commands.project_root import beside_dodo
from pipeline.engine import layout
from pipeline.errors import DeclarationError, exit_code_of
from pipeline.process import sigpipe
from pipeline.toolchain.spec.tool_files import SHIPPED, ToolFiles

if TYPE_CHECKING:
    from typing import Any, Final


class StandaloneCommand(Command):
    """A command that reports its errors with the messages and exit codes of this package."""

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Run the command, or print its help; called by doit."""
        sigpipe.end_quietly()
        if "--help" in in_args:
            sys.stdout.write(f"{self.help()}\n")
            return 0
        return exit_code_of(
            lambda: super(StandaloneCommand, self).parse_execute(self._sorted(in_args))
        )

    def _sorted(self, words: Sequence[str]) -> list[str]:
        """Move options before words, because doit would take options that follow for words."""
        try:
            options, rest = getopt.gnu_getopt(
                list(words), self.cmdparser.get_short(), self.cmdparser.get_long()
            )
        except getopt.GetoptError as error:
            raise DeclarationError(str(error), fix=f"see `doit-wasm help {self.name}`") from error
        valued = {f"--{name[:-1]}" for name in self.cmdparser.get_long() if name.endswith("=")}
        joined = [
            f"{name}={value}" if name in valued else f"{name}{value}" for name, value in options
        ]
        return [*joined, "--", *rest]

    def execute(self, opt_values: Mapping[str, Any], pos_args: Sequence[str]) -> int:
        """Perform the command; called by doit."""
        return exit_code_of(lambda: self.perform(opt_values, pos_args))

    @abstractmethod
    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Perform the command and return the exit code.

        Raises:
            PipelineError: The command failed.
        """


def flag(name: str, about: str) -> dict[str, object]:
    """Return a boolean option."""
    long = name.replace("_", "-").removeprefix("as-")
    return {
        "name": name,
        "long": long,
        "short": "",
        "type": bool,
        "default": False,
        "help": about,
    }


def no_words(words: Sequence[str], command: str) -> None:
    """Require that there are no *words*.

    Raises:
        DeclarationError: There are words.
    """
    if words:
        what = f"`doit-wasm {command}` takes no arguments: {' '.join(words)}"
        raise DeclarationError(what, fix=f"see `doit-wasm help {command}`")


def write_json(value: object) -> None:
    """Write *value* to standard output as JSON."""
    sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")


DIRECTORY: Final[dict[str, object]] = {
    "name": "tools",
    "long": "tools",
    "short": "",
    "type": str,
    "default": "",
    "metavar": "DIR",
    "help": "directory of TOML files [default: toolchains, next to dodo.py, if there]",
}

AS_JSON: Final = flag("as_json", "for programs; the shape is in docs/reference/toolchains.md")


def tool_files(options: Mapping[str, Any]) -> ToolFiles:
    """Return the TOML files of the project: those of its directory, and ours.

    Raises:
        DeclarationError: A directory is named that is missing or has no TOML files.
    """
    path = Path(options["tools"]) if options["tools"] else beside_dodo("toolchains")
    files = ToolFiles.of_project(path)
    if files.has_own:
        return files
    if options["tools"]:
        what = f"there is no directory {path} with TOML files of tools"
        raise DeclarationError(what, fix="name another with --tools DIR")
    return ToolFiles.of_project(None)


def own_tool_files(options: Mapping[str, Any]) -> ToolFiles:
    """Return the TOML files of the project, as `tool_files` does, to be rewritten.

    Raises:
        DeclarationError: The project has none of its own: those of this package stay as they are.
    """
    own = Path(options["tools"]) if options["tools"] else beside_dodo("toolchains")
    found = tool_files(options)
    if own.absolute() != found.first.absolute():
        raise DeclarationError(
            f"there is no directory {own}, and the tools of {found.first} are not rewritten",
            fix=f"copy the TOML file of each tool that you want to move to {own}",
        )
    return found


def chosen_tools(options: Mapping[str, Any], files: ToolFiles) -> list[str]:
    """Return the tools of the named directory, or those that the project declares or has used.

    If it has neither, return all.
    """
    if options["tools"]:
        return files.names_of_first()
    own = [] if files.first == SHIPPED else files.names_of_first()
    stamps = beside_dodo(str(layout.TOOLS)).glob("*.json")
    used = {stamp.stem for stamp in stamps}.intersection(files.names())
    return sorted(used.union(own)) or files.names()

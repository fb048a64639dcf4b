"""What the commands about tools have in common: they need no dodo.py, only the TOML files."""

from __future__ import annotations

import getopt
import json
import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from doit.cmd_base import Command
from doit.exceptions import InvalidCommand

from pipeline.errors import DeclarationError, exit_code_of

if TYPE_CHECKING:
    from typing import Any, Final

DIRECTORY: Final[dict[str, object]] = {
    "name": "tools",
    "long": "tools",
    "short": "",
    "type": str,
    "default": "toolchains",
    "metavar": "DIR",
    "help": "directory of the TOML files [default: %(default)s]",
}


def flag(name: str, about: str) -> dict[str, object]:
    """Return an option that is there or not."""
    long = name.replace("_", "-").removeprefix("as-")
    return {
        "name": name,
        "long": long,
        "short": "",
        "type": bool,
        "default": False,
        "help": about,
    }


AS_JSON: Final = flag("as_json", "for programs; the shape is in docs/reference/toolchains.md")


class ToolCommand(Command):
    """A command whose errors are ours: they are told in our words and with our exit codes."""

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Let options come after words too; called by doit, which would take them for words."""
        short, long = self.cmdparser.get_short(), self.cmdparser.get_long()
        try:
            options, words = getopt.gnu_getopt(list(in_args), short, long)
        except getopt.GetoptError as error:
            raise InvalidCommand(f"{error} (help: `doit help {self.name}`)") from error
        given = [f"{name}={value}" if value else name for name, value in options]
        return super().parse_execute([*given, "--", *words])

    def execute(self, opt_values: Mapping[str, Any], pos_args: Sequence[str]) -> int:
        """Run the command; called by doit."""
        return exit_code_of(lambda: self.perform(opt_values, pos_args))

    @abstractmethod
    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Do what was asked for and return the exit code.

        Raises:
            PipelineError: It cannot be done.
        """


def directory(options: Mapping[str, Any]) -> Path:
    """Return the directory of the TOML files.

    Raises:
        DeclarationError: It is not there.
    """
    path = Path(options["tools"])
    if not path.is_dir():
        raise DeclarationError(
            f"there is no directory {path} with TOML files of tools",
            fix="run this where dodo.py is, or name the directory with --tools DIR",
        )
    return path


def no_words(words: Sequence[str], command: str) -> None:
    """Return if there are no *words*.

    Raises:
        DeclarationError: There are some.
    """
    if words:
        what = f"`doit {command}` takes no arguments: {' '.join(words)}"
        raise DeclarationError(what, fix=f"see `doit help {command}`")


def write_json(value: object) -> None:
    """Write *value* to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")

"""What a user gets wrong is one message of `doit-wasm`, also where doit prints a traceback."""

from __future__ import annotations

import difflib
import functools
import getopt
import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from doit.cmd_base import Command
from doit.cmdparse import CmdParseError
from doit.exceptions import InvalidCommand, InvalidDodoFile, InvalidTask

from pipeline.commands import GROUPS
from pipeline.engine import layout
from pipeline.error_codes import coded
from pipeline.settings import DEBUG

_OF_DOIT = (InvalidCommand, InvalidDodoFile, InvalidTask)


@contextmanager
def reading(dodo: Path) -> Iterator[None]:
    """Have an error of the code of a dodo.py name its line, without a traceback.

    Raises:
        InvalidDodoFile: The code failed.
    """
    try:
        yield
    except _OF_DOIT:
        raise
    except SyntaxError as error:
        place = f"{error.filename or dodo}:{error.lineno}"
        what = f"{place}: {error.msg}: {(error.text or '').strip()}"
        raise InvalidDodoFile(coded(what, "DW602")) from error
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).name == dodo.name]
        place = f"{dodo}:{lines[-1]}" if lines else str(dodo)
        what = f"{place}: {type(error).__name__}: {error}"
        fix = f"correct it; with {DEBUG}=1 the whole traceback is printed"
        raise InvalidDodoFile(coded(f"{what}\n  help: {fix}", "DW602")) from error


class UnknownNameError(InvalidCommand):
    """A word that is no command, task or target; it may have been meant for one."""

    def __init__(self, word: str, known: Sequence[str]) -> None:
        super().__init__(not_found=word)
        self._near = difflib.get_close_matches(word.replace("-", "_"), known, 1)

    def __str__(self) -> str:
        help_ = f"\n  help: did you mean `{self._near[0]}`?" if self._near else ""
        return coded(super().__str__().rstrip() + help_, "DW605")


class _Guarded(Command):
    def parse_execute(self, in_args: Sequence[str]) -> int:
        try:
            return super().parse_execute(in_args)
        except CmdParseError as error:
            if isinstance(error.__context__, getopt.GetoptError):
                what = f"{error.__context__}\n  help: see `{self.bin_name} help {self.name}`"
                raise CmdParseError(coded(what, "DW501")) from error
            raise
        except InvalidCommand as error:
            if error.not_found is None:
                raise
            tasks = [task.name for task in getattr(self, "task_list", None) or ()]
            known = [*tasks, *(name for names in GROUPS.values() for name in names)]
            raise UnknownNameError(error.not_found, known) from error
        except OSError as error:
            raise InvalidCommand(coded(failed(error), "DW606")) from error
        except sqlite3.Error as error:
            what = f"{layout.state()} cannot be written: {error}"
            fix = "make room on the disk; what is not recorded runs again, or comes from the cache"
            raise InvalidCommand(coded(f"{what}\n  help: {fix}", "DW607")) from error


def failed(error: OSError) -> str:
    """Return what could not be read or written; what is left to write goes nowhere."""
    if error.filename is None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return f"{error.filename or 'standard output'}: {error.strerror}"


@functools.cache
def guarded(command: type[Command]) -> type[Command]:
    """Return *command* with errors as this module reports them."""
    return type(command.__name__, (_Guarded, command), {"__doc__": command.__doc__})

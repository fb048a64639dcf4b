"""The errors of this package, in one tree.

    PipelineError                  1  a request could not be carried out
      DeclarationError             2  a dodo.py or a TOML file is invalid
      CommandError                 1  a process ended with an error
      StepError                    1  a build step broke a promise
      ToolMissingError             1  a step needs a tool that is not installed
      SourceUnavailableError       1  one source of a tool is unavailable; the next may serve
      NoSourceError                1  no source of a tool could serve
        OfflineError               1  a network is needed but must not be used
      DownloadError                1  a transfer failed
        TransferBrokenError        1  a transfer failed for a reason that may pass
      VerificationError            4  bytes differ from the pinned ones
      ArchiveRefusedError          1  an archive would write outside its directory, or is too large
      StoreError                   1  the store cannot be read or written
      CheckError                   1  a built component fails a check
      PartialError                 *  a part of the work failed; the rest is done and kept

The number is the exit code. A message states
what failed and on what, why, the facts, the remedy, and the code of its kind (`error_codes`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import ClassVar

from pipeline import error_codes

_SPACES = "\n\t\u00a0\u3000"


class PipelineError(Exception):
    """A request could not be carried out.

    Args:
        what: What failed, on what; lower case, no final period.
        why: The cause, appended after a colon.
        fix: What the user can do next; shown on a `help:` line.
        facts: Further lines, `name: value`; underscores in names become spaces.
    """

    exit_code: ClassVar[int] = 1
    class_code: ClassVar[str] = "DW001"

    def __init__(self, what: str, *, why: str = "", fix: str = "", **facts: object) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.facts = facts

    def __str__(self) -> str:
        """Return the whole message, one fact per line, without sequences that act on a terminal."""
        lines = [f"{self.what}: {self.why}" if self.why else self.what]
        rows = {name.replace("_", " "): str(value) for name, value in self.facts.items()}
        if self.fix:
            rows["help"] = self.fix
        rows["see"] = error_codes.see(self.help_code)
        width = max(map(len, rows), default=0)
        lines += [f"  {name + ':':<{width + 1}} {value}" for name, value in rows.items()]
        return printable("\n".join(lines))

    @property
    def help_code(self) -> str:
        """The code of this kind of failure: that of its class, or of the module that raised it."""
        return error_codes.refined(self.class_code, self.__traceback__)

    @property
    def summary(self) -> str:
        """What failed, why, and the remedy in brackets, in one line."""
        heart = f"{self.what}: {self.why}" if self.why else self.what
        fix = f" ({self.fix})" if self.fix else ""
        return printable(heart.split("\n", maxsplit=1)[0] + fix)


def printable(text: str) -> str:
    """Escape the characters of *text* that would act on a terminal.

    Servers and commands supply parts of messages: a control sequence, or a mark that turns the
    direction of writing, could make a message read differently.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _SPACES else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def exit_code_of(work: Callable[[], int | None]) -> int:
    """Do the work of a command; print errors of this package and of the system to standard error.

    Returns:
        The exit code: that of the error, else what *work* returned, else 0.
    """
    try:
        return work() or 0
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        raise  # the output has no reader: the process ends, but its work did not fail
    except OSError as error:
        sys.stderr.write(f"error: {error.filename or 'the system'}: {error.strerror or error}\n")
        return 1


class DeclarationError(PipelineError):
    """A dodo.py or a TOML file is invalid."""

    class_code: ClassVar[str] = "DW002"
    exit_code = 2


class CommandError(PipelineError):
    """A process ended with an error, or could not be started."""

    class_code: ClassVar[str] = "DW003"


class StepError(PipelineError):
    """A build step broke a promise, for example did not make an output."""

    class_code: ClassVar[str] = "DW004"


class ToolMissingError(PipelineError):
    """A step needs a tool that is not installed."""

    class_code: ClassVar[str] = "DW005"


class SourceUnavailableError(PipelineError):
    """One source of a tool is unavailable; the next may serve."""

    class_code: ClassVar[str] = "DW006"


class OfflineError(SourceUnavailableError):
    """A network is needed but must not be used."""

    class_code: ClassVar[str] = "DW007"


class NoSourceError(PipelineError):
    """No source of a tool could serve."""

    class_code: ClassVar[str] = "DW008"


class DownloadError(PipelineError):
    """A transfer failed."""

    class_code: ClassVar[str] = "DW009"


class TransferBrokenError(DownloadError):
    """A transfer failed for a reason that may pass: another attempt may succeed.

    Args:
        what: As for `PipelineError`, like the other arguments.
        why: The cause.
        retry_after: Seconds that the server asks to wait before the next attempt; 0 if it names
            none.
    """

    class_code: ClassVar[str] = "DW010"

    def __init__(self, what: str, *, why: str = "", retry_after: float = 0.0) -> None:
        facts = {"retry_after": f"{retry_after:g} s"} if retry_after else {}
        super().__init__(what, why=why, **facts)
        self.retry_after = retry_after


class VerificationError(PipelineError):
    """Bytes differ from the pinned ones."""

    class_code: ClassVar[str] = "DW011"
    exit_code = 4


class ArchiveRefusedError(PipelineError):
    """An archive would write outside its directory, or is too large."""

    class_code: ClassVar[str] = "DW012"


class StoreError(PipelineError):
    """The store cannot be read or written."""

    class_code: ClassVar[str] = "DW013"


class CheckError(PipelineError):
    """A built component fails a check."""

    class_code: ClassVar[str] = "DW014"


class PartialError(PipelineError):
    """A part of the work failed; the rest is done and kept.

    A task that ends with it does not keep the tasks that need it from running.

    Args:
        what: As for `PipelineError`, like *fix*.
        code: The exit code of the run.
        fix: What the user can do next.
        facts: Further lines.
    """

    class_code: ClassVar[str] = "DW015"

    def __init__(self, what: str, *, code: int, fix: str = "", **facts: object) -> None:
        super().__init__(what, fix=fix)
        self.facts = facts
        self.code = code

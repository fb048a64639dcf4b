"""Run the tests of a cargo workspace, and leave their results in a file.

    python -m pipeline.steps.cargo_test RESULTS COMMAND...

COMMAND runs `cargo test`; what it prints is printed as it comes. RESULTS gets the format of JUnit,
also if tests fail. Of what Rust's test programs print, only the text is stable: it is read.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.junit_file import TestCase, Verdict, write

if TYPE_CHECKING:
    from typing import Final

_PROGRAM: Final = re.compile(r"\s+Running .*\((?:.*[/\\])?(.+?)(?:-[0-9a-f]{16})?(?:\.exe)?\)$")
_DOCUMENTATION: Final = re.compile(r"\s+Doc-tests (\S+)$")
_BEGIN: Final = re.compile(r"running (\d+) tests?$")
_TEST: Final = re.compile(r"test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)(?:, .*)?$")
_OUTPUT: Final = re.compile(r"---- (.+?)(?: - should panic)? std(?:out|err) ----$")
_END: Final = re.compile(r"test result: .* (\d+) passed; (\d+) failed; (\d+) ignored;")
_VERDICTS: Final[Mapping[str, Verdict]] = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}
_UNREAD: Final = "(its line was not readable)"
_EARLY: Final = "(the program of tests ended early)"


class Reader:
    """Reads what `cargo test` prints.

    Attributes:
        cases: The tests that have ended. A program of tests that has not ended by itself counts as
            a test that failed. A test whose line another output has broken has no name here: the
            totals are those that the program printed.
    """

    def __init__(self) -> None:
        self.cases: list[TestCase] = []
        self._suite = ""
        self._runs = False
        self._mine: list[TestCase] = []
        self._shown: list[str] | None = None
        self._recent: list[str] = []

    def take(self, line: str) -> None:
        """Take a line."""
        if found := _PROGRAM.match(line) or _DOCUMENTATION.match(line):
            self.end()
            self._suite = found[1]
        elif _BEGIN.match(line):
            self.end()
            self._runs, self._recent = True, []
        elif self._runs:
            self._recent = [*self._recent[-20:], line]
            self._within(line)

    def end(self) -> None:
        """End the current program of tests."""
        if self._runs:
            output = self._recent
            self._mine.append(TestCase(self._suite, _EARLY, "failed", output=output))
        self.cases += self._mine
        self._runs, self._mine, self._shown = False, [], None

    def _within(self, line: str) -> None:
        if found := _END.match(line):
            self._complete(*map(int, found.groups()))
        elif found := _TEST.match(line):
            self._mine.append(TestCase(self._suite, found[1], _VERDICTS[found[2]]))
        elif found := _OUTPUT.match(line):
            failed = [case for case in self._mine if case.name == found[1]]
            self._shown = failed[0].output if failed else None
        elif line == "failures:":
            self._shown = None
        elif self._shown is not None and (line or self._shown):
            self._shown.append(line)

    def _complete(self, *counts: int) -> None:
        """End a program, whose counts of passed, failed and ignored tests are known."""
        for verdict, count in zip(_VERDICTS.values(), counts, strict=True):
            read = sum(case.verdict == verdict for case in self._mine)
            self._mine += [TestCase(self._suite, _UNREAD, verdict) for _ in range(count - read)]
        self._runs = False
        self.end()


def run_tests(command: Sequence[str], results: Path) -> int:
    """Run a command; return its exit code.

    Args:
        command: The command, which runs `cargo test`.
        results: The file that gets the results.

    Raises:
        CommandError: It could not be started.
    """
    reader = Reader()

    def show(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        reader.take(line)

    code = process.follow(command, env=os.environ, on_line=show)
    reader.end()
    if reader.cases or not code:
        write(results, reader.cases)
    return abs(code)


def main() -> int:
    """Run as a command; return the exit code."""
    results, *command = sys.argv[1:]
    return exit_code_of(lambda: run_tests(command, Path(results)))


if __name__ == "__main__":
    sys.exit(main())

"""Run the tests of Go packages, and leave their results in a file.

    python -m pipeline.steps.go_test RESULTS GO PATTERN...

It prints a line per package and what failed tests have printed, as `go test` does without `-json`.
RESULTS gets the format of JUnit, also if tests fail.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.junit_file import TestCase, Verdict, write

if TYPE_CHECKING:
    from typing import Final

_ENDED: Final[Mapping[str, Verdict]] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_PROGRESS: Final = re.compile("=== ")
_WHOLE: Final = "(package)"


class Events:
    """Reads what `go test -json` prints.

    Attributes:
        cases: The tests that have ended. A package that failed without a test that did, because
            it does not compile or its program ended early, counts as a test that failed.
    """

    def __init__(self) -> None:
        self.cases: list[TestCase] = []
        self._output: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._compiled: dict[str, str] = defaultdict(str)

    def take(self, line: str) -> str:
        """Take a line; return what a person is to read now."""
        try:
            event: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        except ValueError:
            event = {}
        if "Action" not in event:
            return f"{line}\n"  # from a compiler, or from go itself
        action, package, test = event["Action"], event.get("Package", ""), event.get("Test", "")
        if action == "build-output":
            self._compiled[event["ImportPath"]] += event["Output"]
            return str(event["Output"])
        if action == "output":
            self._output[package].append((test, event.get("Output", "")))
        if action not in _ENDED:
            return ""
        verdict, seconds = _ENDED[action], float(event.get("Elapsed", 0.0))
        if test:
            printed = "".join(text for name, text in self._output[package] if name == test)
            self.cases.append(TestCase(package, test, verdict, seconds, printed.splitlines()))
            return ""
        return self._ended(package, verdict, self._compiled[event.get("FailedBuild", "")])

    def _ended(self, package: str, verdict: Verdict, compiled: str) -> str:
        """Return what `go test` prints about a package; *compiled* is what its compiler printed."""
        output = self._output.pop(package, [])
        if verdict != "failed":
            return "".join(text for test, text in output if not test and text != "PASS\n")
        ended = {case.name: case.verdict for case in self.cases if case.suite == package}
        good = [name for name, how in ended.items() if how != "failed"]
        whole = "".join(
            text for test, text in output if test not in good and not _PROGRESS.match(text)
        )
        if "failed" not in ended.values():
            lines = f"{compiled}{whole}".splitlines()
            self.cases.append(TestCase(package, _WHOLE, "failed", output=lines))
        return whole


def run_tests(go: Path, patterns: Sequence[str], results: Path) -> int:
    """Run `go test`, in the current directory; return its exit code.

    Args:
        go: The program.
        patterns: The packages.
        results: The file that gets the results.

    Raises:
        CommandError: go could not be started.
    """
    events = Events()

    def show(line: str) -> None:
        sys.stdout.write(events.take(line))
        sys.stdout.flush()

    code = process.follow([go, "test", "-json", *patterns], env=os.environ, on_line=show)
    if events.cases or not code:
        write(results, events.cases)
    return abs(code)


def main() -> int:
    """Run as a command; return the exit code."""
    results, go, *patterns = sys.argv[1:]
    return exit_code_of(lambda: run_tests(Path(go), patterns, Path(results)))


if __name__ == "__main__":
    sys.exit(main())

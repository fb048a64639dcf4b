"""Test results in the format of JUnit, which test runners of all languages write.

The file comes from a step, so nothing in it is trusted: a document type, which could define
entities that explode or name other files, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

MOST_BYTES: Final = 50_000_000
MESSAGE_CHARS: Final = 2_000
MOST_FAILED: Final = 200
"""How many failed tests are listed; the others are counted."""

_ENDED: Final = {"failure": "failed", "error": "failed", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that failed: its name, with its class, and its message."""

    name: str
    message: str


@dataclass(slots=True)
class ResultFile:
    """The results in a file.

    Attributes:
        path: The file.
        tests: How many tests it has.
        failed: How many of them failed, or broke.
        skipped: How many of them were skipped.
        seconds: The sum of their times, in seconds.
        failures: Those that failed, as far as they are listed.
        problem: Why the file cannot be read, else "".
    """

    path: str
    tests: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: list[FailedTest] = field(default_factory=list)
    problem: str = ""


def read(path: Path) -> ResultFile:
    """Return the results in the file at *path*; a file that cannot be read has a `problem`."""
    found = ResultFile(str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            return ResultFile(str(path), problem=f"it has more than {MOST_BYTES:,} bytes")
        _Parser(found).parse(path.read_bytes())
    except OSError as error:
        return ResultFile(str(path), problem=error.strerror or str(error))
    except (expat.ExpatError, ValueError) as error:
        return ResultFile(str(path), problem=f"no JUnit results: {error}")
    found.seconds = round(found.seconds, 3)
    return found


class _Parser:
    """Counts the test cases of a document."""

    def __init__(self, found: ResultFile) -> None:
        self._found = found
        self._name = ""
        self._ended = ""
        self._telling = False
        self._message: list[str] = []
        self._within = 0

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(data, True)  # noqa: FBT003 - expat's own signature

    def _refuse(self, *_: object) -> None:
        raise ValueError("it has a document type")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._within and tag not in ("testsuites", "testsuite"):
            raise ValueError(f"the root is <{tag}>")
        self._within += 1
        if tag == "testcase":
            words = (attributes.get("classname", ""), attributes.get("name", ""))
            self._name, self._ended = ".".join(filter(None, words)), ""
            self._found.tests += 1
            self._found.seconds += _seconds(attributes.get("time", ""))
        elif tag in _ENDED and not self._ended:
            self._ended = _ENDED[tag]
            self._message = [attributes.get("message", ""), "\n"]
            self._telling = self._ended == "failed"

    def _text(self, text: str) -> None:
        if self._telling and len(self._message) < MESSAGE_CHARS:
            self._message.append(text)

    def _end(self, tag: str) -> None:
        self._within -= 1
        if tag in _ENDED:
            self._telling = False
        if tag != "testcase":
            return
        self._found.skipped += self._ended == "skipped"
        self._found.failed += self._ended == "failed"
        if self._ended == "failed" and len(self._found.failures) < MOST_FAILED:
            message = "".join(self._message).strip()[:MESSAGE_CHARS]
            self._found.failures.append(FailedTest(self._name, message))
        self._ended = ""


def _seconds(text: str) -> float:
    """Return a time as runners write it, some with separators of thousands; 0 if it is none."""
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0

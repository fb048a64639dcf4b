"""`doit-wasm polls`, or `releases --plan`: when each tool is polled next, and what that costs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline.checksums import due
from pipeline.checksums.schedule import ANONYMOUS_QUOTA, Load, NextPoll, Schedule, schedule
from pipeline.commands.export import CHECKSUMS, checksums_directory
from pipeline.commands.project_root import beside_dodo
from pipeline.commands.tool_command import StandaloneCommand, flag, no_words

_HEAD: Final = ("TOOL", "HOST", "INTERVAL", "NEXT", "REQUESTS")
_UNITS: Final = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60))


class Polls(StandaloneCommand):
    """Shows the schedule of polls."""

    name: ClassVar[str | None] = "polls"
    doc_purpose = "print when each tool is polled next, and what that costs: releases --plan"
    doc_usage = "[--json] [--checksums DIR]"
    doc_description = (
        "Prints when each tool of tools.toml is due, and how many requests its host gets per day "
        "and in the busiest of the next 24 hours. Nothing is fetched. `doit-wasm releases --plan` "
        "is the same; the task `releases` polls.\n"
        "Exit code: 2 if tools.toml or an argument is wrong."
    )
    cmd_options = (
        flag("as_json", "for programs; docs/reference/polling.md describes the document"),
        CHECKSUMS,
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Print the schedule."""
        no_words(words, "polls")
        now = time.time()
        releases = beside_dodo(str(due.RELEASES))
        found = schedule(checksums_directory(options), now, _existing(releases))
        if options["as_json"]:
            text = json.dumps(found.document(), indent=2, sort_keys=True) + "\n"
        else:
            text = _text(found, now)
        sys.stdout.write(text)
        return 0


def _existing(releases: Path) -> Path | None:
    return releases if releases.is_dir() else None


def _text(found: Schedule, now: float) -> str:
    rows = [_HEAD, *(_row(poll, now) for poll in found.polls)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *([""] if found.loads else []), *map(_summary, found.loads)]) + "\n"


def _row(poll: NextPoll, now: float) -> tuple[str, ...]:
    at = "now" if poll.at is None else f"in {_duration(poll.at - now)}"
    interval = _duration(poll.interval) if poll.interval else "every run"
    return (poll.tool, poll.host, interval, at, "1")


def _duration(seconds: float) -> str:
    """Return a time in its largest whole unit, or rounded up to minutes."""
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    minutes = max(int(-(-seconds // 60)), 1)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m"


def _summary(load: Load) -> str:
    text = (
        f"{load.host}: {_count(load.tools, 'tool')}, {load.due} due now; about "
        f"{_count(load.daily, 'request')} per day, {load.busiest} in the busiest hour"
    )
    if load.quota is None:
        return text
    text += f", of {load.quota} per hour"
    if load.busiest > load.quota:
        text += f"\n  note: more than {load.quota}; the rest follows when the quota is renewed"
        text += ". Set GITHUB_TOKEN for 5000" if load.quota == ANONYMOUS_QUOTA else ""
    return text


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""When each tool is polled next, and what that costs.

A poll costs one request; a tool whose releases fill several pages costs one per page that has to be
read. With a token, github.com does not count an unchanged answer towards the quota.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.checksums import due
from pipeline.checksums.watched import DAY, Watched, tables, watched

TOKENS: Final = ("CHECKSUM_UPDATER_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
_HOUR: Final = 3_600
ANONYMOUS_QUOTA: Final = 60
TOKEN_QUOTA: Final = 5_000
"""Requests that github.com answers per hour with a token."""
_SITES: Final = {"go": "go.dev", "nodejs": "nodejs.org"}


@dataclass(frozen=True, slots=True)
class NextPoll:
    """The next poll of a tool.

    Attributes:
        tool: Its name.
        host: The host that is asked.
        interval: How long a poll holds, in seconds; 0: every run polls.
        at: When it is due, in seconds since 1970; None: it is due now.
    """

    tool: str
    host: str
    interval: int
    at: float | None

    def document(self) -> dict[str, object]:
        """Return the poll as `--json` prints it."""
        moment = None if self.at is None else _stamp(self.at)
        return {
            "tool": self.tool,
            "host": self.host,
            "interval": self.interval,
            "next": moment,
            "requests": 1,
        }


@dataclass(frozen=True, slots=True)
class Load:
    """What a host is asked for.

    Attributes:
        host: The host.
        tools: How many tools it has.
        due: How many of them are due now.
        daily: Requests per day, of the tools that have an interval.
        busiest: Requests in the busiest hour of the coming day, each tool polled when it is due.
        quota: Requests that the host answers per hour; None where that is not documented.
    """

    host: str
    tools: int
    due: int
    daily: int
    busiest: int
    quota: int | None

    def document(self) -> dict[str, object]:
        """Return the load as `--json` prints it."""
        return {
            "host": self.host,
            "tools": self.tools,
            "due": self.due,
            "requests_per_day": self.daily,
            "busiest_hour": self.busiest,
            "quota_per_hour": self.quota,
        }


@dataclass(frozen=True, slots=True)
class Schedule:
    """All next polls, the first one first, and the loads of their hosts."""

    polls: tuple[NextPoll, ...]
    loads: tuple[Load, ...]

    def document(self) -> dict[str, object]:
        """Return the schedule as `--json` prints it."""
        return {
            "tools": [poll.document() for poll in self.polls],
            "hosts": [load.document() for load in self.loads],
        }


def schedule(directory: Path, now: float, releases: Path | None = None) -> Schedule:
    """Return when the tools of *directory* are polled next.

    Args:
        directory: A directory of checksums.
        now: Seconds since 1970.
        releases: The directory of release files, as for `due.due`.

    Raises:
        PipelineError: `tools.toml` is invalid, or the store cannot be used.
    """
    now_due = set(due.due(directory, now, releases))
    raw = tables(directory)
    polls = [
        NextPoll(
            tool=tool,
            host=_host(entry, raw.get(tool, {})),
            interval=entry.interval,
            at=None if tool in now_due else due.next_poll(directory, entry),
        )
        for tool, entry in watched(directory).items()
    ]
    polls.sort(key=lambda poll: (poll.at or 0, poll.tool))
    hosts = sorted({poll.host for poll in polls})
    loads = [_load(host, [p for p in polls if p.host == host], now) for host in hosts]
    return Schedule(tuple(polls), tuple(loads))


def _host(entry: Watched, table: Mapping[str, Any]) -> str:
    source = table.get("source", "")
    address = entry.base
    if source not in _SITES:
        address = os.environ.get(due.API) or "https://api.github.com"
    return urlsplit(address).netloc if address else _SITES[source]


def _load(host: str, polls: list[NextPoll], now: float) -> Load:
    """Return the load of a host, whose documented quota is that of github.com."""
    is_github = host == "api.github.com" or host.endswith(".ghe.com")
    has_token = any(os.environ.get(name, "").strip() for name in TOKENS)
    return Load(
        host=host,
        tools=len(polls),
        due=sum(poll.at is None for poll in polls),
        daily=round(sum(DAY / poll.interval for poll in polls if poll.interval)),
        busiest=_busiest(polls, now),
        quota=(TOKEN_QUOTA if has_token else ANONYMOUS_QUOTA) if is_github else None,
    )


def _busiest(polls: Iterable[NextPoll], now: float) -> int:
    hours = [0] * (DAY // _HOUR)
    for poll in polls:
        first = max((poll.at or now) - now, 0)
        if not poll.interval:
            hours[0] += 1
            continue
        for number in range(int(max(DAY - first, 0) // poll.interval) + 1):
            hour = int((first + number * poll.interval) // _HOUR)
            if hour < len(hours):
                hours[hour] += 1
    return max(hours)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

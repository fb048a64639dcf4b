"""Numbers as people read them."""

from __future__ import annotations

import time

from pipeline.report import durations

_LONG = 60.0
_SHORT = 0.05
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def seconds(value: float | None) -> str:
    """Return a duration: `0.4 s`, `2 min 5 s`; "" if it is not known."""
    if value is None:
        return ""
    if value >= _LONG:
        return durations.span(value)
    return f"{value:.1f} s" if value >= _SHORT else "under 0.1 s"


def size(value: int | None) -> str:
    """Return a size: `812 bytes`, `1.2 MB`; "not built" if it is not known."""
    if value is None:
        return "not built"
    for unit, name in _UNITS:
        if value >= unit:
            return f"{value / unit:.1f} {name}"
    return count(value, "byte")


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 task`, `1,200 tasks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def change(before: float, now: float) -> str:
    """Return how a value changed, in per cent: `+12 %`; "" if it did not or had none."""
    if not before or before == now:
        return ""
    percent = 100 * (now - before) / before
    return f"{percent:+.1f} %".replace("-", "\N{MINUS SIGN}")


def moment(value: float) -> str:
    """Return a time, in seconds since 1970, in UTC: `2026-11-26 22:07 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(value))


def stamp(value: float) -> str:
    """Return a time, in seconds since 1970, for programs: `2026-11-26T22:07:01Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))

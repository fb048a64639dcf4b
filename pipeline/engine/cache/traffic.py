"""Counts what a run has fetched from its remote cache and uploaded to it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, get_args

from pipeline.engine.once import once
from pipeline.settings import size_text

Count: TypeAlias = Literal[
    "hits",
    "misses",
    "refused",
    "restored",
    "received",
    "uploads",
    "sent",
    "dropped",
    "unfit",
    "given_up",
]


class Traffic:
    """The counts of this process; any thread may count.

    `hits` and `misses` are results that the local cache did not have, `refused` those misses whose
    result was there but may not be used. `restored` are the bytes of the hits, `received` those
    that came over the wire. `uploads` are results, `sent` the bytes of them that went over the
    wire; `dropped` are results that could not be uploaded, `unfit` those that no server can keep.
    `given_up` is 1 once the server is left alone for the rest of the run.

    Attributes:
        used: Whether there is a remote cache.
        finish: Waits for uploads at the end of a run that took so many seconds, but not longer than
            the settings allow, and drops the rest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Count] = Counter()
        self.used = False
        self.finish: Callable[[float], None] = lambda _seconds: None

    def count(self, **more: int) -> None:
        """Add to the counts."""
        with self._lock:
            self._counts.update(more)  # type: ignore[arg-type]  # the names are those of `Count`

    def counts(self) -> Counter[Count]:
        """Return the counts so far."""
        with self._lock:
            return Counter(self._counts)


@once
def traffic() -> Traffic:
    """Return the counts of this process."""
    return Traffic()


def hit_rate(counts: Mapping[Count, int]) -> float:
    """Return the part of the lookups that were hits; 0 if there were none."""
    asked = counts["hits"] + counts["misses"]
    return counts["hits"] / asked if asked else 0.0


def sentence(counts: Mapping[Count, int]) -> str:
    """Return the counts for a person; "" if there are none."""
    parts = []
    if asked := counts["hits"] + counts["misses"]:
        parts += [f"{counts['hits']} of {asked} results found ({hit_rate(counts):.0%})"]
    if counts["refused"]:
        parts += [f"{counts['refused']} refused"]
    if counts["hits"]:
        wire = f"{size_text(counts['received'])} over the network"
        parts += [f"{size_text(counts['restored'])} not built ({wire})"]
    if counts["uploads"]:
        parts += [f"{counts['uploads']} uploaded ({size_text(counts['sent'])})"]
    if counts["dropped"]:
        parts += [f"{counts['dropped']} not uploaded"]
    if counts["unfit"]:
        parts += [f"{counts['unfit']} that no server can keep"]
    return ", ".join(parts)


def as_json(counts: Mapping[Count, int]) -> dict[str, float]:
    """Return the counts as plain data, as docs/reference/remote-cache.md describes them."""
    return {name: counts[name] for name in get_args(Count)} | {
        "hit_rate": round(hit_rate(counts), 4)
    }

"""Longest chains in a graph of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


def chain(
    needs: Mapping[str, Iterable[str]], seconds: Mapping[str, float]
) -> list[tuple[str, float]]:
    """Return the chain of tasks, each needing the one before, that took longest together.

    Args:
        needs: Name to the names of what it needs.
        seconds: Name to how long it took, in seconds; one that is not here took no time.

    Returns:
        Names with their seconds, in the order they ran in, without those that did nothing.
    """
    total: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for name in _order(needs):
        first = max(needs.get(name, ()), key=lambda one: total[one], default=None)
        before[name] = first
        total[name] = seconds.get(name, 0.0) + (total[first] if first else 0.0)
    found: list[tuple[str, float]] = []
    last = max(total, key=lambda one: total[one], default=None)
    while last is not None:
        if last in seconds:
            found.append((last, seconds[last]))
        last = before[last]
    return found[::-1]


def tails(needs: Mapping[str, Iterable[str]], seconds: Callable[[str], float]) -> dict[str, float]:
    """Return for each task how long what comes after it takes, in seconds.

    Args:
        needs: Name to the names of what it needs.
        seconds: Gives how long a task takes.
    """
    tail = dict.fromkeys(needs, 0.0)
    for name in reversed(_order(needs)):
        for one in needs.get(name, ()):
            tail[one] = max(tail.get(one, 0.0), seconds(name) + tail.get(name, 0.0))
    return tail


def _order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError:  # doit finds it when it gets there, and tells
        return []

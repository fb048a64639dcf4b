"""The longest chains in a graph of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


def chain(
    needs: Mapping[str, Iterable[str]], seconds: Mapping[str, float]
) -> list[tuple[str, float]]:
    """Return the chain of dependent tasks that took longest in total.

    Args:
        needs: The names that each task needs, by task name.
        seconds: Seconds that each task took, by task name; tasks that are absent count as 0.

    Returns:
        Names with their seconds in the order they ran, without tasks that are not in *seconds*.
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
    """Return for each task how many seconds the work after it takes.

    Args:
        needs: The names that each task needs, by task name.
        seconds: Returns how many seconds a task takes.
    """
    tail = dict.fromkeys(needs, 0.0)
    for name in reversed(_order(needs)):
        for one in needs.get(name, ()):
            tail[one] = max(tail.get(one, 0.0), seconds(name) + tail.get(name, 0.0))
    return tail


def _order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError:  # doit reports it when it gets there
        return []

"""The graph of tasks as a table: how long each took, when it could start, what it waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.report.critical_path import chain
from pipeline.report.durations import span
from pipeline.report.query.graph import TaskGraph

HEAD = ("TASK", "TOOK", "FROM", "WAITS LONGEST FOR", "AND FOR")
SHOWN_SECONDS = 0.1


def table(drawn: TaskGraph) -> str:
    """Return one line per task, in the order in which they could start, and the longest chain.

    Times are from each task's last real run. A task could start when all that it needs had ended;
    the table does not show whether it then waited for a free worker.
    """
    took = {node.task: node.seconds for node in drawn.nodes}
    needs: dict[str, list[str]] = {task: [] for task in took}
    for one, other in drawn.edges:
        needs[other].append(one)
    ends = _ends(needs, took)
    rows = [
        _row(task, took, needs, ends) for task in sorted(took, key=lambda t: _start(t, needs, ends))
    ]
    widths = [max(len(row[at]) for row in [HEAD, *rows]) for at in range(len(HEAD))]
    lines = [_line(row, widths) for row in [HEAD, *rows]]
    return "\n".join([*lines, *_totals(took, needs)]) + "\n"


def _ends(needs: Mapping[str, Sequence[str]], took: Mapping[str, float | None]) -> dict[str, float]:
    ends: dict[str, float] = {}
    for task in took:  # in the order of a run, so what it needs is known
        ends[task] = _start(task, needs, ends) + (took[task] or 0.0)
    return ends


def _start(task: str, needs: Mapping[str, Sequence[str]], ends: Mapping[str, float]) -> float:
    return max((ends[need] for need in needs[task]), default=0.0)


def _row(
    task: str,
    took: Mapping[str, float | None],
    needs: Mapping[str, Sequence[str]],
    ends: Mapping[str, float],
) -> tuple[str, ...]:
    seconds = took[task]
    awaited = sorted(needs[task], key=lambda need: -ends[need])
    others = awaited[1:]
    return (
        task,
        "not known" if seconds is None else f"{seconds:.1f} s",
        f"{_start(task, needs, ends):.1f} s",
        awaited[0] if awaited else "",
        ", ".join(others),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if at in {1, 2} else text.ljust(width)
        for at, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _totals(took: Mapping[str, float | None], needs: Mapping[str, Sequence[str]]) -> list[str]:
    known = {task: seconds for task, seconds in took.items() if seconds is not None}
    longest = [(task, seconds) for task, seconds in chain(needs, known) if seconds >= SHOWN_SECONDS]
    steps = " > ".join(f"{task} {seconds:.1f} s" for task, seconds in longest)
    whole = span(sum(seconds for _, seconds in longest))
    all_of_them = f"{len(known)} tasks took {span(sum(known.values()))} in all"
    lines = [f"{all_of_them}; the longest chain takes {whole}: {steps or 'nothing'}"]
    unknown = len(took) - len(known)
    if unknown:
        lines.append(f"{unknown} not known: they have not run here, or came from a cache")
    return lines

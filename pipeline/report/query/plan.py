"""What a run would do and why, in the order of the run: `doit-wasm plan`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pipeline.report.query.explain import as_json, headline, in_few_words
from pipeline.report.query.survey import Standing

WORDS = ("run", "maybe", "cached", "fail", "skip", "fresh")
"""The words of a plan for a task, in the order of its summary."""


def plan(standings: Mapping[str, Standing]) -> Iterator[str]:
    """Yield a line for each task that would or may run, and a summary."""
    work = [standing for standing in standings.values() if not standing.group]
    pending = [standing for standing in work if standing.state != "fresh"]
    width = max((len(standing.task) for standing in pending), default=0)
    for standing in pending:
        yield f"{_word(standing):<6} {standing.task:<{width}}  {_why(standing)}"
    count = Counter(map(_word, work))
    yield ", ".join(f"{count[word]} {word}" for word in WORDS if count[word]) or "nothing to do"


def as_data(standings: Mapping[str, Standing]) -> dict[str, object]:
    """Return the plan as plain data."""
    work = [standing for standing in standings.values() if not standing.group]
    pending = [standing for standing in work if standing.state != "fresh"]
    return {
        "tasks": [{"plan": _word(s), "why": _why(s), **as_json(s)} for s in pending],
        "fresh": len(work) - len(pending),
    }


def _word(standing: Standing) -> str:
    if standing.cached:
        return "cached"
    return {"stale": "run", "error": "fail", "ignored": "skip"}.get(standing.state, standing.state)


def _why(standing: Standing) -> str:
    if standing.state == "maybe":
        return f"if the output of {' or '.join(standing.if_changed)} changes"
    return in_few_words(standing.changes) if standing.changes else headline(standing)

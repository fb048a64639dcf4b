"""What changed, as text and as JSON: `doit-wasm explain`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest

from pipeline.engine.key_changes import Change
from pipeline.engine.origins import PREFIX
from pipeline.report.query.reasons import MISSING, REASON
from pipeline.report.query.survey import Standing

LONG_WORD = 60
"""Of a longer word of a command, only the part around the first difference is shown."""

LEAD = 12
"""How many characters are shown before that difference."""

LABELS = {
    "version": "rule version",
    "directory": "working directory",
    "command": "command word",
    "empty": "empty file",
    "order": "order of tools",
    "checker": "way of comparing files",
}

HEADLINES = {"error": "cannot run", "ignored": "ignored, until `doit forget`"}

WHOLE = {
    REASON: "{}",
    "never-run": "never run, or failed last time",
    "record": "recorded by another version of doit-wasm",
    "always": "runs every time: {}",
    "check": "its check fails: {}",
    "result": "the result of {} changed",
    "needed": "needs {}, which cannot run",
}


def explanation(standings: Mapping[str, Standing], selected: Iterable[str]) -> Iterator[str]:
    """Yield the lines that say why each of *selected* is stale, causes indented under effects."""
    seen: set[str] = set()
    for name in selected:
        if name not in seen:
            yield from _explained(name, standings, seen, depth=0)


def _explained(
    name: str, standings: Mapping[str, Standing], seen: set[str], *, depth: int
) -> Iterator[str]:
    standing = standings[name]
    indent = "  " * depth
    if name in seen:
        yield f"{indent}{name}: see above"
        return
    seen.add(name)
    yield f"{indent}{name}: {headline(standing)}"
    for change in standing.changes:
        if change.kind != REASON:  # the headline has it
            yield f"{indent}  {sentence(change)}"
    if standing.remote:
        yield f"{indent}  not from the remote cache: {standing.remote}"
    if standing.state == "fresh":
        return
    for need in standing.needs:
        if need in standings and standings[need].state != "fresh":
            yield from _explained(need, standings, seen, depth=depth + 1)


def headline(standing: Standing) -> str:
    """Return the state of a task in a few words."""
    others = " or ".join(standing.if_changed)
    if said := [change.name for change in standing.changes if change.kind == REASON]:
        return f"{standing.state}: {'; '.join(said)}"
    if standing.cached:
        return f"stale, but its outputs are in the {standing.cached}"
    if standing.state != "maybe":
        return HEADLINES.get(standing.state, standing.state)
    if standing.changes:
        return f"stale, unless {others} restores what changed"
    return f"may become stale, if the output of {others} changes" if others else "may become stale"


def sentence(change: Change) -> str:
    """Return one change as text, with short digests."""
    if change.kind in WHOLE:
        return WHOLE[change.kind].format(change.name)
    subject = f"{LABELS.get(change.kind, change.kind)} {change.name}".rstrip()
    old, new = _excerpt(change.old, change.new), _excerpt(change.new, change.old)
    if change.old is None and change.new == MISSING:
        return f"{subject} is missing"
    if change.old is None:
        return f"{subject} added: {new}"
    if change.new is None:
        return f"{subject} removed, was: {old}"
    by_origin = change.old.startswith(PREFIX) and change.new.startswith(PREFIX)
    return f"{subject}{' is made from something else' if by_origin else ''}: {old} -> {new}"


def in_few_words(changes: Sequence[Change]) -> str:
    """Return the first change without its values, and the number of others."""
    first = changes[0]
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    if first.kind in WHOLE:
        return WHOLE[first.kind].format(first.name) + more
    subject = f"{LABELS.get(first.kind, first.kind)} {first.name}".rstrip()
    how = "changed" if first.old is not None else "added"
    how = "removed" if first.new is None else "is missing" if first.new == MISSING else how
    return f"{subject} {how}{more}"


def as_data(standings: Mapping[str, Standing], selected: Sequence[str]) -> dict[str, object]:
    """Return *selected*, and what they need that is not fresh, in the order of a run."""
    shown = [s for s in standings.values() if s.task in selected or s.state != "fresh"]
    return {"selected": list(selected), "tasks": [as_json(standing) for standing in shown]}


def as_json(standing: Standing) -> dict[str, object]:
    """Return a standing as plain data, with whole digests, as docs/reference/commands.md says."""
    return {
        "task": standing.task,
        "state": standing.state,
        "changes": [asdict(change) for change in standing.changes],
        "if_changed": list(standing.if_changed),
        "needs": list(standing.needs),
        "group": standing.group,
        "seconds": standing.seconds,
        "cached": bool(standing.cached),
        "cached_in": standing.cached,
        "remote_cache": standing.remote,
    }


def _excerpt(value: str | None, other: str | None) -> str:
    """Return a value that fits in a line: a short digest, or the part of a word that differs."""
    if value is None:
        return ""
    if digest := re.fullmatch(r"((?:\w+:)?[0-9a-f]{12})[0-9a-f]{52}", value):
        return digest[1]
    if re.fullmatch(r"[\w@%+=:,./<>()-]+", value) and len(value) <= LONG_WORD:
        return value
    if len(value) <= LONG_WORD:
        return repr(value)
    pairs = enumerate(zip_longest(value, other or ""))
    begin = max(0, next((at for at, (one, two) in pairs if one != two), 0) - LEAD)
    cut = value[begin : begin + LONG_WORD]
    return repr(f"{'…' if begin else ''}{cut}{'…' if begin + len(cut) < len(value) else ''}")

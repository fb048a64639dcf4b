"""A summary as Markdown, for the text of a pull request.

Names, tags and reasons come from servers, so they are code: no markup, no link, and no mention,
which GitHub would find even behind entities. Tools and versions have no special characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.checksums.summary import Summary, Tampering, Update, Waiting
from pipeline.markdown_text import cells, code

LIMIT: Final = 60_000
"""The most characters of a text; GitHub takes 65,536."""

_STEP: Final = 1_000
_CONFIRMED: Final = {
    "digest": "digest of the API",
    "sums": "file of checksums",
    "bytes": "download",
}


def render(summary: Summary) -> str:
    """Return the summary as Markdown; if it would be too long, without the files, then cut off."""
    whole = "\n".join([*_head(summary), *_files(summary.updates), *_wait(summary.waiting)]) + "\n"
    if len(whole) <= LIMIT:
        return whole
    note = "The files are left out, because the text would be too long."
    short = "\n".join([*_head(summary), note, "", *_wait(summary.waiting)]) + "\n"
    if len(short) <= LIMIT:
        return short
    lines = short[:LIMIT].split("\n")[:-1]
    return "\n".join([*lines, "", "The rest is left out, because the text would be too long.", ""])


def _head(summary: Summary) -> Iterator[str]:
    if summary.tampering:
        yield from _alarm(summary.tampering)
    if summary.updates:
        yield "| Tool | Before | Now | Platforms | Size | Links |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(update) for update in summary.updates)
        yield ""
        for update in summary.updates:
            if update.dropped:
                named = ", ".join(map(code, update.dropped))
                yield f"{code(update.tool)} {code(update.after)} no longer has: {named}."
                yield ""
    else:
        yield f"No release was recorded since {code(summary.since)}."
        yield ""


def _alarm(rows: Sequence[Tampering]) -> Iterator[str]:
    yield "> [!CAUTION]"
    yield "> **Possible tampering.** A recorded hash must never change. Find out why it did."
    yield ""
    yield "| Tool | Version | Platform | File | What | Recorded | Other |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        names = [code(row.tool), code(row.version), code(row.platform), code(row.asset)]
        yield cells([*names, row.what, code(row.recorded), code(row.other)])
    yield ""


def _row(update: Update) -> str:
    links = [("release", update.release_url), ("compare", update.compare_url)]
    shown = ", ".join(f"[{name}](<{url}>)" for name, url in links if _is_link(url))
    now = code(update.after) + ("" if update.latest else " (not the latest)")
    day = f" of {update.date}" if update.date else ""
    names = [code(update.tool), code(update.before) or "new", now + day]
    return cells([*names, str(len(update.assets)), bytes_of(update.size), shown])


def _files(updates: Sequence[Update]) -> Iterator[str]:
    for update in updates:
        yield f"<details><summary>Files of {update.tool} {update.after}</summary>"
        yield ""
        yield "| Platform | File | Size | SHA-256 | Confirmed by |"
        yield "|---|---|---|---|---|"
        for asset in update.assets:
            who = ", ".join(_who(name) for name in asset.confirmed_by) or "nobody"
            names = [code(asset.platform), code(asset.name), bytes_of(asset.size)]
            yield cells([*names, code(asset.sha256), who])
        yield ""
        yield "</details>"
        yield ""


def _wait(rows: Sequence[Waiting]) -> Iterator[str]:
    if not rows:
        return
    yield "### Not recorded yet"
    yield ""
    yield "| Tool | Release | Why | Until |"
    yield "|---|---|---|---|"
    for row in rows:
        yield cells(
            [code(row.tool), code(row.version), code(row.reason), code(row.until) or "unknown"]
        )
    yield ""


def _who(name: str) -> str:
    kind, colon, other = name.partition(":")
    if kind == "registry" and colon:
        return f"record of {code(other)}"
    return _CONFIRMED.get(name) or code(name)


def bytes_of(size: int | None) -> str:
    """Return a size in bytes as people read it."""
    if size is None:
        return "unknown"
    amount, units = float(size), ["B", "kB", "MB", "GB"]
    while amount >= _STEP and len(units) > 1:
        amount /= _STEP
        units.pop(0)
    return f"{amount:.1f} {units[0]}" if size >= _STEP else f"{size} B"


def _is_link(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>]+", url) is not None

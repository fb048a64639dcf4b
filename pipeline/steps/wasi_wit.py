"""WASI as it was in an older version, derived from a newer one of the same series.

Within a series such as 0.2, WASI only adds. Each item that was added later bears the version that
added it, as in `@since(version = 0.2.1)`, and tools refuse such an item in an older package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pipeline.steps.wit_packages import Package
from pipeline.steps.wit_text import Token, tokens

_NAME: Final = re.compile(r"(?P<path>wasi:[^@]+)@(?P<series>\d+\.\d+)\.(?P<patch>\d+)")
_SINCE: Final = ("@", "since", "(", "version", "=")


def derive(name: str, known: Mapping[str, Package]) -> Package | None:
    """Return the package *name*, such as `wasi:io@0.2.3`; None if none that is newer is *known*.

    Args:
        name: Its name, with its version.
        known: Packages by name.
    """
    wanted = _NAME.fullmatch(name)
    if not wanted:
        return None
    for newer, package in known.items():
        found = _NAME.fullmatch(newer)
        if not found or found["path"] != wanted["path"] or found["series"] != wanted["series"]:
            continue
        if int(found["patch"]) > int(wanted["patch"]):
            versions = (f"{found['series']}.{found['patch']}", name.partition("@")[2])
            texts = {file: as_of(text, *versions) for file, text in package.texts.items()}
            return replace(package, name=name, texts=texts)
    return None


def as_of(text: str, newest: str, version: str) -> str:
    """Return the WIT *text* of version *newest* as it was in the older *version*."""
    kept, end = [], 0
    for start, after in _newer(list(tokens(text)), _numbers(version)):
        if start >= end:
            kept.append(text[end:start])
        end = max(end, after)
    kept.append(text[end:])
    return re.sub(rf"@{re.escape(newest)}\b", f"@{version}", "".join(kept))


def _newer(words: Sequence[Token], version: list[int]) -> Iterator[tuple[int, int]]:
    """Return where each item begins and ends that is newer than *version*."""
    texts = [word.text for word in words]
    for at in range(len(words) - len(_SINCE)):
        if (*texts[at : at + len(_SINCE)],) == _SINCE:
            since = texts[at + len(_SINCE)]
            if _numbers(since) > version:
                yield words[at].start, words[_last(texts, at)].end


def _last(texts: Sequence[str], at: int) -> int:
    """Return the index of the last token of the item with a gate at index *at*."""
    while texts[at] == "@":  # one gate after the other
        at = texts.index(")", at) + 1
    depth = 0
    for index in range(at, len(texts)):
        depth += {"{": 1, "}": -1}.get(texts[index], 0)
        closed = texts[index] == "}" and texts[at] != "use"
        if depth == 0 and (closed or texts[index] == ";"):
            return index
    return len(texts) - 1


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]

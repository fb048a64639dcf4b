"""Finds what changed between two keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias

from pipeline.engine.key import FORMAT, Key

if TYPE_CHECKING:
    from typing import Final

_LIKE_A_KIND: Final = re.compile(r"'|[^(]*,|[A-Z]\w*\(")


_Tools: TypeAlias = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the recorded state and the present one.

    Attributes:
        kind: What changed: `input`, `command`, `variable`, `tool`, …
        name: Which of them: a path, a tool, the number of a word.
        old: The recorded value, or None.
        new: The present value, or None.
    """

    kind: str
    name: str = ""
    old: str | None = None
    new: str | None = None


_KINDS: Final = {
    "cwd": "directory",
    "env": "variable",
    "outputs": "output",
    "caches": "cache",
}
"""Labels of those fields of a step whose label is not their name."""

_PARTS: Final = {"env": "variable", "executables": "executable"}
"""The same for a field of a tool."""


def changes(old: Mapping[str, object], new: Key) -> list[Change]:
    """Return the differences between a recorded key and the present one."""
    if old.keys() != new.keys() or old["format"] != FORMAT:
        return [Change("record")]
    was: Key = old  # type: ignore[assignment]  # of this format: it is what `StepSpec.key` gave
    return [
        *compared("machine", _flat(was["machine"]), _flat(new["machine"])),
        *_declared(was["step"], new["step"]),
        *compared("tool", *_of_tools(was["tools"], new["tools"])),
        *_order(was, new),
        *compared("input", was["inputs"], new["inputs"]),
    ]


def compared(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Return a change for each name whose value differs, sorted by name."""
    return [
        Change(kind, name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _declared(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    compare: Mapping[str, Callable[[str, object, object], Iterator[Change] | list[Change]]] = {
        "argv": lambda _kind, was, now: _words(_texts(was), _texts(now)),
        "tools": lambda _kind, _was, _now: [],  # see `_order`
    }
    for field in dict.fromkeys([*new, *old]):
        was, now = old.get(field), new.get(field)
        if was != now:
            kind = _KINDS.get(field, field)
            yield from compare.get(field, _compared)(kind, was, now)


def _compared(kind: str, old: object, new: object) -> list[Change]:
    return compared(kind, _flat(old), _flat(new))


def _flat(value: object) -> Mapping[str, str]:
    """Flatten any part of a key into names and texts."""
    match value:
        case None:
            return {}
        case Mapping():
            return {name: _text(each) for name, each in value.items()}
        case list():
            return {_text(each): "declared" for each in value}
    return {"": _text(value)}


def _texts(words: object) -> list[str]:
    """Return the words of a command; a text is quoted where it looks like another kind."""
    if not isinstance(words, list):
        return []
    return [_text(word) if isinstance(word, list) else _quoted(word) for word in words]


def _text(value: object) -> str:
    """Return a value in one line; a word that is no text is `KIND(FIELD,…)`."""
    if not isinstance(value, list):
        return str(value)
    kind, *parts = map(str, value)
    return f"{kind}({','.join(map(_quoted, parts)).rstrip(',')})"


def _quoted(text: str) -> str:
    return repr(text) if _LIKE_A_KIND.match(text) else text


def _of_tools(old: _Tools, new: _Tools) -> tuple[dict[str, str], dict[str, str]]:
    """Return the identities of tools: digests by the tool's name, the rest by `NAME (PART)`.

    For a tool that was added or removed, only the digest is returned.
    """
    return _parts_of(old, new), _parts_of(new, old)


def _parts_of(tools: _Tools, others: _Tools) -> dict[str, str]:
    found: dict[str, str] = {}
    for tool, parts in tools.items():
        found[tool] = str(parts["digest"])
        for part in parts.keys() & others.get(tool, {}).keys() - {"digest"}:
            value = parts[part]
            flat = _flat(":".join(map(str, value)) if isinstance(value, list) else value)
            label = _PARTS.get(part, part)
            found |= {f"{tool} ({f'{label} {name}'.rstrip()})": each for name, each in flat.items()}
    return found


def _order(old: Key, new: Key) -> list[Change]:
    """Return the change of the order of tools on PATH, if nothing else changed."""
    was, now = old["step"].get("tools"), new["step"].get("tools")
    if was == now or not isinstance(was, list) or not isinstance(now, list):
        return []
    if sorted(was) != sorted(now):
        return []  # added and removed tools are changes of their own
    return compared("order", {"": ", ".join(was)}, {"": ", ".join(now)})


def _words(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield the words that differ, by number; the program is word 1."""
    from difflib import SequenceMatcher  # slow to import, and most keys are equal

    matched = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for how, old_begin, old_end, begin, end in matched:
        if how == "equal":
            continue
        pairs = zip_longest(old[old_begin:old_end], new[begin:end])
        for offset, (was, now) in enumerate(pairs):
            number = (old_begin if now is None else begin) + offset + 1
            yield Change("command", str(number), was, now)

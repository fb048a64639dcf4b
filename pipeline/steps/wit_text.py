"""WIT as text: its tokens, and the packages that it states.

Tools resolve WIT; this reads only as much of the grammar as one must know before all packages are
in one place: which package a text belongs to. A text with an error in it is read as far as it goes,
and the tool that is given it reports the error with its line.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<comment>/\*)
      | (?P<string>"[^"]*")
      | (?P<version>\d+\.\d+\.\d+(?:[-+][0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*){0,2})
      | (?P<name>%?[A-Za-z0-9][A-Za-z0-9-]*)
      | (?P<sign>->|.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_ENDS: Final = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or string of a text; comments and white space are none."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WitText:
    """What one text holds.

    Attributes:
        package: The package that it states, such as `wasi:io@0.2.0`; empty if it states none.
        items: Each item at its top level (interfaces, worlds, uses) in one line, the same one
            for texts that mean the same: without `%` and last commas, its members sorted.
        nested: The packages that it holds in braces, by name, each as a text of its own.
        text: All of it but the nested packages.
        refers: The packages whose interfaces and worlds it names, nested packages included.
    """

    package: str
    items: tuple[str, ...]
    nested: tuple[tuple[str, str], ...]
    text: str
    refers: frozenset[str]


@functools.cache
def read(text: str) -> WitText:
    """Return what a WIT text holds; several tasks ask for the same files."""
    package, items, nested, rest, end = "", [], [], [], 0
    words = list(tokens(text))
    for statement in (words[part] for part in statements([token.text for token in words])):
        name, after = _package(statement)
        if not name:
            items.append(_in_one_line([token.text for token in statement]))
        elif statement[after].text == "{":
            body = text[statement[after].end : statement[-1].start]
            nested.append((name, f"package {name};\n{body}"))
            rest.append(text[end : statement[0].start])
            end = statement[-1].end
        else:
            package = package or name
    whole = "".join([*rest, text[end:]])
    return WitText(package, tuple(items), tuple(nested), whole, frozenset(_references(words)))


def _references(words: Sequence[Token]) -> Iterator[str]:
    """Return the package of each `a:b/c` or `a:b/c@1.2.3`."""
    signs = [token.text for token in words]
    for at, sign in enumerate(signs[1:-3], 1):
        if sign == ":" and signs[at + 2] == "/":
            version = f"@{signs[at + 5]}" if signs[at + 4 : at + 5] == ["@"] else ""
            yield f"{signs[at - 1]}:{signs[at + 1]}".replace("%", "") + version


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a WIT text, without comments, which may be nested."""
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found.lastgroup == "comment":
            at = _end_of_comment(text, at)
        elif found.lastgroup != "space":
            yield Token(found.group(), found.start(), at)


def _end_of_comment(text: str, at: int) -> int:
    depth = 1
    for mark in _COMMENT_ENDS.finditer(text, at):
        depth += 1 if mark.group() == "/*" else -1
        if not depth:
            return mark.end()
    return len(text)


def statements(words: Sequence[str]) -> Iterator[slice]:
    """Return where each statement is: up to a semicolon or a closing brace at the top level."""
    begin, depth = 0, 0
    for at, word in enumerate(words, 1):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if depth <= 0 and word in (";", "}"):
            yield slice(begin, at)
            begin, depth = at, 0
    if begin < len(words):
        yield slice(begin, len(words))


def _in_one_line(words: Sequence[str]) -> str:
    """Return one text for all ways to write an item; the order of its members means nothing."""
    kept = [
        word.removeprefix("%")
        for word, after in itertools.zip_longest(words, words[1:])
        if word != "," or after not in ("}", ")", ">")
    ]
    if "{" not in kept or kept[-1] != "}":
        return " ".join(kept)
    begin = kept.index("{") + 1
    body = kept[begin:-1]
    members = sorted(" ".join(body[part]) for part in statements(body))
    return " ".join([*kept[:begin], *members, "}"])


def _package(statement: Sequence[Token]) -> tuple[str, int]:
    """Return the package that a statement names, and the place of the token after its name."""
    words = [token.text for token in statement]
    end = next((at for at, word in enumerate(words) if word in (";", "{")), 0)
    name = words[1:end]
    right = [bool(n % 2) for n in range(len(name))]
    signs = [word in (":", "/", "@") for word in name]
    if words[0] != "package" or ":" not in name[:-1] or signs != right or right[-1]:
        return "", 0
    return "".join(word.removeprefix("%") for word in name), end

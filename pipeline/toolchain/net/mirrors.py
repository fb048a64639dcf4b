"""Mirrors: rewritten URLs, and servers that hold files by hash."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import documents
from pipeline.errors import DeclarationError
from pipeline.toolchain.net import urls

VARIABLE: Final = "DOIT_WASM_MIRRORS"

MIRRORS: Final = "mirrors.toml"
"""The one TOML file beside the tools' that is not a tool."""

_ARROW: Final = "->"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """URLs that begin with *old* begin with *new* instead."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Mirrors, in the order in which they are tried.

    Attributes:
        hashed: Base URLs of servers that hold each file as `sha256/HEX`.
        rewrites: Those that match a URL replace it; each is tried, the URL itself is not.
    """

    hashed: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()

    @classmethod
    def configured(cls, directory: Path) -> Mirrors:
        """Return the mirrors of the environment, else of `mirrors.toml` in *directory*, else none.

        Raises:
            DeclarationError: One of them is wrong.
        """
        text = os.environ.get(VARIABLE)
        if text is not None:
            return _of_variable(text)
        file = directory / MIRRORS
        return _of_file(file) if os.path.lexists(file) else cls()

    def urls(self, url: str, sha256: str) -> list[str]:
        """Return the URLs to try for the file at *url* with the hash *sha256*, in order."""
        return [*(f"{base}sha256/{sha256}" for base in self.hashed), *self.rewritten(url)]

    def rewritten(self, url: str) -> list[str]:
        """Return the URLs that replace *url*: itself, if no rewrite matches."""
        fitting = [rule for rule in self.rewrites if url.startswith(rule.old)]
        return [rule.new + url.removeprefix(rule.old) for rule in fitting] or [url]


def _of_variable(text: str) -> Mirrors:
    pairs = [word.partition(_ARROW) for word in text.split()]
    return Mirrors(
        hashed=tuple(urls.base(base, VARIABLE) for base, arrow, _ in pairs if not arrow),
        rewrites=tuple(
            Rewrite(urls.base(old, VARIABLE), urls.base(new, VARIABLE))
            for old, arrow, new in pairs
            if arrow
        ),
    )


def _of_file(file: Path) -> Mirrors:
    raw = documents.read_toml(file)
    unknown = sorted(raw.keys() - {"hashed", "rewrite"})
    if unknown:
        what = f"{file}: `{unknown[0]}` is not a known key"
        raise DeclarationError(what, fix="known here: hashed, rewrite")
    return Mirrors(
        hashed=tuple(
            _base(base, f"{file}: `hashed[{index}]`") for index, base in _list(raw, "hashed", file)
        ),
        rewrites=tuple(_rewrite(rule, index, file) for index, rule in _list(raw, "rewrite", file)),
    )


def _rewrite(rule: object, index: int, file: Path) -> Rewrite:
    where = f"{file}: `rewrite[{index}]`"
    if not isinstance(rule, dict) or rule.keys() != {"from", "to"}:
        raise DeclarationError(f"{where} is wrong", fix="give `from` and `to`, and nothing else")
    return Rewrite(
        _base(rule["from"], where.replace("`rewrite", "`from` of `rewrite")),
        _base(rule["to"], where.replace("`rewrite", "`to` of `rewrite")),
    )


def _base(value: object, where: str) -> str:
    if not isinstance(value, str):
        fix = 'write a text such as "https://mirror.example/path/"'
        raise DeclarationError(f"{where} is not a base URL", why=f"it is {value!r}", fix=fix)
    return urls.base(value, where)


def _list(raw: Mapping[str, Any], key: str, file: Path) -> Iterable[tuple[int, object]]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        what = f"{file}: `{key}` is wrong"
        fix = "give `hashed`, a list of URLs, and [[rewrite]] tables with `from` and `to`"
        raise DeclarationError(what, why="it is not a list", fix=fix)
    return enumerate(found)

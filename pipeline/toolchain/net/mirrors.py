"""Where else a file may be asked for: rewritten addresses, and directories named by hash."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli

from pipeline.errors import DeclarationError
from pipeline.toolchain.net import urls

VARIABLE: Final = "DOIT_WASM_MIRRORS"

MIRRORS: Final = "mirrors.toml"
"""The one TOML file beside the tools' that is not a tool."""

_ARROW: Final = "->"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Addresses that begin with *old* begin with *new* instead."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Mirrors, in the order in which they are asked.

    Attributes:
        hashed: Base URLs of directories that hold each file as `sha256/HEX`.
        rewrites: Of those that fit an address, each is asked, and the address itself is not.
    """

    hashed: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()

    @classmethod
    def configured(cls, directory: Path) -> Mirrors:
        """Return what the environment says, else `mirrors.toml` in *directory*, else none.

        Raises:
            DeclarationError: One of them is wrong.
        """
        text = os.environ.get(VARIABLE)
        if text is not None:
            return _of_variable(text)
        file = directory / MIRRORS
        return _of_file(file) if file.is_file() else cls()

    def urls(self, url: str, sha256: str) -> list[str]:
        """Return where the file of *url*, whose hash is *sha256*, is to be asked for, in order."""
        return [*(f"{base}sha256/{sha256}" for base in self.hashed), *self.rewritten(url)]

    def rewritten(self, url: str) -> list[str]:
        """Return the addresses that stand for *url*: itself, if no rewrite fits."""
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
    try:
        raw = tomli.loads(file.read_text(encoding="utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{file} is not TOML", why=str(error)) from error
    try:
        return _of_tables(raw, str(file))
    except (KeyError, TypeError, AttributeError) as error:
        raise DeclarationError(
            f"{file} is wrong",
            why=f"{type(error).__name__}: {error}",
            fix="give `hashed`, a list of URLs, and [[rewrite]] tables with `from` and `to`",
        ) from error


def _of_tables(raw: Mapping[str, Any], where: str) -> Mirrors:
    unknown = sorted(raw.keys() - {"hashed", "rewrite"})
    if unknown:
        what = f"{where}: `{unknown[0]}` is not a known key"
        raise DeclarationError(what, fix="known here: hashed, rewrite")
    return Mirrors(
        hashed=tuple(urls.base(base, where) for base in _list(raw, "hashed")),
        rewrites=tuple(
            Rewrite(urls.base(rule["from"], where), urls.base(rule["to"], where))
            for rule in _list(raw, "rewrite")
        ),
    )


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        raise TypeError(f"`{key}` is no list")
    return found

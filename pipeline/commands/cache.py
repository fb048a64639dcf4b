"""`doit-wasm cache`: what the action cache holds, and how to make it smaller."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.commands.tool_command import StandaloneCommand, no_words
from pipeline.engine.cache.fallback import limit, local_cache
from pipeline.engine.cache.local import LocalCache
from pipeline.errors import DeclarationError, StoreError

if TYPE_CHECKING:
    from typing import Final

_UNITS: Final = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE: Final = re.compile(r"(\d+)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)


class Cache(StandaloneCommand):
    """Shows the action cache, or removes from it what was not used for longest."""

    doc_purpose = "show or prune the action cache"
    doc_usage = "[--prune SIZE]"
    doc_description = (
        "The outputs of each step are kept under its key, for all projects of a user, so that "
        "nothing is made twice. DOIT_WASM_STORE moves the cache, DOIT_WASM_CACHE_BYTES bounds it."
    )
    cmd_options = (
        {
            "name": "prune",
            "long": "prune",
            "short": "",
            "type": str,
            "default": "",
            "help": "forget the oldest results until SIZE is left, such as 500M; 0 empties it",
        },
    )

    def perform(self, options: Mapping[str, object], words: Sequence[str]) -> int:
        """Show or prune."""
        no_words(words, "cache")
        cache = local_cache()
        try:
            _show(cache, str(options["prune"]))
        except (OSError, sqlite3.Error) as error:
            what = f"cannot use the cache in {cache.root}"
            raise StoreError(what, why=str(error), fix="see who owns it, or remove it") from error
        return 0


def _show(cache: LocalCache, prune: str) -> None:
    if prune:
        before = cache.bytes()
        cache.prune(parsed(prune))
        sys.stdout.write(f"removed {shown(before - cache.bytes())}\n")
    uses = cache.uses()
    total = sum(use.results for use in uses)
    of = f"{shown(cache.bytes())} of {shown(limit())}"
    sys.stdout.write(f"{total} results, {of}, in {cache.root}\n")
    for use in uses:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(use.used))
        sys.stdout.write(f"{used}  {shown(use.bytes):>10}  {use.results:>4}  {use.step}\n")


def parsed(text: str) -> int:
    """Return the bytes of a size such as `500M`.

    Raises:
        DeclarationError: It is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise DeclarationError(f"`{text}` is no size", fix="write one like `500M` or `2G`")
    return int(found[1]) << _UNITS[found[2].upper()]


def shown(count: int) -> str:
    """Return a number of bytes for people."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:  # noqa: PLR2004 - a KiB
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"

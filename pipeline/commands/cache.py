"""`doit-wasm cache`: show the content of the action cache, or make it smaller."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.commands.tool_command import StandaloneCommand, no_words
from pipeline.engine.cache.fallback import limit, local_cache
from pipeline.engine.cache.local import LocalCache
from pipeline.errors import StoreError
from pipeline.settings import bytes_of, size_text


class Cache(StandaloneCommand):
    """Shows the action cache, removes its oldest results, or makes a key that signs results."""

    doc_purpose = "show or prune the action cache"
    doc_usage = "[--prune SIZE | --new-key FILE]"
    doc_description = (
        "The cache keeps the outputs of each step under its key, for all projects of a user, so "
        "that no output is made twice. DOIT_WASM_STORE moves the cache, DOIT_WASM_CACHE_BYTES "
        "limits its size. --new-key makes a key for results that machines share."
    )
    cmd_options = (
        {
            "name": "prune",
            "long": "prune",
            "short": "",
            "type": str,
            "default": "",
            "help": "remove the oldest results until SIZE is left, such as 500M; 0 removes all",
        },
        {
            "name": "new_key",
            "long": "new-key",
            "short": "",
            "type": str,
            "default": "",
            "help": "write a private key for DOIT_WASM_REMOTE_SIGN to FILE; print its public key",
        },
    )

    def perform(self, options: Mapping[str, object], words: Sequence[str]) -> int:
        """Show or prune."""
        no_words(words, "cache")
        if options["new_key"]:
            return _new_key(Path(str(options["new_key"])))
        cache = local_cache()
        try:
            _show(cache, str(options["prune"]))
        except (OSError, sqlite3.Error) as error:
            what = f"cannot use the cache in {cache.root}"
            raise StoreError(what, why=str(error), fix="see who owns it, or remove it") from error
        return 0


def _new_key(path: Path) -> int:
    from pipeline.engine.cache.remote.settings import require_packages

    require_packages("--new-key")
    from pipeline.engine.cache.remote.signing import new_key

    sys.stdout.write(f"{new_key(path)}\n")
    return 0


def _show(cache: LocalCache, prune: str) -> None:
    if prune:
        before = cache.bytes()
        cache.prune(bytes_of(prune, "--prune"))
        sys.stdout.write(f"removed {size_text(before - cache.bytes())}\n")
    uses = cache.uses()
    total = sum(use.results for use in uses)
    of = f"{size_text(cache.bytes())} of {size_text(limit())}"
    sys.stdout.write(f"{total} results, {of}, in {cache.root}\n")
    for use in uses:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(use.used))
        sys.stdout.write(f"{used}  {size_text(use.bytes):>10}  {use.results:>4}  {use.step}\n")

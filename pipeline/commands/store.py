"""`doit-wasm store`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from pipeline.commands.project_root import beside_dodo
from pipeline.commands.tool_command import (
    AS_JSON,
    DIRECTORY,
    StandaloneCommand,
    flag,
    no_words,
    write_json,
)
from pipeline.errors import DeclarationError
from pipeline.toolchain.diagnose import store_maintenance
from pipeline.toolchain.install.installer import say_on_stderr
from pipeline.toolchain.install.usage import UsageRegister
from pipeline.toolchain.spec.tool_files import SHIPPED
from pipeline.toolchain.store.store import Store


class StoreCommand(StandaloneCommand):
    """Lists the store of tools, removes entries that no project names, or hashes all of them."""

    name: ClassVar[str | None] = "store"
    doc_purpose = "list, free or verify the tools in the store"
    doc_usage = ""
    doc_description = (
        "Lists each tool in the store with its size and the projects whose TOML files name it.\n"
        "--gc removes tools that no known project names, and what killed runs have left. A "
        "project is known once it has installed or found a tool here, and forgotten when its "
        "directory is gone. --dry-run only prints what would be removed.\n"
        "--verify hashes each tool and each fetched file that is kept for other tools, and removes "
        "damaged ones; the next run fetches them again. DOIT_WASM_STORE moves the store.\n"
        "Exit code: 1 if --verify found damage."
    )
    cmd_options = (
        DIRECTORY,
        AS_JSON,
        flag("gc", "remove tools that no known project names"),
        flag("dry_run", "with --gc: print what would be removed, and remove nothing"),
        flag("verify", "hash every tool, and remove damaged ones"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """List, remove or verify; return 1 if something was damaged."""
        no_words(words, "store")
        wrong = options["dry_run"] if not options["gc"] else options["verify"]
        if wrong:
            what = "--verify and --gc exclude each other, and --dry-run belongs to --gc"
            raise DeclarationError(what, fix="see `doit-wasm help store`")
        store = Store.default()
        # The project in this directory must not lose its tools to this command.
        project = Path(options["tools"] or beside_dodo("toolchains"))
        UsageRegister(store, project if project.is_dir() else SHIPPED).uses()
        if options["verify"]:
            return _verify(store, as_json=options["as_json"])
        chosen = store_maintenance.unused(store) if options["gc"] else store_maintenance.kept(store)
        swept = store_maintenance.sweep(store, dry_run=options["dry_run"]) if options["gc"] else 0
        if options["gc"] and not options["dry_run"]:
            chosen = store_maintenance.free(store, chosen, say_on_stderr)
        _show(store, chosen, options, swept)
        return 0


def _show(
    store: Store,
    chosen: list[store_maintenance.EntryReport],
    options: Mapping[str, Any],
    swept: int,
) -> None:
    total = sum(one.bytes for one in chosen)
    if options["as_json"]:
        entries = [asdict(one) for one in chosen]
        report = {"bytes": total, "entries": entries, "store": str(store.root)}
        write_json(report | ({"temporary_bytes": swept} if options["gc"] else {}))
        return
    for one in chosen:
        users = ", ".join(one.users) or "nobody"
        sys.stdout.write(f"{one.bytes / 1e6:>8.1f} MB  {one.name:<48} {users}\n")
    done = "freed " if options["gc"] else ""
    done = "would free " if options["dry_run"] else done
    sys.stdout.write(f"{done}{total / 1e6:.1f} MB, {len(chosen)} entries, in {store.root}\n")
    if swept:
        sys.stdout.write(f"{done}{swept / 1e6:.1f} MB that killed runs have left\n")


def _verify(store: Store, *, as_json: bool) -> int:
    found = dict(store_maintenance.verify(store, say_on_stderr))
    damaged = sorted(name for name, whole in found.items() if not whole)
    if as_json:
        write_json({"damaged": damaged, "verified": sorted(found), "store": str(store.root)})
    else:
        sys.stdout.writelines(f"damaged, removed: {name}\n" for name in damaged)
        sys.stdout.write(f"{len(found) - len(damaged)} whole, {len(damaged)} damaged\n")
    return 1 if damaged else 0

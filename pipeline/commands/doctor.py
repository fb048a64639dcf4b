"""`doit-wasm doctor`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from pipeline.commands.tool_command import (
    AS_JSON,
    DIRECTORY,
    StandaloneCommand,
    chosen_tools,
    no_words,
    tool_files,
    write_json,
)
from pipeline.settings import in_ci
from pipeline.toolchain.diagnose import doctor
from pipeline.toolchain.store.store import Store


class Doctor(StandaloneCommand):
    """Reports the state of the tools, their sources and the store."""

    name: ClassVar[str | None] = "doctor"
    doc_purpose = "report what is installed, what is missing, and how to repair it"
    doc_usage = ""
    doc_description = (
        "Lists each tool with its version, its source and its own version output; each source, and "
        "whether it answers within 3 s; and the store. It installs nothing.\n"
        "Exit code: 1 if a tool is missing, does not run, or differs from its pin."
    )
    cmd_options = (DIRECTORY, AS_JSON)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Print the report; return 1 if a tool that builds need is missing."""
        no_words(words, "doctor")
        store, files = Store.default(), tool_files(options)
        names = chosen_tools(options, files)
        with ThreadPoolExecutor(2) as pool:
            sources = pool.submit(doctor.reach, files, names, store)
            tools = pool.submit(doctor.tools, files, names, store)
            found, reached = tools.result(), sources.result()
        room = _room(store.root)
        if options["as_json"]:
            write_json(
                {
                    "tools": [asdict(one) for one in found],
                    "sources": [asdict(one) for one in reached],
                    "store": {"root": str(store.root), **room},
                    "c_compiler": shutil.which("cc"),
                }
            )
        else:
            _show(found, reached, store, room)
            if sys.stdout.isatty() and not in_ci():
                sys.stdout.write(f"{'next':<8} {_next(found)}\n")
        return 1 if any(one.problem for one in found) else 0


def _next(tools: Sequence[doctor.ToolHealth]) -> str:
    if any(one.problem for one in tools):
        return "`doit` installs what the tasks that it runs are missing"
    return "`doit` builds; `doit-wasm plan` shows what that would run"


def _room(root: Path) -> dict[str, int]:
    there = next(path for path in (root, *root.parents) if path.exists())
    used = sum(file.lstat().st_size for file in root.rglob("*") if file.is_file())
    return {"bytes": used, "free_bytes": shutil.disk_usage(there).free}


def _show(
    tools: list[doctor.ToolHealth],
    sources: list[doctor.SourceHealth],
    store: Store,
    room: Mapping[str, int],
) -> None:
    write = sys.stdout.write
    for tool in tools:
        mark = "missing" if not tool.version else "wrong" if tool.problem else "ok"
        mark = "-" if not tool.problem and not tool.version else mark
        write(f"{mark:<8} {tool.tool:<16} {tool.version or tool.wanted:<10} {tool.source}\n")
        for line in filter(None, (tool.says, *tool.notes, tool.problem)):
            write(f"{'':<8}   {line}\n")
        if tool.remedy:
            write(f"{'':<8}   help: {tool.remedy}\n")
    for one in sources:
        mark = "unknown" if one.reached is None else "ok" if one.reached else "no"
        write(f"{mark:<8} {one.source:<32} {one.seconds:.1f} s\n")
        for line in filter(None, (one.problem, one.remedy and f"help: {one.remedy}")):
            write(f"{'':<8}   {line}\n")
    compiler = shutil.which("cc")
    write(f"{'ok' if compiler else 'no':<8} C compiler {compiler or ''}\n")
    if not compiler:
        write(f"{'':<8}   help: install one; it builds tools that registries publish as source\n")
    used, free = room["bytes"] / 1e6, room["free_bytes"] / 1e9
    write(f"{'store':<8} {store.root}: {used:.0f} MB used, {free:.1f} GB free\n")

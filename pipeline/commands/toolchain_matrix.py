"""`doit-wasm toolchain_matrix`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from pipeline.commands.tool_command import (
    AS_JSON,
    DIRECTORY,
    StandaloneCommand,
    no_words,
    tool_files,
    write_json,
)
from pipeline.toolchain.diagnose.matrix import Cell, Way, matrix
from pipeline.toolchain.store.store import Store


class ToolchainMatrix(StandaloneCommand):
    """Prints which tools are available on which platforms."""

    name: ClassVar[str | None] = "toolchain_matrix"
    doc_purpose = "show which tools are available on which platforms, and who vouches for them"
    doc_usage = ""
    doc_description = (
        "Lists for each tool and platform each source with its version, the number and the size of "
        "its files, what their hashes were compared with (from lock.json), and who else publishes "
        "them; or why the tool is not available.\n"
        "Exit code: 1 if a cell has neither a source nor a reason, has both, or has no pin."
    )
    cmd_options = (DIRECTORY, AS_JSON)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Print the matrix; return 1 if a cell has a problem."""
        no_words(words, "toolchain_matrix")
        cells = matrix(tool_files(options), Store.default())
        problems = [cell for cell in cells if cell.problem]
        if options["as_json"]:
            write_json([asdict(cell) for cell in cells])
        else:
            sys.stdout.writelines(f"{line}\n" for cell in cells for line in _lines(cell))
        for cell in problems:
            sys.stderr.write(f"error: {cell.tool} on {cell.platform}: {cell.problem}\n")
        return 1 if problems else 0


def _lines(cell: Cell) -> list[str]:
    start = f"{cell.tool:<16} {cell.platform:<14}"
    if not cell.ways:
        return [f"{start} missing: {cell.missing or '(no reason given)'}"]
    return [f"{start} {_row(way)}" for way in cell.ways]


def _row(way: Way) -> str:
    files = "unpinned" if not way.pins else f"{way.pins} pinned"
    size = "" if not way.pins else f"{way.bytes / 1e6:.1f} MB" if way.bytes else "size unknown"
    by = f" by {', '.join(way.confirmed_by)}" if way.confirmed_by else ""
    return f"{way.version:<9} {files:<10} {size:<12} {way.confirmed + by:<44} {way.source}".rstrip()

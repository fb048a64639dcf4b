"""Have the Go runtime share its memory with the adapter of WASI.

The adapter of a component lives in the memory of the program and grows it, for its stack and its
state, before Go starts and after. Go takes it that nobody else does: its heap would run into them
as soon as it grows, and the next call of WASI would trap. What is compiled therefore has a runtime
that leaves out what others have added. `go build` takes the changed files from an overlay; the
compiler stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import CheckError

_RUNTIME: Final = Path("src/runtime")
_NOTICE: Final = "doitWasmLeaveForeign()"
_ALIGNED: Final = "// Round up bloc to align, then allocate size.\n"
_BELOW: Final = "// Implemented in src/runtime/sys_wasm.s\n"
_ADDED: Final = """
// doitWasmEnd is the end of memory after this runtime last grew it.
var doitWasmEnd uintptr

// doitWasmLeaveForeign moves the break above what others have added to memory.
//
//go:nosplit
func doitWasmLeaveForeign() {
	if end := uintptr(currentMemory()) * physPageSize; end != doitWasmEnd {
		bloc, blocMax, doitWasmEnd = end, end, end
	}
}

"""
_GROWN: Final = "\t\tdoitWasmEnd = uintptr(size+int32(grow)) * physPageSize\n"
_EDITS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "mem_wasm.go": (
        ("\tbl := bloc\n", f"\t{_NOTICE}\n\tbl := bloc\n"),
        ("\t\tresetMemoryDataView()\n", f"\t\tresetMemoryDataView()\n{_GROWN}"),
        (_BELOW, f"{_ADDED}{_BELOW}"),
    ),
    "mem_sbrk.go": ((_ALIGNED, f"{_NOTICE}\n{_ALIGNED}"),),
}


def write_overlay(root: Path, into: Path) -> Path:
    """Write the changed files and the overlay that names them; return the overlay.

    Args:
        root: The directory of Go, GOROOT.
        into: Where to write.

    Raises:
        CheckError: The runtime of this Go is another one, which might need other changes.
    """
    into.mkdir(parents=True, exist_ok=True)
    replaced = {}
    for name, edits in _EDITS.items():
        original = root / _RUNTIME / name
        text = files.read_text(original)
        for old, new in edits:
            if text.count(old) != 1:
                raise CheckError(
                    f"the memory of this Go cannot be shared with an adapter of WASI: {original}",
                    why=f"`{old.strip()}` stands {text.count(old)} times in it",
                    fix="take the pinned Go: `toolchains()` declares it",
                )
            text = text.replace(old, new)
        (into / name).write_text(text, encoding="utf-8")
        replaced[str(original)] = str((into / name).absolute())
    overlay = into / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return overlay

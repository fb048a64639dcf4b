"""Compile C and C++ code with zig, and make a component of it.

    python -m pipeline.steps.c_component ZIG WASM_TOOLS ADAPTERS BINDINGS OUT --include DIRECTORY
        --code FILE... -- FLAG...

BINDINGS is the output of `pipeline.steps.c_bindings`. A world that exports nothing is that of a
program whose `main` runs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import exit_code_of

TARGET: Final = "wasm32-wasi"
CPP: Final = (".cc", ".cpp", ".cxx")
_OF_LIBRARIES: Final = re.compile("-[Og]")
# The bindings of a world without exports export what allocates results of imports.
_EXPORT: Final = re.compile(r'__export_name__\("(?!cabi_)')


def compile_component(args: argparse.Namespace) -> int:
    """Compile; return the exit code of the compiler, or 0."""
    (bindings,) = args.bindings.glob("*.c")
    exports = _EXPORT.search(bindings.read_text(encoding="utf-8"))
    kind = "reactor" if exports else "command"
    core = args.out.with_suffix(".core.wasm")
    here = Path.cwd()
    cpp = [file for file in args.code if file.suffix in CPP]
    code = ["-x", "c", bindings, *(file for file in args.code if file not in cpp)]
    if cpp:
        code += ["-x", "c++", *cpp]
    compiler = [args.zig, "c++" if cpp else "cc", "-target", TARGET, f"-mexec-model={kind}"]
    if "-g" in args.flags:
        _compile_libraries([*compiler, *filter(_OF_LIBRARIES.match, args.flags)], args.out)
    words = [
        *(*compiler, f"-ffile-prefix-map={here}=.", "-fno-exceptions", f"-I{args.bindings}"),
        *(f"-I{args.include}", *args.flags, *code, "-x", "none", *args.bindings.glob("*.o")),
        *("-o", core),
    ]
    # Paths in its local cache would be in what it makes; the global one is shared by all builds.
    cache = {"ZIG_LOCAL_CACHE_DIR": ".zig-cache"}
    done = process.run(words, env={**os.environ, **cache}, codes=range(-64, 256))
    sys.stdout.write(done.output)
    if done.code:
        return abs(done.code)
    adapter = args.adapters / f"wasi_snapshot_preview1.{kind}.wasm"
    adapted = ["--adapt", f"wasi_snapshot_preview1={adapter}", "-o", args.out]
    process.run([args.wasm_tools, "component", "new", core, *adapted], env=os.environ)
    return 0


def _compile_libraries(compiler: Sequence[str | Path], out: Path) -> None:
    """Have zig compile its C library, which all builds share, outside of the project.

    The debug information of the library names the directory in which zig runs, and becomes part of
    components. An error is left to the compiler's next run.
    """
    empty = out.absolute().with_suffix(".empty.c")
    empty.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    words = [*compiler, empty, "-o", empty.with_suffix(".wasm")]
    env = {**os.environ, "ZIG_LOCAL_CACHE_DIR": str(Path(".zig-cache").absolute())}
    process.run(words, env=env, cwd=Path(empty.anchor), codes=range(-64, 256))


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.c_component", description=__doc__
    )
    for name in ("zig", "wasm_tools", "adapters", "bindings", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--include", type=Path, required=True)
    parser.add_argument("--code", type=Path, action="append", required=True)
    ours, flags = sys.argv[1:], []
    if "--" in ours:
        at = ours.index("--")
        ours, flags = ours[:at], ours[at + 1 :]
    args = parser.parse_args(ours)
    args.flags = flags
    return exit_code_of(lambda: compile_component(args))


if __name__ == "__main__":
    sys.exit(main())

"""Fetch a WIT package that a lock file pins, as it is in its registry, and as text.

    python -m pipeline.steps.wit_registry WKG WASM_TOOLS LOCK NAME@VERSION OUT

OUT gets `package.wasm`, and `wit` with the package and all that it refers to.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CommandError, DeclarationError, exit_code_of
from pipeline.toolchain.sources import wkg_client

BINARY: Final = "package.wasm"
TEXT: Final = "wit"


def fetch(args: argparse.Namespace) -> None:
    """Fetch the package.

    Raises:
        PipelineError: It cannot be fetched, differs from its pin, or holds no WIT.
    """
    locked = next(each for each in wkg_client.pins(args.lock) if each.whole == args.package)
    args.out.mkdir(parents=True)
    binary = args.out / BINARY
    wkg_client.get(args.wkg, locked, binary)
    try:
        process.run([args.wasm_tools, "component", "wit", binary, "--out-dir", args.out / TEXT])
    except CommandError as error:
        raise DeclarationError(
            f"{locked.whole} is no WIT package in the binary format", why=f"\n{error}"
        ) from error


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.wit_registry", description=__doc__
    )
    for name in ("wkg", "wasm_tools", "lock"):
        parser.add_argument(name, type=Path)
    parser.add_argument("package")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    return exit_code_of(lambda: fetch(args))


if __name__ == "__main__":
    sys.exit(main())

"""Become cargo, with the crates where this machine has them, and no word of where that is.

    python -m pipeline.cargo [--target TARGET] COMMAND...

It is run where Cargo.lock is. Crates that are vendored are unpacked below the target directory,
which cargo keeps from run to run.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from pipeline.errors import PipelineError
from pipeline.toolchain import crates
from pipeline.toolchain.limits import Limits

VENDORED: Final = Path("target", "vendored")


def main() -> NoReturn:
    """Run as a command; it becomes another, or ends if crates are missing."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.cargo", description=__doc__)
    parser.add_argument("--target", help="what rustc compiles for")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    try:
        settings = crates.vendored(Path("Cargo.lock"), VENDORED, limits=Limits())
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    if args.target:
        settings += crates.remapping(VENDORED.resolve(), args.target)
    program, *words = args.command
    end = words.index("--") if "--" in words else len(words)
    os.execv(program, [program, *words[:end], *settings, *words[end:]])  # noqa: S606


if __name__ == "__main__":
    main()

"""Become cargo, with the crates where this machine has them, and no word of where that is.

    python -m pipeline.cargo [--target TARGET] COMMAND...

It is run where Cargo.lock is. Crates that are vendored are unpacked below the target directory,
which cargo keeps from run to run.

rustc writes the paths of crate sources into panic messages. They become `/crates/NAME-VERSION` by
flags of the target, which add to those of `.cargo/config.toml`, where RUSTFLAGS would replace them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

from pipeline.errors import PipelineError
from pipeline.toolchain import crates
from pipeline.toolchain.limits import Limits

VENDORED: Final = Path("target", "vendored")


def remapping(homes: Iterable[Path], target: str) -> str:
    """Return the setting of cargo for crates kept in the directories *homes*.

    It is a TOML list, which unlike a variable can hold a path with blanks.
    """
    flags = [f"--remap-path-prefix={home}=/crates" for home in homes]
    return f"target.{target}.rustflags={json.dumps(flags)}"


def _homes() -> list[Path]:
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    registries = sorted(path for path in (home / "registry" / "src").glob("*") if path.is_dir())
    return [*registries, VENDORED.resolve()]


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
        settings += ["--config", remapping(_homes(), args.target)]
    program, *words = args.command
    end = words.index("--") if "--" in words else len(words)
    os.execv(program, [program, *words[:end], *settings, *words[end:]])  # noqa: S606


if __name__ == "__main__":
    main()

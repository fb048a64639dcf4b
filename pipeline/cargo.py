"""Become cargo, such that its outputs do not tell where this machine keeps its crates.

    python -m pipeline.cargo TARGET COMMAND...

rustc writes the paths of crate sources into panic messages. They become `/crates/NAME-VERSION` by
flags of the target, which add to those of `.cargo/config.toml`, where RUSTFLAGS would replace them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def remapping(home: Path, target: str) -> str:
    """Return the setting of cargo for the crates kept under *home*, its CARGO_HOME.

    It is a TOML list, which unlike a variable can hold a path with blanks.
    """
    registries = sorted(path for path in (home / "registry" / "src").glob("*") if path.is_dir())
    flags = [f"--remap-path-prefix={registry}=/crates" for registry in registries]
    return f"target.{target}.rustflags={json.dumps(flags)}"


def main() -> None:
    """Run as a command; it does not return."""
    target, program, *words = sys.argv[1:]
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    os.execv(program, [program, *words, "--config", remapping(home, target)])  # noqa: S606


if __name__ == "__main__":
    main()

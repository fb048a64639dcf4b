"""Run cargo so that its outputs do not tell where this machine keeps its crates.

    python -m pipeline.cargo TARGET COMMAND...

rustc writes the paths of crate sources into panic messages. They become `/crates/NAME-VERSION` by
flags of the target, which add to those of `.cargo/config.toml`, where RUSTFLAGS would replace them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import CommandError


def remapping(home: Path) -> str:
    """Return the flags for the crates that cargo keeps under *home*, its CARGO_HOME."""
    registries = sorted(path for path in (home / "registry" / "src").glob("*") if path.is_dir())
    return " ".join(f"--remap-path-prefix={registry}=/crates" for registry in registries)


def main() -> int:
    """Run as a command; return the exit code."""
    target, *command = sys.argv[1:]
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    variable = f"CARGO_TARGET_{target.upper().replace('-', '_')}_RUSTFLAGS"
    try:
        done = process.run(command, env={**os.environ, variable: remapping(home)})
    except CommandError as error:
        sys.stderr.write(f"{error.facts['output']}\n")
        return 1
    sys.stdout.write(done.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())

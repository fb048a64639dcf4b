"""Check one tool file against the rules and its table, apart from all others.

    python -m pipeline.updater.validate TOOL FILE TABLE

TABLE is the table of the tool in `tools.toml`, in TOML; empty: it has none.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline import process
from pipeline.errors import exit_code_of


def validate(tool: str, file: Path, table: str) -> int:
    """Run `checksum-updater validate` on a directory with this file alone.

    Args:
        tool: The name of the tool.
        file: Its tool file.
        table: Its table; empty if it has none.

    Returns:
        The updater's exit code.

    Raises:
        CommandError: The updater could not be started.
    """
    with TemporaryDirectory() as scratch:
        directory = Path(scratch) / "checksums"
        (directory / "tools").mkdir(parents=True)
        shutil.copyfile(file, directory / "tools" / f"{tool}.json")
        (directory / "tools.toml").write_text(table, encoding="utf-8")
        words = [sys.executable, "-m", "pipeline.updater", "validate", "--dir", str(directory)]
        done = process.run([*words, tool], env=os.environ, codes=range(256), apart=True)
    shown = file.parent.parent.as_posix()
    sys.stderr.write(done.errors.replace(str(directory), shown))
    if done.code:
        sys.stderr.write(f"  file: {file}\n")
    return done.code


def main() -> int:
    """Run as a command; return the exit code."""
    tool, file, table = sys.argv[1:]
    return exit_code_of(lambda: validate(tool, Path(file), table))


if __name__ == "__main__":
    sys.exit(main())

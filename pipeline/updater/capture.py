"""Run the updater and write its standard output to a file.

    python -m pipeline.updater.capture FILE ARGUMENT...

Exit code 3, newer releases, counts as success; with any other failure nothing is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import files, process
from pipeline.errors import exit_code_of

NEWER = 3


def save(file: Path, arguments: list[str]) -> int:
    """Write the updater's standard output to *file*, whole or not at all, and pass on its errors.

    Returns:
        Its exit code, with 0 in place of the code for newer releases.

    Raises:
        CommandError: It could not be started.
    """
    updater = [sys.executable, "-m", "pipeline.updater", *arguments]
    done = process.run(updater, env=os.environ, codes=range(256), apart=True)
    sys.stderr.write(done.errors)
    if done.code not in {0, NEWER}:
        return done.code
    files.write_atomic(file, done.output.encode())
    return 0


def main() -> int:
    """Run as a command; return the exit code."""
    return exit_code_of(lambda: save(Path(sys.argv[1]), sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())

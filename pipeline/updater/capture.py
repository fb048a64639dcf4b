"""Run the updater and keep what it writes to standard output in a file.

    python -m pipeline.updater.capture FILE ARGUMENT...

That there are newer releases, exit code 3, is no failure here; with any other nothing is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import files, process
from pipeline.errors import exit_code_of

NEWER = 3


def save(file: Path, arguments: list[str]) -> int:
    """Write what the updater says, whole, to *file*, and what it tells to standard error.

    Returns:
        Its exit code, 0 if it is that there are newer releases.

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

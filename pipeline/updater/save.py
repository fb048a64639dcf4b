"""Run the updater and keep what it writes to standard output in a file.

    python -m pipeline.updater.save FILE ARGUMENT...

That there are newer releases, exit code 3, is no failure here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import files, process
from pipeline.errors import PipelineError

NEWER = 3


def save(file: Path, arguments: list[str]) -> None:
    """Write what the updater says, whole, to *file*; the rest goes to standard error.

    Raises:
        CommandError: It failed; nothing is written.
    """
    updater = [sys.executable, "-m", "pipeline.updater", *arguments]
    done = process.run(updater, env=os.environ, codes=(0, NEWER), apart=True)
    sys.stderr.write(done.errors)
    files.write_atomic(file, done.output.encode())


def main() -> int:
    """Run as a command; return the exit code."""
    try:
        save(Path(sys.argv[1]), sys.argv[2:])
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run a command, and copy the file that it leaves.

    python -m pipeline.steps.copied FILE COPY COMMAND...

FILE stays where it is, because cargo, which keeps it between runs, may find it fresh and write
nothing.
"""

from __future__ import annotations

import os
import shutil
import sys

from pipeline import process
from pipeline.errors import exit_code_of


def main() -> int:
    """Run as a command; return the exit code."""
    file, copy, *command = sys.argv[1:]

    def work() -> None:
        sys.stdout.write(process.run(command, env=os.environ).output)
        shutil.copyfile(file, copy)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

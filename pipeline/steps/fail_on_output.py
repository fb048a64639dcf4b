"""Run a command that reports by printing, such as `gofmt -d`, and fail if it prints anything.

python -m pipeline.steps.fail_on_output COMMAND...
"""

from __future__ import annotations

import os
import sys

from pipeline import process
from pipeline.errors import CommandError


def main() -> int:
    """Run as a command; return the exit code."""
    try:
        output = process.run(sys.argv[1:], env=os.environ).output
    except CommandError as error:
        output = str(error)
    sys.stdout.write(output)
    return 1 if output else 0


if __name__ == "__main__":
    sys.exit(main())

"""Run a command, and add a remedy to messages that a beginner cannot act on.

python -m pipeline.steps.explained COMMAND...
"""

from __future__ import annotations

import os
import sys
from typing import Final

from pipeline import process
from pipeline.errors import exit_code_of

HELP: Final = {
    "attempted to start a goroutine without a scheduler": (
        "-scheduler=none forbids goroutines: take it out of `flags` of go_component()"
    ),
    " requires go >=": (
        "take an older version of that module with `go get MODULE@VERSION`, or name another "
        'compiler in `compiler` of go_component(): "go" is the newest Go that is pinned, and '
        "TinyGo follows it later"
    ),
    "import lookup disabled by -mod=": (
        "name the module in go.mod with `go get`, or `go mod vendor` where vendor/ is committed; "
        "of a module in a go.work, which is not read, write `replace MODULE => DIRECTORY`"
    ),
    "no required module provides package": (
        "name the module in go.mod with `go get`; of a module in a go.work, which is not read, "
        "write `replace MODULE => DIRECTORY`"
    ),
    "failed to find export of": (
        "import the package of bindings that is generated for it, and set its functions in Exports"
    ),
    "flag provided but not defined": (
        "`flags` of go_component() are those of its compiler: of `tinygo build`, or of `go build`"
    ),
}
"""What to do, by a part of the message."""


def explained(command: list[str]) -> int:
    """Run *command*, and print its output with the remedy for a known message.

    Returns:
        Its exit code.
    """
    return explain(process.run(command, env=os.environ, codes=range(-64, 256)))


def explain(done: process.Done) -> int:
    """Print the output of a command with the remedy for a known message; return its exit code.

    Args:
        done: Its result.
    """
    sys.stdout.write(done.output)
    if done.code:
        for message, fix in HELP.items():
            if message in done.output:
                sys.stdout.write(f"  help: {fix}\n")
    return abs(done.code)


def main() -> int:
    """Run as a command; return the exit code."""
    return exit_code_of(lambda: explained(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

"""Become cargo with the place of this machine's crates, which must not become part of a step.

    python -m pipeline.steps.cargo [--target TARGET [--here]] COMMAND...

It runs in the directory of Cargo.lock. Vendored crates are unpacked below the target directory,
which cargo keeps between runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from pipeline.errors import exit_code_of
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.sources import cargo_client

VENDORED: Final = Path("target", "vendored")


def become(command: Sequence[str], target: str | None, *, here: bool) -> NoReturn:
    """Become *command*, which is cargo, with settings that say where the crates are.

    Args:
        command: The command.
        target: What rustc compiles for; None if it does not matter which paths it writes.
        here: Whether it writes paths of the workspace, too, as debugging information does; they
            become relative.

    Raises:
        DeclarationError: The directory of vendored files is missing.
        OfflineError: A crate is missing, and connections are forbidden.
        VerificationError: A vendored crate differs from its pin.
    """
    settings = cargo_client.vendored(Path("Cargo.lock"), VENDORED, limits=Limits())
    if target:
        others = {Path.cwd(): "."} if here else {}
        settings += cargo_client.remapping(VENDORED.resolve(), target, others)
    program, *words = command
    end = words.index("--") if "--" in words else len(words)
    os.execv(program, [program, *words[:end], *settings, *words[end:]])  # noqa: S606


def main() -> int:
    """Run as a command; return the exit code if it cannot become cargo."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.cargo", description=__doc__)
    parser.add_argument("--target", help="what rustc compiles for")
    parser.add_argument("--here", action="store_true", help="it writes debugging information")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    return exit_code_of(lambda: become(args.command, args.target, here=args.here))


if __name__ == "__main__":
    sys.exit(main())

"""Run cargo with this machine's crates, whose place must not become part of a step.

    python -m pipeline.steps.cargo --root ROOT [--wit DIRECTORY]... [--known PLACE]...
        [--bindings FILE] [--target TARGET [--here]]
        [--made FILE --finished FILE [--wasm-opt PROGRAM]] COMMAND...

It runs in the directory of Cargo.lock, in a copy of the project at ROOT. Vendored crates are
unpacked below the target directory, which cargo keeps between runs. All is done in one process:
starting another one takes as long as some edits take to compile.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.bindings import without_mark
from pipeline.steps.content_times import restore_times
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.sources import cargo_client

TARGET: Final = Path("target")
VENDORED: Final = TARGET / "vendored"
TIMES: Final = TARGET / ".times.json"


def cargo(args: argparse.Namespace) -> int:
    """Build a component; or become cargo, if nothing is to be done with what it makes.

    Returns:
        The exit code of cargo.

    Raises:
        CommandError: wasm-opt failed.
        DeclarationError: The directory of vendored files is missing, or two packages of WIT differ.
        OfflineError: A crate is missing, and connections are forbidden.
        VerificationError: A vendored crate differs from its pin.
    """
    if args.wit:
        from pipeline.steps.with_wit import add  # few crates need it

        for wit in args.wit:
            add(wit, args.known)
    if args.bindings:  # cargo-component would replace them if they were not as it makes them
        code = without_mark(args.bindings.read_text(encoding="utf-8"))
        args.bindings.write_text(code, encoding="utf-8")
    root = args.root.resolve()
    restore_times(root, TIMES, root.name)
    command = _with_settings(args.command, args.target, here=args.here)
    if not args.made:
        process.become(command)  # what it prints is the output of the step
    if exit_code := process.run_child(command):
        return abs(exit_code)
    _finish(args.made, args.finished, args.wasm_opt)
    return 0


def _with_settings(command: Sequence[str], target: str | None, *, here: bool) -> list[str]:
    """Return *command*, which is cargo, with settings that say where the crates are.

    Args:
        command: The command.
        target: What rustc compiles for; None if it does not matter which paths it writes.
        here: Whether it writes paths of the workspace, too, as debugging information does; they
            become relative.
    """
    settings = cargo_client.vendored(Path("Cargo.lock"), VENDORED, limits=Limits())
    if target:
        others = {Path.cwd(): "."} if here else {}
        settings += cargo_client.remapping(VENDORED.resolve(), target, others)
    end = command.index("--") if "--" in command else len(command)
    return [*command[:end], *settings, *command[end:]]


def _finish(made: Path, finished: Path, program: str | None) -> None:
    """Make what becomes of a component; it stays as it is, for cargo may find it fresh."""
    if program is None:
        shutil.copyfile(made, finished)
        return
    from pipeline.steps.wasm_opt import shrink  # not in dev

    shrink(program, made, finished)


def main() -> int:
    """Run as a command; return the exit code if it does not become cargo."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.cargo", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the copy of the project")
    parser.add_argument("--wit", action="append", type=Path, default=[], help="needs packages")
    parser.add_argument("--known", action="append", type=Path, default=[], help="may have them")
    parser.add_argument("--target", help="what rustc compiles for")
    parser.add_argument("--here", action="store_true", help="it writes debugging information")
    parser.add_argument("--bindings", type=Path, help="what cargo-component has generated")
    parser.add_argument("--made", type=Path, help="what cargo makes")
    parser.add_argument("--finished", type=Path, help="what becomes of it")
    parser.add_argument("--wasm-opt", help="the program that makes it smaller")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    return exit_code_of(lambda: cargo(args))


if __name__ == "__main__":
    sys.exit(main())

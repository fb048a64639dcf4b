"""`doit-wasm export`: what is recorded in checksums/, in the formats of other tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline import files, process
from pipeline.checksums import published, tool_file
from pipeline.checksums.formats import FORMATS
from pipeline.commands.project_root import beside_dodo
from pipeline.commands.tool_command import StandaloneCommand
from pipeline.errors import DeclarationError

STARLARK: Final = "starlark"
"""The format that the updater itself writes."""

CHECKSUMS: Final[dict[str, object]] = {
    "name": "checksums",
    "long": "checksums",
    "short": "",
    "type": str,
    "default": "",
    "metavar": "DIR",
    "help": "the checksums directory [default: checksums, next to dodo.py]",
}
OUTPUT: Final[dict[str, object]] = {
    "name": "output",
    "long": "output",
    "short": "o",
    "type": str,
    "default": "",
    "metavar": "FILE",
    "help": "write to FILE, whole or not at all [default: standard output]",
}
_ABOUT: Final = {name: each.about for name, each in FORMATS.items()} | {
    STARLARK: "a module for Bazel; the updater must be built"
}


class Export(StandaloneCommand):
    """Renders the latest recorded release of each tool in another format."""

    name: ClassVar[str | None] = "export"
    doc_purpose = "print the recorded checksums in the format of another tool"
    doc_usage = "FORMAT [TOOL ...] [--checksums DIR] [-o FILE]"
    doc_description = (
        "Writes the latest recorded release of each tool, or of the named ones. Nothing is "
        "fetched.\n\nFormats:\n"
        + "\n".join(f"  {name:<15} {about}" for name, about in sorted(_ABOUT.items()))
        + "\n\nWhat a format cannot hold is reported on standard error.\n"
        "Exit code: 2 if a tool file or an argument is wrong."
    )
    cmd_options = (CHECKSUMS, OUTPUT)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the releases in the format that the first word names."""
        if not words or words[0] not in _ABOUT:
            what = f"there is no format `{words[0]}`" if words else "export needs a format"
            raise DeclarationError(what, fix=f"name one of: {', '.join(sorted(_ABOUT))}")
        directory = checksums_directory(options)
        tools = tool_file.chosen(directory, words[1:])
        if words[0] == STARLARK:
            return _starlark(directory, tools, options["output"])
        releases, skipped = published.latest(directory, tools)
        left_out = list(skipped)
        if not releases:
            reasons = "".join(f"\n    {line}" for line in left_out)
            fix = "record a release with files: `checksum-updater update --all`"
            raise DeclarationError("there is nothing to export", fix=fix, left_out=reasons)
        write(options["output"], FORMATS[words[0]].render(releases, left_out))
        sys.stderr.writelines(f"left out: {line}\n" for line in left_out)
        return 0


def _starlark(directory: Path, tools: Sequence[str], output: str) -> int:
    """Have the updater write the module; return its exit code."""
    words = ["generate-bazel-rules", "--dir", str(directory), "--", *tools]
    updater = [sys.executable, "-m", "pipeline.updater", *words]
    done = process.run(updater, env=os.environ, codes=range(256), apart=True)
    sys.stderr.write(done.errors)
    if done.code == 0:
        write(output, done.output)
    return done.code


def checksums_directory(options: Mapping[str, Any]) -> Path:
    """Return the named checksums directory, or the one next to dodo.py.

    Raises:
        DeclarationError: There is no such directory.
    """
    named = options["checksums"]
    directory = Path(named) if named else beside_dodo("checksums")
    if not directory.is_dir():
        fix = "run this in the project, or name the directory with --checksums DIR"
        raise DeclarationError(f"there is no directory {directory}", fix=fix)
    return directory


def write(output: str, text: str) -> None:
    """Write *text* to the file *output*, or to standard output if that is "".

    Raises:
        DeclarationError: *output* is a directory.
        OSError: It cannot be written.
    """
    data = text.encode("utf-8", "backslashreplace")  # half characters of a hand-edited file
    if not output:
        sys.stdout.write(data.decode())
        return
    if Path(output).is_dir():
        raise DeclarationError(f"{output} is a directory", fix="name a file")
    files.write_output(Path(output), data)

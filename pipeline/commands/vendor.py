"""`doit vendor`: fetch what a build is made of, for machines without a network."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from doit.exceptions import InvalidCommand

from pipeline.commands.tools import DIRECTORY, ToolCommand, flag
from pipeline.errors import PipelineError
from pipeline.rules import needs
from pipeline.toolchain import vendor
from pipeline.toolchain.install import Installer
from pipeline.toolchain.platform import PLATFORMS, current

if TYPE_CHECKING:
    from typing import Any


class Vendor(ToolCommand):
    """Fills a directory that another machine names in DOIT_WASM_VENDOR."""

    doc_purpose = "fetch what a build is made of into a directory, for machines without a network"
    doc_usage = "DIR [TOOL ...] [--platform P ...] [--tools DIR] [--components DIR] [--no-tools]"
    doc_description = (
        "Into it go the tools, or only those named, and the crates and Go modules that the "
        "components' lock files name. Each file is kept under its hash and checked against its "
        "pin, here and again where it is used: set DOIT_WASM_VENDOR to the directory there, and "
        "DOIT_WASM_OFFLINE=1 to have no connection made at all. What cannot be had is said."
    )
    cmd_options = (
        {
            "name": "platform",
            "long": "platform",
            "short": "",
            "type": list,
            "default": [],
            "help": f"one of {', '.join(PLATFORMS)}; may be repeated; default: this machine's",
        },
        DIRECTORY,
        {
            "name": "components",
            "long": "components",
            "short": "",
            "type": str,
            "default": "components",
            "metavar": "DIR",
            "help": "directory with crates.lock and go.sum files [default: %(default)s]",
        },
        flag("no_tools", "only what the components need"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Fetch."""
        if not words:
            raise InvalidCommand("vendor needs a directory (help: `doit vendor DIR`)")
        root, *wanted = words
        for name in options["platform"]:
            if name not in PLATFORMS:
                raise InvalidCommand(f"`{name}` is no platform (help: {', '.join(PLATFORMS)})")
        installer = Installer(Path(options["tools"]))
        into = vendor.Vendor(Path(root).absolute())
        found = []
        if not options["no_tools"]:
            found += [
                fill(installer, wanted or installer.names(), into, name)
                for name in options["platform"] or [current()]
            ]
        if not wanted:
            found.append(components(Path(options["components"]), installer, into))
        return 0 if all(found) else 1


def components(directory: Path, installer: Installer, into: vendor.Vendor) -> bool:
    """Vendor the crates and Go modules of components; return whether all could be had."""
    try:
        count = needs.vendor(directory, installer, into)
    except PipelineError as error:
        if error.exit_code != 1:
            raise
        sys.stderr.write(f"{directory}: left out: {error}\n")
        return False
    sys.stderr.write(f"{directory}: {count} files that lock crates or Go modules\n")
    return True


def fill(installer: Installer, wanted: Sequence[str], into: vendor.Vendor, name: str) -> bool:
    """Vendor tools with all that they need; return whether all could be had.

    Args:
        installer: The tools.
        wanted: Names of tools.
        into: The directory.
        name: The platform that they are for.
    """
    left, done, failed = list(wanted), set[str](), False
    while left:
        tool = left.pop(0)
        if tool in done:
            continue
        done.add(tool)
        try:
            left += installer.vendor(tool, into, name)
        except PipelineError as error:
            if error.exit_code != 1:
                raise  # other bytes than pinned, or a file that makes no sense
            failed = True
            sys.stderr.write(f"{name}: left out: {error}\n")
    return not failed

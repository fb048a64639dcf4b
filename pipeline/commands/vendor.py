"""`doit vendor`: fetch what the tools are made of, for machines without a network."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from doit.exceptions import InvalidCommand

from pipeline.commands.tools import DIRECTORY, ToolCommand
from pipeline.errors import PipelineError
from pipeline.toolchain import vendor
from pipeline.toolchain.install import Installer
from pipeline.toolchain.platform import PLATFORMS, current

if TYPE_CHECKING:
    from typing import Any


class Vendor(ToolCommand):
    """Fills a directory that another machine names in DOIT_WASM_VENDOR."""

    doc_purpose = (
        "fetch what the tools are made of into a directory, for machines without a network"
    )
    doc_usage = "DIR [TOOL ...] [--platform P ...] [--tools DIR]"
    doc_description = (
        "Each file is kept under its hash and checked against its pin, here and again where it is "
        "used: set DOIT_WASM_VENDOR to the directory there, and DOIT_WASM_OFFLINE=1 to have no "
        "connection made at all. For a platform other than this machine's, what is built, or "
        "fetched by a client of that platform, cannot be had; it is said what that leaves out."
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
        found = [
            fill(installer, wanted or installer.names(), into, name)
            for name in options["platform"] or [current()]
        ]
        return 0 if all(found) else 1


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

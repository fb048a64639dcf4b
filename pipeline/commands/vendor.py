"""`doit-wasm vendor`: fetch all that a build needs, for machines without a network."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.project_root import beside_dodo
from pipeline.commands.tool_command import (
    DIRECTORY,
    StandaloneCommand,
    chosen_tools,
    flag,
    tool_files,
)
from pipeline.errors import DeclarationError, PipelineError, VerificationError
from pipeline.rules import vendor_components
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.net import vendor
from pipeline.toolchain.platform import PLATFORMS, current

if TYPE_CHECKING:
    from typing import Any


class Vendor(StandaloneCommand):
    """Fills a directory that another machine names in DOIT_WASM_VENDOR."""

    doc_purpose = "fetch all that a build needs into a directory, for machines without a network"
    doc_usage = "DIR [TOOL ...] [--platform P ...] [--tools DIR] [--components DIR] [--no-tools]"
    doc_description = (
        "Fetches the tools that the project declares or has used, or the named ones, and the "
        "crates, Go modules and WIT packages that the lock "
        "files of the components name. Each file is stored under its hash and checked against its "
        "pin, here and again where it is used: set DOIT_WASM_VENDOR to the directory there, and "
        "DOIT_WASM_OFFLINE=1 to forbid all connections. Missing files are reported.\n"
        "Exit code: 1 if something is not available, 4 if a file differs from its pin."
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
            "default": "",
            "metavar": "DIR",
            "help": "directory with the lock files of components [default: components, if there]",
        },
        flag("no_tools", "fetch only what the components need"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Fetch."""
        root, wanted = _words(words, no_tools=options["no_tools"])
        tools = tool_files(options)
        installer = Installer(tools)
        into = vendor.VendorDirectory(root)
        platforms = [] if options["no_tools"] else options["platform"] or [current()]
        for name in platforms:
            if name not in PLATFORMS:
                fix = f"name one of: {', '.join(PLATFORMS)}"
                raise DeclarationError(f"`{name}` is no platform", fix=fix)
        place = _components(options["components"])
        names = wanted or chosen_tools(options, tools)
        found = [fill(installer, names, into, name, named=bool(wanted)) for name in platforms]
        if place and not wanted:
            found.append(components(place, installer, into))
        return 0 if all(found) else 1


def _words(words: Sequence[str], *, no_tools: bool) -> tuple[Path, Sequence[str]]:
    """Return the directory to fill and the named tools."""
    if not words or not words[0]:
        raise DeclarationError("vendor needs a directory", fix="write `doit-wasm vendor DIR`")
    root, *wanted = words
    if wanted and no_tools:
        what = f"--no-tools and the tools {', '.join(wanted)} exclude each other"
        raise DeclarationError(what, fix="see `doit-wasm help vendor`")
    return Path(root).absolute(), wanted


def _components(named: str) -> Path | None:
    """Return the directory of the components; None if there is none and none was named."""
    place = Path(named) if named else beside_dodo("components")
    if place.is_dir():
        return place
    if named:
        raise DeclarationError(f"there is no directory {place}", fix="see `doit-wasm help vendor`")
    return None


def components(place: Path, installer: Installer, into: vendor.VendorDirectory) -> bool:
    """Vendor what the lock files of components name; return whether all of it is available."""
    try:
        count = vendor_components.vendor(place, installer, into)
    except (DeclarationError, VerificationError):
        raise
    except PipelineError as error:
        sys.stderr.write(f"{place}: left out: {error}\n")
        return False
    sys.stderr.write(f"{place}: {count} files that lock crates, Go modules or WIT packages\n")
    return True


def fill(
    installer: Installer,
    names: Sequence[str],
    into: vendor.VendorDirectory,
    name: str,
    *,
    named: bool,
) -> bool:
    """Vendor tools with all that they need.

    Args:
        installer: The tools.
        names: The tools.
        into: The directory to fill.
        name: The platform of the tools.
        named: Whether the user named them; else those that builds can do without may be
            unavailable.

    Returns:
        Whether all required tools are available.
    """
    left, done, failed = list(names), set[str](), False
    while left:
        tool = left.pop(0)
        if tool in done:
            continue
        done.add(tool)
        try:
            left += installer.vendor(tool, into, name)
        except (DeclarationError, VerificationError):
            raise
        except PipelineError as error:
            without = "" if named else installer.optional(tool)
            failed = failed or not without
            only = f" (only for {without})" if without else ""
            sys.stderr.write(f"{name}: left out{only}: {error}\n")
    return not failed

"""Requires that a compiler knows the version of Go that a go.mod names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline import documents, files
from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import DeclarationError
from pipeline.rules.generated import Check
from pipeline.rules.go_manifest import directives
from pipeline.toolchain.spec.tool_files import ToolFiles

PINNED: Final = {
    "go": 'compiler="go"',
    "go-1.26": 'compiler="tinygo"',
    "go-1.24": '`toolchains(instead={"tinygo": "tinygo-0.38"})`',
}
"""The pinned versions of Go -> what compiles with them."""


class RequireGo(Check):
    """Fails if go.mod names a newer Go than the one that a compiler brings.

    Args:
        module: Directory of the go.mod.
        compiler: Name of the tool, which is Go itself or needs it.
    """

    def __init__(self, module: Path, compiler: str) -> None:
        self._file = module / "go.mod"
        self._compiler = compiler

    def __repr__(self) -> str:
        return f"require a {self._compiler} for {self._file}"

    def perform(self) -> None:
        """Compare the versions.

        Raises:
            DeclarationError: That of go.mod is newer.
            ToolMissingError: The compiler is not installed.
        """
        wanted = next((words[1] for words in directives(self._file) if words[0] == "go"), "1.21")
        stamp = Stamp.known(self._compiler)
        has = _version_of(stamp)
        if not has or _numbers(wanted) <= _numbers(has):
            return
        pinned = {name: _pin(name) for name in PINNED}
        fits = [name for name, version in pinned.items() if _numbers(wanted) <= _numbers(version)]
        newest = pinned["go"]
        raise DeclarationError(
            f"{self._file} requires go >= {wanted}",
            why=f"{stamp.name} {stamp.version} compiles with Go {has}",
            pinned=", ".join(f"Go {version} for {PINNED[n]}" for n, version in pinned.items()),
            fix=(
                f"build with {PINNED[fits[0]]}, or lower the `go` line of go.mod to {_minor(has)}"
                if fits
                else f"lower the `go` line of go.mod to {_minor(newest)}, or pin a newer Go"
            ),
        )


def _version_of(compiler: Stamp) -> str:
    """Return the version of the Go that a compiler is or brings; empty if that is not known."""
    if compiler.name == "go":
        return compiler.version
    if compiler.promised:  # then the names of the directories that will be there are known
        return next(filter(None, map(_version_in, compiler.needs.items())), "")
    roots = [Path(root) for tool, root in compiler.needs.items() if tool.startswith("go")]
    known = [root / "VERSION" for root in roots if (root / "VERSION").is_file()]
    lines = [files.read_text(file).splitlines() for file in known]
    return lines[0][0].removeprefix("go") if lines and lines[0] else ""


def _version_in(need: tuple[str, str]) -> str:
    """Return the version in the place of a tool in the store, if the tool is Go."""
    tool, root = need
    entry = Path(root).parent.name
    return entry.removeprefix(f"{tool}-").rpartition("-")[0] if tool.startswith("go") else ""


def _pin(name: str) -> str:
    return str(documents.read_toml(ToolFiles.of_project(None).find(name)).get("version", ""))


def _numbers(version: str) -> list[int]:
    """Return a version of Go for comparison; that of a candidate counts as the release's."""
    found = re.match(r"[\d.]*", version)
    return [int(part) for part in found[0].split(".") if part] if found else []


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])

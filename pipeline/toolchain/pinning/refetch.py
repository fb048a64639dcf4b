"""Fetch files from their sources anew, to compare them with pins or to pin others."""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import AbstractContextManager

from pipeline.errors import (
    DeclarationError,
    DownloadError,
    NoSourceError,
    SourceUnavailableError,
)
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.lock.model import Confirmation, Lockfile, with_confirmations
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.sources.base import Source
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import SourceSpec, ToolSpec
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store


class Refetcher:
    """The sources of a project's tools.

    Args:
        tools: The TOML files.
        store: The store of the tools that fetch files.
        say: Prints one line for the user.
    """

    def __init__(self, tools: ToolFiles, store: Store, say: Callable[[str], None]) -> None:
        self._tools = tools
        self._checked = store.checked
        self._say = say
        self._installer = Installer(tools, store=store, say=say)

    def compare(self, lock: Lockfile) -> Lockfile:
        """Fetch each file that only its pin vouches for; return *lock* with the confirmations.

        Files that cannot be fetched are reported, and their entries stay as they are.

        Raises:
            VerificationError: A file does not match its pin.
            PipelineError: The store cannot be written, or a tool that fetches cannot be installed.
        """
        known = {one.hash for _, _, one in lock.files() if one.confirmed != "pin"}
        found: dict[str, Confirmation] = {}
        names = self._tools.names_of_first()
        for platform in PLATFORMS:
            tools = load.load_named(self._tools, names, platform, self._checked)
            for tool in (tools[name] for name in names):
                for source in tool.sources:
                    found |= self._compared(tool, source, platform, known | found.keys())
        return with_confirmations(lock, found)

    def _compared(
        self, tool: ToolSpec, source: SourceSpec, platform: str, known: Container[str]
    ) -> dict[str, Confirmation]:
        found: dict[str, Confirmation] = {}
        for part in source.parts.values():
            if all(pin.hash in known for pin in part.pins(tool.file.parent)):
                continue
            self._say(f"{tool.name} for {platform}: comparing {part}")
            try:
                with self._job(tool, source, platform) as job:
                    sizes = part.compare(job)
            except (SourceUnavailableError, DownloadError, NoSourceError) as error:
                self._say(f"{tool.name} for {platform}: not compared: {error.summary}")
                continue
            found |= {sha256: Confirmation(part.confirmed, size) for sha256, size in sizes.items()}
        return found

    def ask(self, name: str, platform: str, part: Source) -> tuple[str, Confirmation]:
        """Return the hash of the file that the registry of *part* serves, and how it is confirmed.

        Args:
            name: The tool.
            platform: The platform that the file is for.
            part: A source of one file: one of the tool's, with another version.

        Raises:
            SourceUnavailableError: It cannot serve.
            PipelineError: As `compare` does.
        """
        tool = load.load(self._tools, name, platform, self._checked)[name]
        for source in tool.sources:
            if any(one.kind == part.kind for one in source.parts.values()):
                with self._job(tool, source, platform) as job:
                    digest, size = part.ask(job)
                return digest, Confirmation(part.confirmed, size)
        raise DeclarationError(f"{tool.file} has no source of kind {part.kind} for {platform}")

    def _job(
        self, tool: ToolSpec, source: SourceSpec, platform: str
    ) -> AbstractContextManager[SourceContext]:
        # A vendored file proves nothing about its source.
        return self._installer.job(tool.name, source.uses, platform=platform, vendored=False)

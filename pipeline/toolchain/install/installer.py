"""Put tools into the store, from the first of their sources that can serve."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.errors import DownloadError, NoSourceError, PipelineError, SourceUnavailableError
from pipeline.toolchain.install.activate import present
from pipeline.toolchain.install.entry_key import entry_key
from pipeline.toolchain.install.usage import UsageRegister
from pipeline.toolchain.platform import current
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import SourceSpec, ToolSpec
from pipeline.toolchain.store.installed import InstalledTool
from pipeline.toolchain.store.store import Manifest, Store, StoreEntry

# What only an installation needs is loaded by it: each start of doit looks whether tools are there.
if TYPE_CHECKING:
    from pipeline.toolchain.limits import Limits
    from pipeline.toolchain.net.reachability import Reachability
    from pipeline.toolchain.net.vendor import VendorDirectory
    from pipeline.toolchain.sources.context import SourceContext


def say_on_stderr(line: str) -> None:
    """Tell the user *line* at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Installer:
    """The tools of a project. It may be used by several threads.

    Args:
        directory: Where the TOML files are.
        store: Where tools are kept; default: the user's store.
        say: Tells the user something, in one line.
        limits: Times and sizes.
    """

    def __init__(
        self,
        directory: Path,
        *,
        store: Store | None = None,
        say: Callable[[str], None] = say_on_stderr,
        limits: Limits | None = None,
    ) -> None:
        self._directory = directory
        self._store = store or Store.default()
        self._say = say
        self._own_limits = limits
        self._platform = current()
        self._register = UsageRegister(self._store, directory)

    @functools.cached_property
    def _limits(self) -> Limits:
        from pipeline.toolchain.limits import Limits

        return self._own_limits or Limits()

    @functools.cached_property
    def _hosts(self) -> Reachability:
        from pipeline.toolchain.net.reachability import Reachability

        return Reachability(self._limits.connect_seconds)

    def names(self) -> list[str]:
        """Return the names of all tools, without reading their files."""
        return load.names(self._directory)

    def find(self, name: str) -> InstalledTool | None:
        """Return the tool if it is in the store, with all that it needs; ask no network.

        Raises:
            DeclarationError: A TOML file is wrong.
            StoreError: Its entry cannot be read.
        """
        return self._find(name, self._load(name))

    def install(self, name: str) -> InstalledTool:
        """Return the tool; if it is not in the store, get it, and all that it needs.

        Raises:
            DeclarationError: A TOML file is wrong.
            NoSourceError: No source can serve.
            VerificationError: A source sent something else than what was pinned.
            ArchiveRefusedError: An archive would write outside its directory.
            CommandError: A build failed.
            StoreError: The store cannot be written, or is full.
        """
        return self._install(name, self._load(name))

    def optional(self, name: str) -> str:
        """Return who alone needs the tool, if a build can do without; else "".

        Raises:
            DeclarationError: A TOML file is wrong.
        """
        return self._load(name)[name].optional

    def vendor(self, name: str, into: VendorDirectory, platform: str) -> Sequence[str]:
        """Put what the tool is made of into a directory of vendored files.

        Args:
            name: The tool.
            into: The directory.
            platform: The platform that it is for.

        Returns:
            The tools that it needs, or that the source which could be fetched whole uses.

        Raises:
            NoSourceError: No source could be fetched whole.
            PipelineError: As `install` does.
        """
        tools = load.load(self._directory, name, platform, self._store.checked)
        tool, reasons = tools[name], {}
        if platform in tool.missing:
            self._say(f"{name}: none for {platform}: {tool.missing[platform]}")
            return []
        with self._store.guarded(name), self._store.locked(name, lambda: None):
            for source in tool.sources:
                try:
                    self._provide(tool, source, into, platform)
                except (SourceUnavailableError, DownloadError, NoSourceError) as error:
                    reasons[str(source)] = in_a_line(error)
                else:
                    self._say(f"{name} {source.version} for {platform}: from {source}")
                    return [*tool.needs, *source.uses]
        raise self._no_source(tool, reasons, verb="vendor", platform=platform)

    def _provide(
        self, tool: ToolSpec, source: SourceSpec, into: VendorDirectory, platform: str
    ) -> None:
        with self._job(tool.name, source.uses, platform) as job:
            for name, part in source.parts.items():
                part.provide(job.part(name or "part", {}), into)

    def _load(self, name: str) -> Mapping[str, ToolSpec]:
        return load.load(self._directory, name, self._platform, self._store.checked)

    def _find(self, name: str, tools: Mapping[str, ToolSpec]) -> InstalledTool | None:
        tool = tools[name]
        needs = [self._find(need, tools) for need in tool.needs]
        there = [need for need in needs if need]
        if len(there) < len(needs):
            return None
        for source in tool.sources:
            key = entry_key(tool, source, tools, self._platform)
            entry = self._store.find(name, source.version, key)
            if entry:
                self._register.uses(entry.tree.parent.name)
                return present(tool, entry, there)
        return None

    def _install(self, name: str, tools: Mapping[str, ToolSpec]) -> InstalledTool:
        needs = [self._install(need, tools) for need in tools[name].needs]
        found = self._find(name, tools)
        if found:
            return found

        def waiting() -> None:
            self._say(f"{name}: waiting for another build that installs it")

        # The lock holds between threads as well as between processes.
        with self._store.guarded(name), self._store.locked(name, waiting):
            found = self._find(name, tools)
            if found:
                return found
            if self._damaged(tools[name], tools):
                self._say(f"{name}: what the store has of it is damaged; it is fetched again")
            entry = self._obtain(tools[name], tools)
            self._register.uses(entry.tree.parent.name)
            return present(tools[name], entry, needs)

    def _damaged(self, tool: ToolSpec, tools: Mapping[str, ToolSpec]) -> bool:
        return any(
            self._store.has(tool.name, one.version, entry_key(tool, one, tools, self._platform))
            for one in tool.sources
        )

    def _obtain(self, tool: ToolSpec, tools: Mapping[str, ToolSpec]) -> StoreEntry:
        reasons = {}
        for source in tool.sources:
            started = time.monotonic()
            try:
                entry = self._make(tool, source, tools)
            except (SourceUnavailableError, DownloadError, NoSourceError) as error:
                reasons[str(source)] = in_a_line(error)
                self._say(f"{tool.name}: not from {source}: {in_a_line(error)}")
            else:
                seconds = time.monotonic() - started
                self._say(f"{tool.name} {source.version}: from {source}, in {seconds:.1f} s")
                return entry
        raise self._no_source(tool, reasons, verb="install", platform=self._platform)

    def _make(
        self, tool: ToolSpec, source: SourceSpec, tools: Mapping[str, ToolSpec]
    ) -> StoreEntry:
        from pipeline.toolchain.install.assemble import assemble

        with self._job(tool.name, source.uses, self._platform) as job:
            assemble(tool, source, job)
            manifest = Manifest(
                tool=tool.name,
                version=source.version,
                source=str(source),
                key=entry_key(tool, source, tools, self._platform),
                digest=files.digest(job.tree),
                executables=list(tool.executables),
                needs=list(tool.needs),
                notes=job.notes,
            )
            return self._store.place(job.scratch, job.tree, manifest)

    @contextmanager
    def job(
        self,
        name: str,
        uses: Sequence[str],
        *,
        platform: str | None = None,
        vendored: bool = True,
    ) -> Iterator[SourceContext]:
        """Give what is needed to fetch something that is not installed, with tools.

        Args:
            name: What it is called; no other process fetches it meanwhile.
            uses: The tools, which are installed.
            platform: The platform that it is for; default: the one we run on.
            vendored: Whether vendored files will do.

        Raises:
            PipelineError: As `install` does.
        """
        with (
            self._store.guarded(name),
            self._store.locked(name, lambda: None),
            self._job(name, uses, platform or self._platform, vendored=vendored) as job,
        ):
            yield job

    @contextmanager
    def _job(
        self, name: str, uses: Sequence[str], platform: str, *, vendored: bool = True
    ) -> Iterator[SourceContext]:
        from pipeline.toolchain.lock import lockfile
        from pipeline.toolchain.net.downloads import Downloads
        from pipeline.toolchain.net.settings import NetworkSettings
        from pipeline.toolchain.sources.context import SourceContext

        used = [self.install(tool) for tool in uses]
        network = NetworkSettings.configured(self._directory)
        network = network if vendored else replace(network, vendor=None)

        def say(line: str) -> None:
            self._say(f"{name}: {line}")

        with self._store.scratch(name) as scratch:
            yield SourceContext(
                directory=self._directory.absolute(),
                scratch=scratch,
                tools=used,
                roots={one.name: one.root for one in used},
                platform=platform,
                downloads=Downloads.configured(
                    self._store.downloads,
                    network,
                    limits=self._limits,
                    hosts=self._hosts,
                    say=say,
                    sizes=lockfile.sizes(self._directory / lockfile.NAME),
                ),
                network=network,
                limits=self._limits,
                say=say,
            )

    def _no_source(
        self, tool: ToolSpec, reasons: Mapping[str, str], *, verb: str, platform: str
    ) -> NoSourceError:
        what = f"cannot {verb} {tool.name} {tool.version}"
        if not reasons:
            why = f"it has no source for {platform}"
            return NoSourceError(what, why=why, fix=f"add one to {tool.file}")
        return NoSourceError(
            what,
            why="none of its sources can serve",
            fix="see to what the reasons name: a network, a proxy's variable, a missing program",
            store=self._store.root,
            tried="".join(f"\n    {source}: {reason}" for source, reason in reasons.items()),
        )


def in_a_line(error: PipelineError) -> str:
    """Return the heart of an error in one line."""
    heart = f"{error.what}: {error.why}" if error.why else error.what
    return heart.split("\n", maxsplit=1)[0] + (f" ({error.fix})" if error.fix else "")

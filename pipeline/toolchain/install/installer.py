"""Install tools in the store, each from its first source that can serve."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline import files
from pipeline.errors import DownloadError, NoSourceError, PipelineError, SourceUnavailableError
from pipeline.toolchain.install import candidate
from pipeline.toolchain.install.activate import activate
from pipeline.toolchain.install.candidate import Candidate, Candidates
from pipeline.toolchain.install.usage import UsageRegister
from pipeline.toolchain.lock import lockfile
from pipeline.toolchain.platform import current
from pipeline.toolchain.spec.model import ToolSpec
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.installed import InstalledTool
from pipeline.toolchain.store.store import Store, StoreEntry

# Only installations import these: every start of doit looks tools up.
if TYPE_CHECKING:
    from pipeline.toolchain.install.build_cache import BuildCache, SharedEntries
    from pipeline.toolchain.limits import Limits
    from pipeline.toolchain.net.reachability import Reachability
    from pipeline.toolchain.net.vendor import VendorDirectory
    from pipeline.toolchain.sources.context import SourceContext

T = TypeVar("T")


def say_on_stderr(line: str) -> None:
    """Print *line* to standard error at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Installer:
    """The tools of a project. Safe for several threads.

    Args:
        tools: The TOML files.
        store: The store; default: the user's.
        say: Prints one line for the user.
        limits: Times and sizes.
        builds: Returns where machines share what they build from source; None for nowhere.
        trusts: Returns whether what another machine has built may be used, given its public key.
    """

    def __init__(
        self,
        tools: ToolFiles,
        *,
        store: Store | None = None,
        say: Callable[[str], None] = say_on_stderr,
        limits: Limits | None = None,
        builds: Callable[[], BuildCache | None] = lambda: None,
        trusts: Callable[[str], bool] = lambda _builder: True,
    ) -> None:
        self._tools = tools
        self._store = store or Store.default()
        self._say = say
        self._own_limits = limits
        self._builds = builds
        self._trusts = trusts
        self._platform = current()
        self._register = UsageRegister(self._store, tools.first)

    @functools.cached_property
    def _limits(self) -> Limits:
        from pipeline.toolchain.limits import Limits

        return self._own_limits or Limits()

    @functools.cached_property
    def _shared(self) -> SharedEntries | None:
        cache = self._builds()
        if cache is None:
            return None
        from pipeline.toolchain.install.build_cache import SharedEntries

        return SharedEntries(cache, self._store, self._limits, self._say)

    @functools.cached_property
    def _hosts(self) -> Reachability:
        from pipeline.toolchain.net.reachability import Reachability

        return Reachability(self._limits.connect_seconds)

    def names(self) -> list[str]:
        """Return the names of all tools, without reading their files."""
        return self._tools.names()

    def declarations(self, name: str) -> list[Path]:
        """Return the paths that decide what a tool is, whether they exist or not.

        For the tool and each one that it needs: its TOML file and the directory of its pins; and
        the lock file.
        """
        try:
            tools = list(self._load(name))
        except PipelineError:
            tools = [name]  # a file is wrong, as the task of the tool will report
        own = [file for tool in tools for file in (f"{tool}.toml", tool)]
        return [place / file for place in self._tools.directories for file in (*own, lockfile.NAME)]

    def find(self, name: str) -> InstalledTool | None:
        """Return the tool if the store has it and all that it needs; use no network.

        Raises:
            DeclarationError: A TOML file is wrong.
            StoreError: Its entry cannot be read.
        """
        return self._find(name, self._load(name))

    def install(self, name: str) -> InstalledTool:
        """Return the tool; install it, and all that it needs, if the store lacks it.

        Raises:
            DeclarationError: A TOML file is wrong.
            NoSourceError: No source can serve.
            VerificationError: A source sent bytes that differ from the pinned ones.
            ArchiveRefusedError: An archive would write outside its directory.
            CommandError: A build failed.
            StoreError: The store cannot be written, or is full.
        """
        return self._install(name, self._load(name))

    def promise(
        self, name: str, made_of: Callable[[str], tuple[str, str] | None]
    ) -> InstalledTool | None:
        """Return the tool as it would be once it is installed.

        Args:
            name: The tool.
            made_of: Returns the key of the entry that others have made of the pins with a key, and
                the digest of its tree.

        Returns:
            The tool; None if the digest of a part of it is unknown.

        Raises:
            DeclarationError: A TOML file is wrong.
            StoreError: An entry cannot be read.
        """
        return self._promise(name, self._load(name), made_of)

    def places(self, name: str) -> list[Path]:
        """Return where the tree of the tool will be, for each of its sources.

        Raises:
            DeclarationError: A TOML file is wrong.
        """
        choice = self._load(name)[name]
        return [self._store.future(one.entry("")).tree for one in choice.ordered]

    def entries(self, name: str) -> dict[str, StoreEntry]:
        """Return the entries of the tool and of all that it needs, by the keys of all their pins.

        Raises:
            DeclarationError: A TOML file is wrong.
            StoreError: An entry cannot be read.
        """
        tools = self._load(name)
        return {tools[one].key: entry for one, _, entry in self._there(name, tools)}

    def share(self, name: str) -> None:
        """Let other machines have the tool, and those that it needs, as far as they are built here.

        Raises:
            DeclarationError: A TOML file is wrong.
            StoreError: An entry cannot be read.
        """
        if self._shared:
            for _, chosen, entry in self._there(name, self._load(name)):
                if chosen.builds:
                    self._shared.share(chosen, entry, unless_there=True)

    def optional(self, name: str) -> str:
        """Return the only user of a tool that builds can do without; else "".

        Raises:
            DeclarationError: A TOML file is wrong.
        """
        return self._load(name)[name].tool.optional

    def vendor(self, name: str, into: VendorDirectory, platform: str) -> Sequence[str]:
        """Vendor all that the tool is made of.

        Args:
            name: The tool.
            into: The directory to fill.
            platform: The platform that it is for.

        Returns:
            The tools that it needs, and those that the vendored source uses.

        Raises:
            NoSourceError: No source could be vendored completely.
            PipelineError: As `install` does.
        """
        choice = candidate.of_tool(self._tools, name, platform, self._store.checked)[name]
        if platform in choice.tool.missing:
            self._say(f"{name}: none for {platform}: {choice.tool.missing[platform]}")
            return []

        def provide(chosen: Candidate) -> None:
            with self._job(name, chosen.source.uses, platform) as job:
                for part, source in chosen.source.parts.items():
                    source.provide(job.part(part or "part", {}), into)

        with self._store.guarded(name), self._store.locked(name, lambda: None):
            chosen, _ = self._first(choice, provide, verb="vendor", platform=platform)
        self._say(f"{name} {chosen.source.version} for {platform}: from {chosen}")
        return [*chosen.tool.needs, *chosen.source.uses]

    def _load(self, name: str) -> Mapping[str, Candidates]:
        return candidate.of_tool(self._tools, name, self._platform, self._store.checked)

    def _find(self, name: str, tools: Mapping[str, Candidates]) -> InstalledTool | None:
        choice = tools[name]
        needs = [self._find(need, tools) for need in choice.tool.needs]
        there = [need for need in needs if need]
        if len(there) < len(needs):
            return None
        for one in choice.ordered:
            entry = self._usable(one)
            if entry:
                self._register.uses(one.entry_name)
                return activate(choice.tool, entry, there)
        return None

    def _promise(
        self,
        name: str,
        tools: Mapping[str, Candidates],
        made_of: Callable[[str], tuple[str, str] | None],
    ) -> InstalledTool | None:
        choice = tools[name]
        needs = [self._promise(need, tools, made_of) for need in choice.tool.needs]
        there = [need for need in needs if need]
        if len(there) < len(needs):
            return None
        found = self._find(name, tools)
        if found:
            return found
        key, digest = made_of(choice.key) or ("", "")
        for one in choice.ordered:
            if one.key == key:
                return activate(choice.tool, self._store.future(one.entry(digest)), there)
        return None

    def _below(self, name: str, tools: Mapping[str, Candidates]) -> Iterator[str]:
        for need in tools[name].tool.needs:
            yield need
            yield from self._below(need, tools)

    def _there(
        self, name: str, tools: Mapping[str, Candidates]
    ) -> Iterator[tuple[str, Candidate, StoreEntry]]:
        """Yield the name, the candidate and the entry of each tool that the store has."""
        for one in [name, *self._below(name, tools)]:
            for chosen in tools[one].ordered:
                entry = self._usable(chosen)
                if entry:
                    yield one, chosen, entry
                    break

    def _install(self, name: str, tools: Mapping[str, Candidates]) -> InstalledTool:
        choice = tools[name]
        needs = [self._install(need, tools) for need in choice.tool.needs]
        found = self._find(name, tools)
        if found:
            return found

        def waiting() -> None:
            self._say(f"{name}: waiting: another task or build is installing it")

        # The lock holds between threads as well as between processes.
        with self._store.guarded(name), self._store.locked(name, waiting):
            found = self._find(name, tools)
            if found:
                return found
            self._say_unusable(choice)
            chosen, entry = self._first(choice, self._make, verb="install", platform=self._platform)
            self._register.uses(chosen.entry_name)
            return activate(choice.tool, entry, needs)

    def _usable(self, chosen: Candidate) -> StoreEntry | None:
        """Return the entry in the store, if it is intact and made here or by a trusted machine."""
        entry = self._store.find(chosen.entry_name)
        trusted = entry is None or not entry.builder or self._trusts(entry.builder)
        return entry if trusted else None

    def _say_unusable(self, choice: Candidates) -> None:
        """Say of each entry in the store why it is not used."""
        for one in choice.ordered:
            entry = self._store.find(one.entry_name)
            if entry:
                by = f"was built by {entry.builder}, which this project does not trust"
                why = f"{by}; it is made again"
            elif self._store.has(one.entry_name):
                why = "is damaged; it is fetched again"
            else:
                continue
            self._say(f"{choice.tool.name}: its entry in the store {why}")

    def _make(self, chosen: Candidate) -> StoreEntry:
        shared = self._shared if chosen.builds else None
        received = shared.get(chosen) if shared else None
        if received:
            return received
        made = self._assemble(chosen)
        if shared:
            shared.share(chosen, made, unless_there=False)
        return made

    def _assemble(self, chosen: Candidate) -> StoreEntry:
        from pipeline.toolchain.install.assemble import assemble

        tool, version = chosen.tool, chosen.source.version
        started = time.monotonic()
        with self._job(tool.name, chosen.source.uses, self._platform) as job:
            assemble(tool, chosen.source, job)
            entry = replace(chosen.entry(files.digest(job.tree)), tree=job.tree, notes=job.notes)
            placed = self._store.place(job.scratch, entry)
        seconds = time.monotonic() - started
        self._say(f"{tool.name} {version}: from {chosen}, in {seconds:.1f} s")
        return placed

    def _first(
        self,
        choice: Candidates,
        attempt: Callable[[Candidate], T],
        *,
        verb: str,
        platform: str,
    ) -> tuple[Candidate, T]:
        """Return the first candidate that can serve, and the result of *attempt* on it."""
        reasons = {}
        for one in choice.ordered:
            try:
                return one, attempt(one)
            except (SourceUnavailableError, DownloadError, NoSourceError) as error:
                reasons[str(one)] = error.summary
                named = "" if error.what.startswith(str(one)) else f"not from {one}: "
                self._say(f"{choice.tool.name}: {named}{error.summary}")
        raise self._no_source(choice.tool, reasons, verb=verb, platform=platform)

    @contextmanager
    def job(
        self,
        name: str,
        uses: Sequence[str],
        *,
        platform: str | None = None,
        vendored: bool = True,
    ) -> Iterator[SourceContext]:
        """Yield a context to fetch something that is not installed.

        Args:
            name: Its name; no other process fetches it meanwhile.
            uses: Tools to install for it.
            platform: The platform that it is for; default: this machine's.
            vendored: Whether vendored files may be used.

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
        from pipeline.toolchain.net.downloads import Downloads
        from pipeline.toolchain.net.settings import NetworkSettings
        from pipeline.toolchain.sources.context import SourceContext

        used = [self.install(tool) for tool in uses]
        network = NetworkSettings.configured(self._tools.first)
        network = network if vendored else replace(network, vendor=None)

        def say(line: str) -> None:
            self._say(f"{name}: {line}")

        with self._store.scratch(name) as scratch:
            yield SourceContext(
                directory=self._tools.find(name).parent.absolute(),
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
                    sizes=self._sizes(),
                ),
                network=network,
                limits=self._limits,
                say=say,
            )

    def _sizes(self) -> dict[str, int]:
        from pipeline.toolchain.lock import lockfile

        found: dict[str, int] = {}
        for directory in reversed(self._tools.directories):
            found |= lockfile.sizes(directory / lockfile.NAME)
        return found

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
            fix="fix one of the reasons: the network, a proxy variable, a missing program",
            store=self._store.root,
            tried="".join(f"\n    {source}: {reason}" for source, reason in reasons.items()),
        )

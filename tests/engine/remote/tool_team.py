"""Machines of one process that share a tool through a server that a test can make lie."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.remote.faulty import Faulty, faulty
from engine.remote.go_tool import PACKAGE, serve_modules, sum_of_module, write_tool
from engine.remote.keys import KeyPair, key_pair
from pipeline.engine.cache.remote.remote_cache import RemoteCache
from pipeline.engine.cache.remote.settings import Address, RemoteSettings
from pipeline.engine.cache.remote_tools import RemoteTools
from pipeline.engine.cache.traffic import Traffic
from pipeline.toolchain import platform
from pipeline.toolchain.install import candidate
from pipeline.toolchain.install.build_cache import MANIFEST, shared_key
from pipeline.toolchain.install.candidate import Candidate
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.installed import InstalledTool
from pipeline.toolchain.store.store import Store

HERE = f"Go package {PACKAGE}, built here"


@dataclass
class Machine:
    """A machine with a store of its own, in this process.

    Attributes:
        tools: The directory of TOML files.
        store: Its store.
        remote: Its remote cache.
        traffic: What it counts.
        said: The lines that it has printed.
    """

    tools: Path
    store: Store
    settings: RemoteSettings
    limits: Limits = field(default_factory=Limits)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.traffic = Traffic()
        self.remote = RemoteCache(self.settings, self.traffic, self.said.append)
        self.cache = RemoteTools(self.remote, self.traffic)

    def installer(self) -> Installer:
        return Installer(
            ToolFiles((self.tools,)),
            store=self.store,
            say=self.said.append,
            limits=self.limits,
            builds=lambda: self.cache,
        )

    def install(self) -> InstalledTool:
        tool = self.installer().install("t")
        self.remote.finish(60)
        return tool

    def candidate(self, on: str = platform.current()) -> Candidate:
        """Return the one way to get the tool on a platform."""
        files = ToolFiles((self.tools,))
        return candidate.of_tool(files, "t", on, self.store.checked)["t"].ordered[0]

    def share(self, tree: Path) -> None:
        """Share a tree, and the manifest beside it, as if it was the tool."""
        outputs = {"tree": tree, MANIFEST: tree.parent / MANIFEST}
        self.cache.share("t", shared_key(self.candidate()), outputs, unless_there=False)
        self.remote.finish(60)

    def remarks(self) -> list[str]:
        """Return what was said about the cache, without the address."""
        return [line.partition(": ")[2] for line in self.said if line.startswith("remote cache")]


@dataclass
class Team:
    """Machines that share a server.

    Attributes:
        server: The server; what it keeps before a test is what the first machine has shared.
        ours: The key that all trust.
        theirs: Another key.
    """

    root: Path
    server: Faulty
    ours: KeyPair
    theirs: KeyPair

    def machine(self, name: str, *, sign: KeyPair | None = None, **changes: object) -> Machine:
        limits = changes.pop("limits", Limits())
        options = {"writes": sign is not None, "trusts": (self.ours.public,)}
        options |= {"uploads": ("*",), **changes}
        address = Address.parse(str(options.pop("address", self.server.address)))
        path = sign.path if sign else None
        settings = RemoteSettings(address, sign=path, tools=True, **options)
        return Machine(self.root / "tools", Store(self.root / name), settings, limits)


@contextmanager
def first_machine(root: Path) -> Iterator[Team]:
    """Make a team whose first machine has built the tool and shared it."""
    go = serve_modules(root)
    write_tool(root / "tools", sum_of_module(go))
    with variables(go), faulty() as server:
        team = Team(root, server, key_pair(root, "ours"), key_pair(root, "theirs"))
        made = team.machine("first", sign=team.ours)
        assert made.install().source == HERE
        assert made.remarks() == []
        assert made.traffic.counts()["uploads"] == 1
        yield team


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= values
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def as_before(team: Team) -> Iterator[None]:
    """Give the server back what it keeps now, at the end."""
    kept = dict(team.server.kept)
    team.server.log.clear()
    try:
        yield
    finally:
        team.server.kept = kept
        team.server.bend = lambda _method, _path, answer: answer

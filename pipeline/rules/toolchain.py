"""Pinned tools, one task per tool.

toolchains/NAME.toml ──> toolchain:NAME ──> every step that runs NAME
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files, host
from pipeline.engine import layout
from pipeline.engine.action import ReportedAction
from pipeline.engine.selection import is_promisable
from pipeline.engine.task import Task, rule
from pipeline.engine.tool_stamp import Stamp, provided_by
from pipeline.errors import DeclarationError, NoSourceError, PipelineError
from pipeline.settings import REMOTE_TRUST
from pipeline.toolchain.install.installer import Installer, say_on_stderr
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.installed import InstalledTool

if TYPE_CHECKING:
    from doit.task import Task as DoitTask

    from pipeline.engine.cache.remote_tools import RemoteTools
    from pipeline.engine.cache.tool_digests import ToolDigests


@rule
def toolchains(
    directory: str | Path = "", *, instead: Mapping[str, str] | None = None
) -> Iterator[Task]:
    """Declare `toolchain:NAME` for each tool that comes with this package.

    The task installs the tool in the store, from the first of its sources that can serve, and
    writes a stamp that says what was installed. A run installs only the tools that its tasks use.

    Args:
        directory: Directory with TOML files of further tools, or of other versions of ours: they
            replace those of the same name. docs/reference/toolchains.md has their format.
        instead: Tool -> the tool that tasks get in its place: `{"tinygo": "tinygo-0.38"}`.

    Raises:
        InvalidDodoFile: There is no such directory, it has no such file, or there is no such tool.
    """
    own = Path(directory) if directory else None
    files = ToolFiles.of_project(own)
    if not files.first.is_dir():
        raise DeclarationError(f"toolchains: there is no directory {directory}")
    if not files.has_own:
        fix = "put NAME.toml there for each tool of your own, or leave the directory out"
        raise DeclarationError(f"toolchains: {directory} has no TOML file", fix=fix)
    installer = Installer(files, builds=shared_builds, trusts=trusts)
    names, instead = installer.names(), instead or {}
    for name in (*instead, *instead.values()):
        if name not in names:
            fix = f"name one of: {', '.join(names)}"
            raise DeclarationError(f"toolchains: there is no tool `{name}`", fix=fix)
    for name in names:
        tool = instead.get(name, name)
        pinned = PinnedTool(installer, tool, name)
        pinned.own = own
        provided_by(name, pinned)
        yield Task(
            basename=f"toolchain:{name}",
            doc=f"Install {tool}: {_purpose(files.find(tool))}",
            actions=[Install(pinned)],
            targets=[layout.stamp(name)],
            uptodate=[Present(pinned)],
        )


def _purpose(path: Path) -> str:
    """Return what the first line of a tool's file says about it, without parsing the rest.

    A file that cannot be read fails its own task, not the whole dodo.py.
    """
    try:
        first, *_ = files.read_text(path).split("\n", maxsplit=1)
    except DeclarationError:
        return "its file cannot be read"
    return first.removeprefix("#").strip().rstrip(".")


class PinnedTool:
    """A tool of a project, its place in the store, and its stamp.

    Args:
        installer: Installs it.
        tool: Its name.
        name: The name that tasks know it by.

    Attributes:
        tool: Its name.
        stamp: The path of its stamp.
        own: The directory of the project's own TOML files, if it has one.
    """

    own: Path | None = None

    def __init__(self, installer: Installer, tool: str, name: str) -> None:
        self.tool = tool
        self.stamp = layout.stamp(name)
        self._installer = installer
        self._task = f"toolchain:{name}"
        self._lock = threading.Lock()
        self._shared = False

    def is_present(self) -> bool:
        """Return whether its stamp is that of the installed tool, or of one that may wait.

        Raises:
            PipelineError: A TOML file is wrong, or the store cannot be read.
        """
        if not self.stamp.is_file():
            return False
        found = self._installer.find(self.tool)
        if found:
            return self.stamp.read_bytes() == stamp(found)
        return is_promisable(self._task) and self._is_promise()

    def install(self) -> str:
        """Install the tool and write its stamp; return its digest.

        Raises:
            PipelineError: No source could serve the tool, or its bytes differ from the pins.
        """
        with self._lock:  # steps that need it wait for the first of them
            installed = self._installer.install(self.tool)
            files.write_atomic(self.stamp, stamp(installed))
        return installed.digest

    def promise(self) -> bool:
        """Write a stamp for the tool without installing it, if other machines know its digest.

        Returns:
            Whether that was possible, and is enough for this run.

        Raises:
            PipelineError: A TOML file is wrong, or the store cannot be read.
        """
        known = _digests() if is_promisable(self._task) else None
        if known is None or self._installer.find(self.tool):
            return False
        promised = self._installer.promise(self.tool, known.get)
        if promised is None:
            return False
        files.write_atomic(self.stamp, stamp(promised, promised=True))
        return True

    def share(self) -> None:
        """Let other machines know the digest of the tool, and have what was built here, once.

        Raises:
            PipelineError: A TOML file is wrong, or the store cannot be read.
        """
        with self._lock:
            again, self._shared = self._shared, True
        known = None if again else _digests()
        if known is not None:
            for pins, entry in self._installer.entries(self.tool).items():
                known.share(entry.tool, pins, entry.key, entry.digest)
            self._installer.share(self.tool)

    def optional(self) -> str:
        """Return the only user of a tool that builds can do without; else ""."""
        return self._installer.optional(self.tool)

    def declarations(self) -> list[Path]:
        """Return the paths that decide what the tool is: `Installer.declarations`."""
        return self._installer.declarations(self.tool)

    def _is_promise(self) -> bool:
        """Return whether the stamp promises what the pins of today make."""
        try:
            known = Stamp(**json.loads(self.stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return False
        return known.promised and Path(known.root) in self._installer.places(self.tool)


def shared_builds() -> RemoteTools | None:
    """Return where an `Installer` finds tools that other machines have built; None for nowhere.

    Raises:
        DeclarationError: A setting of the remote cache is invalid.
    """
    from pipeline.engine.cache.fallback import remote_tools  # most runs need no cache

    return remote_tools()


def trusts(builder: str) -> bool:
    """Return whether this project uses what was built on another machine.

    Args:
        builder: The public key of the machine, as text.
    """
    return builder in os.environ.get(REMOTE_TRUST, "").split()


def _digests() -> ToolDigests | None:
    from pipeline.engine.cache.fallback import tool_digests  # most runs need no cache

    return tool_digests()


class Present:
    """The `uptodate` of a tool: the store has it, and the stamp says so."""

    def __init__(self, pinned: PinnedTool) -> None:
        self._pinned = pinned

    @property
    def reads(self) -> list[str]:
        """The paths that declare the tool and all that it needs: files, and directories of pins."""
        return [host.relative(path) for path in self._pinned.declarations()]

    def __call__(self, task: DoitTask, values: Mapping[str, object]) -> bool:
        """Return whether the tool is up to date; errors are reported when the task runs."""
        del task, values
        try:
            return self._pinned.is_present()
        except PipelineError:
            return False

    def __repr__(self) -> str:
        return f"{self._pinned.tool} is in the store"


class Install(ReportedAction):
    """Installs a tool and writes its stamp."""

    def __init__(self, pinned: PinnedTool) -> None:
        super().__init__()
        self._pinned = pinned

    def __repr__(self) -> str:
        return f"install {self._pinned.tool}"

    def perform(self) -> None:
        """Install the tool, or leave that to the first step that runs it.

        Raises:
            PipelineError: No source could serve the tool, or its bytes differ from the pins.
        """
        if self._pinned.promise():
            self.outcome = "cached"
            self.result = "promised"
            return
        self.begin()
        try:
            self.result = self._pinned.install()  # for `result_dep`
        except NoSourceError:
            users = self._pinned.optional()
            if not users:
                raise
            self._pinned.stamp.unlink(missing_ok=True)
            self.result = "missing"
            say_on_stderr(f"{self._pinned.tool}: skipped, because it is only for {users}")


def stamp(tool: InstalledTool, *, promised: bool = False) -> bytes:
    """Return the stamp of a tool that is installed, or *promised*."""
    written = Stamp(
        name=tool.name,
        version=tool.version,
        source=tool.source,
        digest=tool.digest,
        root=str(tool.root),
        executables={name: str(path) for name, path in sorted(tool.executables.items())},
        path=[str(directory) for directory in tool.path],
        env=dict(sorted(tool.env.items())),
        needs={name: str(root) for name, root in sorted(tool.needs.items())},
        promised=promised,
    )
    data = {name: value for name, value in asdict(written).items() if value is not False}
    return (json.dumps(data, indent=2) + "\n").encode()

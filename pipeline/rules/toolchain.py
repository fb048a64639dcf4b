"""Pinned tools, one task per tool.

toolchains/NAME.toml ──> toolchain:NAME ──> every step that runs NAME
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.action import ReportedAction
from pipeline.engine.task import Task, rule
from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import DeclarationError, NoSourceError, PipelineError
from pipeline.toolchain.install.installer import Installer, say_on_stderr
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.installed import InstalledTool

if TYPE_CHECKING:
    from doit.task import Task as DoitTask


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
    files = ToolFiles.of_project(Path(directory) if directory else None)
    if not files.first.is_dir():
        raise DeclarationError(f"toolchains: there is no directory {directory}")
    if not files.has_own:
        fix = "put NAME.toml there for each tool of your own, or leave the directory out"
        raise DeclarationError(f"toolchains: {directory} has no TOML file", fix=fix)
    installer = Installer(files)
    names, instead = installer.names(), instead or {}
    for name in (*instead, *instead.values()):
        if name not in names:
            fix = f"name one of: {', '.join(names)}"
            raise DeclarationError(f"toolchains: there is no tool `{name}`", fix=fix)
    for name in names:
        tool = instead.get(name, name)
        yield Task(
            basename=f"toolchain:{name}",
            doc=f"Install {tool}: {_purpose(files.find(tool))}",
            actions=[Install(installer, tool, layout.stamp(name))],
            targets=[layout.stamp(name)],
            uptodate=[Present(installer, tool, layout.stamp(name))],
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


class Present:
    """The `uptodate` of a tool: the store has it, and the stamp says so."""

    def __init__(self, installer: Installer, name: str, path: Path) -> None:
        self._installer = installer
        self._name = name
        self._stamp = path

    def __call__(self, task: DoitTask, values: Mapping[str, object]) -> bool:
        """Return whether the tool is up to date; errors are reported when the task runs."""
        del task, values
        try:
            found = self._installer.find(self._name)
        except PipelineError:
            return False
        if found is None or not self._stamp.is_file():
            return False
        return self._stamp.read_bytes() == stamp(found)

    def __repr__(self) -> str:
        return f"{self._name} is in the store"


class Install(ReportedAction):
    """Installs a tool and writes its stamp."""

    def __init__(self, installer: Installer, name: str, path: Path) -> None:
        super().__init__()
        self._installer = installer
        self._name = name
        self._stamp = path

    def __repr__(self) -> str:
        return f"install {self._name}"

    def perform(self) -> None:
        """Install the tool.

        Raises:
            PipelineError: No source could serve the tool, or its bytes differ from the pins.
        """
        self.begin()
        try:
            installed = self._installer.install(self._name)
            files.write_atomic(self._stamp, stamp(installed))
            self.result = installed.digest  # for `result_dep`
        except NoSourceError:
            users = self._installer.optional(self._name)
            if not users:
                raise
            self._stamp.unlink(missing_ok=True)
            self.result = "missing"
            say_on_stderr(f"{self._name}: skipped, because only {users} needs it")


def stamp(tool: InstalledTool) -> bytes:
    """Return the stamp of an installed tool."""
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
    )
    return (json.dumps(asdict(written), indent=2) + "\n").encode()

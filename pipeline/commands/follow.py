"""`doit-wasm follow`: build with the version that the checksums have, or with the old one."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline import files, process
from pipeline.checksums import tool_file, versions, watched
from pipeline.checksums.tool_file import RecordedAsset, ToolFile
from pipeline.commands.export import CHECKSUMS, checksums_directory
from pipeline.commands.project_root import beside_dodo, project_root
from pipeline.commands.tool_command import DIRECTORY, StandaloneCommand, flag, own_tool_files
from pipeline.errors import (
    DeclarationError,
    OfflineError,
    PipelineError,
    SourceUnavailableError,
)
from pipeline.process import signals
from pipeline.settings import OFFLINE, is_offline
from pipeline.toolchain.install.installer import Installer, say_on_stderr
from pipeline.toolchain.lock import lockfile, model
from pipeline.toolchain.pinning import trial
from pipeline.toolchain.pinning.follow import Followed, RecordedFile, RecordedVersion, follow
from pipeline.toolchain.pinning.refetch import Refetcher
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store

_LEVELS: Final = {"digest": "digest", "sums": "sums file", "bytes": "bytes"}
"""The levels of lock.json by who confirmed a hash, best first."""


class Follow(StandaloneCommand):
    """Moves tools of the build to the versions that are recorded."""

    name: ClassVar[str | None] = "follow"
    doc_purpose = "move tools to their recorded versions, and back if the build or tests fail"
    doc_usage = "(TOOL ... | --all) [--run COMMAND] [--tools DIR] [--checksums DIR]"
    doc_description = (
        "For each tool: rewrites its TOML file and lock.json for the version that its checksum "
        "file has now, installs it, and runs COMMAND. If that fails, both files are put back and "
        "the log is kept; if follow is killed, its next start puts them back.\n"
        "Hashes of release files are the recorded ones; PyPI, npm, crates and Go modules are "
        "queried. A source that lacks the version keeps its own, and is named. A tool whose TOML "
        "file has a newer version stays as it is.\n"
        "Exit code: 1 if a tool was put back or no source has its version; 2 if a file or an "
        "argument is wrong; 4 if a recorded hash differs from a locked one."
    )
    cmd_options = (
        flag("all", "every tool that has a TOML file and a checksum file"),
        {
            "name": "run",
            "long": "run",
            "short": "",
            "type": str,
            "default": "",
            "metavar": "COMMAND",
            "help": "what builds and tests, in one argument; no shell reads it [default: doit]",
        },
        DIRECTORY,
        CHECKSUMS,
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Move the tools, one by one; return 1 if one could not be moved."""
        signals.install()
        command = _command(options["run"])
        tools, checksums = own_tool_files(options), checksums_directory(options)
        place = beside_dodo("build") / "follow"
        with files.locked(place / "lock", lambda: say_on_stderr("waiting for another follow")):
            put_back(place / "journal.json")
            named = _named(tools, checksums, words, every=options["all"])
            if is_offline():
                why, fix = f"{OFFLINE} is set", "unset it"
                raise OfflineError("cannot follow", why=why, fix=fix)
            following = Following(tools, checksums, place, command)
            return max((following.attempt(tool) for tool in named), default=0)


def _command(text: str) -> Sequence[str]:
    try:
        return shlex.split(text) or [sys.executable, "-m", "doit"]
    except ValueError as error:
        what = f"--run {text!r} is not a command"
        raise DeclarationError(what, why=str(error), fix="close each quote") from error


def _named(
    tools: ToolFiles, checksums: Path, words: Sequence[str], *, every: bool
) -> Sequence[str]:
    """Return the tools to move."""
    if bool(words) == every:
        raise DeclarationError("name tools, or give --all", fix="see `doit-wasm help follow`")
    recorded = watched.recorded(checksums)
    able = [name for name in tools.names_of_first() if name in recorded]
    for word in words:
        if word not in able:
            lacks = (
                checksums / tool_file.DIRECTORY if word in tools.names_of_first() else tools.first
            )
            there = ", ".join(able) or "(none)"
            raise DeclarationError(
                f"{lacks} has no file of the tool `{word}`", fix=f"these can follow: {there}"
            )
    return able if every else list(dict.fromkeys(words))


def put_back(journal: Path) -> None:
    """Put back what a follow that was killed has changed.

    Raises:
        PipelineError: Somebody has edited it since, or the journal is wrong.
    """
    cut_off = trial.left(journal)
    if cut_off is None:
        return
    for path in cut_off.put_back():
        say_on_stderr(f"put back {_shown(path)}: the last follow was cut off")


@dataclass(frozen=True, slots=True)
class Following:
    """How tools are moved.

    Attributes:
        tools: The TOML files.
        checksums: The checksums directory.
        place: Where journal and logs are.
        command: What builds and tests.
    """

    tools: ToolFiles
    checksums: Path
    place: Path
    command: Sequence[str]

    def attempt(self, tool: str) -> int:
        """Move one tool, or report why it stays; return 0, or the exit code of what failed.

        Raises:
            DeclarationError: A file is wrong.
        """
        try:
            self._move(tool)
        except DeclarationError:
            raise
        except PipelineError as error:
            say_on_stderr(f"error: {error}")
            return error.exit_code
        return 0

    def _move(self, tool: str) -> None:
        store = Store.default()
        file = self.tools.find(tool)
        spec = load.load(self.tools, tool, "linux_amd64", store.checked)[tool]
        recorded = tool_file.read(self.checksums, tool)
        if spec.version == recorded.latest:
            _say(f"{tool}: has {spec.version} already")
            return
        if versions.is_newer(spec.version, recorded.latest):
            _say(f"{tool}: stays at {spec.version}, which is newer than {recorded.latest}")
            return
        followed = follow(file, _version(recorded), Refetcher(self.tools, store, say_on_stderr))
        _say(f"{tool}: {spec.version} -> {recorded.latest}")
        for line in (*followed.moved, *followed.kept):
            _say(f"  {line}")
        lock = self.tools.first / lockfile.NAME
        both = f"{_shown(file)} and {_shown(lock)}"
        try:
            with trial.trial(self.place / "journal.json") as changes:
                self._change(file, lock, followed, changes)
                self._install(tool, recorded.latest, store)
                self._run(tool)
        except BaseException:
            say_on_stderr(f"{tool}: put back {both}")
            raise
        _say(f"{tool}: {recorded.latest} stays; commit {both}")

    def _change(self, file: Path, lock: Path, followed: Followed, changes: trial.Trial) -> None:
        checked = Store.default().checked
        old = lockfile.read(lock) or model.Lockfile({})
        changes.write(file, followed.text)
        derived = model.derive(self.tools, checked)
        new = model.merged(old, model.with_confirmations(derived, followed.confirmations))
        changes.write(lock, lockfile.as_text(new))

    def _install(self, tool: str, version: str, store: Store) -> None:
        """Install the tool, so that what runs next tests the version and no other.

        Raises:
            SourceUnavailableError: On this machine, only sources with another version can serve.
        """
        installed = Installer(self.tools, store=store).install(tool)
        if installed.version != version:
            raise SourceUnavailableError(
                f"{tool}: no source here can serve {version}",
                why=f"{installed.source} serves {installed.version}",
                fix="run this where the sources of the version can be reached",
            )

    def _run(self, tool: str) -> None:
        log = process.Recording(self.place / f"{tool}.log")
        _say(f"  running {shlex.join(self.command)}; log: {log.path}")
        process.record(self.command, log, cwd=project_root(), env=os.environ)


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _version(recorded: ToolFile) -> RecordedVersion:
    release = recorded.releases[recorded.latest]
    return RecordedVersion(
        version=release.version,
        repository=recorded.repository,
        tag=release.tag,
        files={
            platform: RecordedFile(
                asset.name, asset.sha256, asset.size, _level(asset), _others(asset)
            )
            for platform, asset in release.assets.items()
            if asset.name and asset.sha256
        },
    )


def _level(asset: RecordedAsset) -> str:
    return next((level for who, level in _LEVELS.items() if who in asset.confirmed_by), "pin")


def _others(asset: RecordedAsset) -> Sequence[str]:
    named = (who.partition(":") for who in asset.confirmed_by)
    return [name for kind, _, name in named if kind == "registry" and name]

"""The checksum flow: poll due tools, record new releases, check tool files.

releases ──> checksums:TOOL      checksums/tools/TOOL.json ──> validate:TOOL
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from pipeline import files
from pipeline.checksums import comparison, due, watched
from pipeline.checksums.comparison import Place
from pipeline.checksums.release_file import path_of
from pipeline.checksums.updater_runs import Poll, record, today
from pipeline.engine import layout
from pipeline.engine.action import ExplainedCheck, ReportedAction
from pipeline.engine.rewrites import rewrites
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.verdicts import most_urgent, verdicts
from pipeline.engine.words import In, Python
from pipeline.errors import DeclarationError, PartialError, PipelineError

if TYPE_CHECKING:
    from doit.task import Task as DoitTask

RELEASES: Final = "releases"
_NEWER, _CHANGED = 3, 4
_ALL: Final = {
    "name": "all",
    "long": "all",
    "type": bool,
    "default": False,
    "help": "poll every watched tool, due or not",
}


@rule
def checksum_files(directory: str | Path, *, updater: str = "") -> Iterator[Task]:
    """Declare the tasks that keep a directory of checksums.

    `releases` polls the tools that are due and writes `build/releases/TOOL.json`; it needs the
    network only if a tool is due. `checksums:TOOL` records what that file offers, if the tool file
    does not have it. `validate:TOOL` checks the tool file.

    Args:
        directory: The directory with `tools.toml` and `tools`; docs/reference/updater.md describes
            them.
        updater: The name of the updater in this project, which `check(NAME, precompiled=True)`
            prepares. Without it, the launcher finds an updater as docs/reference/updater.md says,
            and there is no `validate:TOOL`.

    Raises:
        DeclarationError: There is no such directory.
    """
    place = Path(directory)
    if not place.is_dir():
        raise DeclarationError(f"checksum_files: there is no directory {directory}")
    tools = watched.names(place)
    needs = [f"check:{updater}"] if updater else []
    env = {"DOIT_WASM_UPDATER": str(layout.BUILD)} if updater else {}
    polling = _Polling(place, due.RELEASES, env)
    verdicts().add(RELEASES, polling.verdict)
    yield Task(
        basename=RELEASES,
        doc="Poll the tools that are due, into build/releases (network)",
        actions=[Polls(polling)],
        params=[_ALL],
        targets=[path_of(due.RELEASES, tool) for tool in tools],
        task_dep=needs,
        uptodate=[NothingDue(polling)],
    )
    for tool in tools:
        paths = Place(place, due.RELEASES, tool)
        rewrites().add(f"checksums:{tool}", str(paths.tool_file))
        yield Task(
            basename=f"checksums:{tool}",
            doc=f"Record what upstream has released of {tool} (network)",
            actions=[Records(paths, polling)],
            task_dep=[RELEASES, *needs],
            uptodate=[NothingNew(paths)],
        )
    if updater:
        yield from _validated(place, updater)


def _validated(directory: Path, updater: str) -> Iterator[Task]:
    """Declare `validate:TOOL` for each tool file."""
    tables = watched.tables(directory)
    for tool in watched.recorded(directory):
        file = Place(directory, due.RELEASES, tool).tool_file
        table = watched.as_toml(tool, tables[tool]) if tool in tables else ""
        yield step(
            f"validate:{tool}",
            doc=f"Check {file} against the rules",
            argv=[Python("pipeline.updater.validate"), tool, In(file), table],
            inputs=[layout.precompiled(updater), layout.program(updater)],
            tools=["wasmtime"],
            env={"DOIT_WASM_UPDATER": str(layout.BUILD)},
        )


class _Polling:
    """What `releases` is about."""

    def __init__(self, directory: Path, releases: Path, env: Mapping[str, str]) -> None:
        self.directory = directory
        self.releases = releases
        self.env = env
        self.ended = 1
        """The exit code of a poll that left tools unpolled."""

    def due(self, task: DoitTask | None) -> list[str]:
        """Return the tools to poll: all of them for `doit releases --all`.

        Raises:
            PipelineError: `tools.toml` is missing or invalid, or the store cannot be used.
        """
        tables = self.directory / "tools.toml"
        if watched.recorded(self.directory) and not tables.exists():
            fix = "restore it: it says where each tool is released"
            raise DeclarationError(f"{tables} is missing", fix=fix)
        if task and (task.options or {}).get("all"):
            return list(watched.watched(self.directory))
        return due.due(self.directory, time.time(), self.releases)

    def verdict(self) -> int:
        """Return the exit code of `checksum-updater check` for what the release files offer."""
        codes = {"release": _NEWER, "digest": _CHANGED, "other": 0}
        places = (Place(self.directory, self.releases, tool) for tool in self._tools())
        found = (one for place in places for one in comparison.differences(place, {}, today()))
        return most_urgent(codes[one.kind] for one in found)

    def _tools(self) -> list[str]:
        try:
            return list(watched.watched(self.directory))
        except PipelineError:
            return []  # the task has failed with it


class NothingDue(ExplainedCheck):
    """The `uptodate` of `releases`: no tool is due."""

    def __init__(self, polling: _Polling) -> None:
        self._polling = polling

    def why(self, task: DoitTask, values: Mapping[str, object]) -> Sequence[str]:
        """Return which tools are due."""
        del values
        try:
            tools = self._polling.due(task)
        except PipelineError as error:
            return [error.summary]
        return [f"due: {', '.join(tools)}"] if tools else []

    def __repr__(self) -> str:
        return "no tool is due"


class Polls(ReportedAction):
    """Polls the tools that are due, in one process.

    Attributes:
        on_request: It runs only if its task is named, or one that needs it.
    """

    on_request: ClassVar[bool] = True

    def __init__(self, polling: _Polling) -> None:
        super().__init__()
        self._polling = polling

    def __repr__(self) -> str:
        return "poll what is due"

    def perform(self) -> None:
        """Poll.

        Raises:
            PipelineError: A tool could not be polled.
        """
        self.begin()
        polling = self._polling
        tools = polling.due(self.task)
        if not tools:
            return
        try:
            Poll(polling.directory, polling.releases, _say).run(tools, polling.env)
        except PartialError as error:
            polling.ended = error.code
            raise


class NothingNew(ExplainedCheck):
    """The `uptodate` of `checksums:TOOL`: the tool file records what the release file offers."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.reads = [str(place.release_file), str(place.tool_file)]

    def why(self, task: DoitTask, values: Mapping[str, object]) -> Sequence[str]:
        """Return what is to be recorded, or what changed since that was done."""
        del task
        kept = values.get("record")
        place = self._place
        try:
            known = kept if isinstance(kept, dict) else due.first_seen(place.directory, place.tool)
            found = comparison.differences(place, known, today())
        except PipelineError as error:
            return [error.summary]
        return [one.text for one in found]

    def __repr__(self) -> str:
        return f"{self._place.tool_file} records what {self._place.release_file} offers"


class Records(ReportedAction):
    """Records what the release file of one tool offers.

    Attributes:
        on_request: It runs only if its task is named.
    """

    on_request: ClassVar[bool] = True

    def __init__(self, place: Place, polling: _Polling) -> None:
        super().__init__()
        self._place = place
        self._polling = polling

    def __repr__(self) -> str:
        return f"record {self._place.tool}"

    def perform(self) -> None:
        """Record.

        Raises:
            PipelineError: The tool could not be recorded; its file is as it was.
        """
        place = self._place
        self.values = {"record": comparison.FAILED}
        watched.watched(place.directory)  # an error in it concerns every tool
        if not place.release_file.is_file():
            what = f"{place.tool} has not been polled yet"
            raise PartialError(what, code=self._polling.ended)
        if not due.has_left(place.directory, place.tool, place.release_file):
            what = f"{place.release_file} is not what the last poll left"
            fix = "run `doit releases`, which polls it again"
            raise PartialError(what, code=self._polling.ended, fix=fix)
        self.begin()
        before = files.sha256_or_empty(place.tool_file)
        try:
            said = record(place, self._polling.env)
        except PartialError as error:
            if error.code == _CHANGED or not self._was_recorded_since(before):
                raise
            said = f"{place.tool}: another run has recorded it"
        if said:
            _say(said)
        try:
            self.values = {"record": dict(comparison.record_of(place, today()))}
        except DeclarationError as error:
            raise PartialError(error.summary, code=1) from error

    def _was_recorded_since(self, before: str) -> bool:
        """Return whether the tool file has changed and now has all that upstream offers."""
        has_changed = files.sha256_or_empty(self._place.tool_file) != before
        return has_changed and not comparison.differences(self._place, {}, today())


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()

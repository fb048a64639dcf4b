"""Runs of the updater: one process that polls what is due, and one per tool that is recorded."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pipeline import process, settings
from pipeline.checksums import due
from pipeline.checksums.comparison import Place
from pipeline.checksums.release_file import path_of
from pipeline.checksums.watched import watched
from pipeline.errors import OfflineError, PartialError, PipelineError

LIMITED: Final = 5
"""The exit code of the updater after a rate limit."""
_COMMAND: Final = (sys.executable, "-P", "-m", "pipeline.updater")


def today() -> str:
    """Return the day, `YYYY-MM-DD`, in UTC as release files have it."""
    return datetime.now(UTC).date().isoformat()


@dataclass(slots=True)
class Poll:
    """A run that polls some tools; each is recorded as polled as soon as it is.

    Attributes:
        directory: The directory of the checksums.
        releases: The directory of the release files.
        say: Called with each line for people.
        done: The tools that were polled.
        begun: Whether the updater has said anything about a tool.
    """

    directory: Path
    releases: Path
    say: Callable[[str], None]
    done: list[str] = field(default_factory=list)
    begun: bool = False

    def run(self, tools: Sequence[str], env: Mapping[str, str]) -> None:
        """Poll *tools*.

        Raises:
            PartialError: Some could not be polled; they stay due.
            PipelineError: None could be polled, as the updater cannot be started or `tools.toml` is
                invalid.
        """
        require_online("polling needs the network")
        errors: list[str] = []

        def hear(line: str) -> None:
            errors.append(line)
            self.say(line)

        places = ["--dir", str(self.directory), "--releases", str(self.releases)]
        tables = {tool: entry.table for tool, entry in watched(self.directory).items()}
        marks = due.marks(self.directory)
        code = process.follow(
            [*_COMMAND, "poll", *places, *tools],
            env={**os.environ, **env},
            on_line=lambda line: self._take(line, tables, marks),
            on_error=hear,
        )
        left = sorted(set(tools) - set(self.done))
        if not code and not left:
            return
        if not self.begun and code != LIMITED:
            why = errors[0].removeprefix("error: ") if errors else f"exit code {code}"
            raise PipelineError(f"none of {len(tools)} tools could be polled", why=why)
        what = f"{len(left)} of {len(tools)} tools could not be polled: {', '.join(left)}"
        when = [line.removeprefix("  help: ") for line in errors if "run again after" in line]
        raise PartialError(what, code=code or 1, fix=when[-1] if when else "")

    def _take(self, line: str, tables: Mapping[str, str], marks: Mapping[str, bytes]) -> None:
        """Take what the updater says about one tool."""
        outcome = json.loads(line)
        self.begun = True
        if outcome["state"] != "polled":
            return
        tool = outcome["tool"]
        due.polled(
            self.directory,
            tool,
            time.time(),
            table=tables.get(tool, ""),
            release=path_of(self.releases, tool),
            recorded=Place(self.directory, self.releases, tool).tool_file,
            mark=marks.get(tool),
        )
        self.done.append(tool)


def record(place: Place, env: Mapping[str, str]) -> str:
    """Record what a release file offers; return what the updater says to people.

    Raises:
        PartialError: The tool could not be recorded, with the updater's exit code.
        CommandError: The updater cannot be started.
    """
    require_online("downloads need the network")
    if place.tool_file.exists() and not place.tool_file.is_file():
        what = f"{place.tool_file} is not a regular file"
        raise PartialError(what, code=1, fix="move it away: the tool file is made anew")
    places = ["--dir", str(place.directory), "--releases", str(place.releases)]
    words = [*_COMMAND, "update", "--json", *places, place.tool]
    done = process.run(words, env={**os.environ, **env}, codes=range(256), apart=True)
    said = done.errors.strip()
    if done.code:
        what = said.removeprefix("error: ")
        raise PartialError(what, code=done.code, file=place.tool_file)
    return said


def require_online(why: str) -> None:
    """Raise unless connections are allowed.

    Raises:
        OfflineError: The environment forbids them.
    """
    if settings.is_offline():
        fix = f"unset {settings.OFFLINE}"
        raise OfflineError("the network must not be used", why=why, fix=fix)

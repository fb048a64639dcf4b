"""What a run prints: what starts, what takes long, what failed, and a summary.

Every `doit` imports this module and most have nothing to do, so imports that only some runs need
are local to functions.
"""

from __future__ import annotations

import os
import textwrap
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TextIO

from doit.task import Task

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.action import StepAction
from pipeline.engine.cache.traffic import sentence, traffic
from pipeline.engine.elsewhere import MACHINES
from pipeline.errors import printable
from pipeline.process.stdio import Standard
from pipeline.report.durations import Durations, span
from pipeline.report.live.history import History
from pipeline.report.live.logs import Keeper, doing, failure_text, without_output
from pipeline.report.live.recorder import Outcome, Record, Recorder, RunListener, TaskEnd
from pipeline.report.live.terminal import Output, output
from pipeline.settings import METRICS, in_ci

QUIET_SECONDS = 2.0
"""The time of steps that take less is not printed."""

SHOWN_SECONDS = 0.05
"""Steps that take less would be shown as 0.0 s."""

PAINT_SECONDS = 0.2
"""How often a terminal's status line is repainted."""

NOTE_CHARS = 60
"""How much is shown of what a command has written last."""

NAMES = 12
"""How many tasks are named in one line."""

SUMMARY: Mapping[Outcome, str] = {
    "run": "run",
    "cached": "cached",
    "fresh": "fresh",
    "ignored": "ignored",
    "failed": "failed",
    "not-run": "not run",
}


class Console(Recorder):
    """Lines in doit's own style (`.  ` runs), with times, each failure once, and a summary."""

    desc = "what runs, how long it takes, what failed, and a summary"

    events: ClassVar[str | None] = None
    trace: ClassVar[str | None] = None
    pulse_seconds: ClassVar[float] = 30.0
    goes_on: ClassVar[bool] = True

    def __init__(self, outstream: TextIO, options: Mapping[str, object]) -> None:
        standard = Standard()
        out = output(standard.of(outstream))
        shown = [Screen(out, self.pulse_seconds), *annotated(out), *hinted(out)]
        files = written(self.events, self.trace)
        heard = [Keeper(), History(), *ranked(), *shown, *files]
        super().__init__(outstream, options, heard, standard)
        StepAction.shows_itself = False

    def complete_run(self) -> None:
        """Close the record; end with the exit code that tasks ask for, which doit does not know."""
        super().complete_run()
        if code := self.exit_code():
            raise SystemExit(code)


def console(events: str | None = None, trace: str | None = None) -> type[Console]:
    """Return a reporter class that also writes files; doit passes no options to the class.

    Args:
        events: File for a stream of events, or none.
        trace: File for a Chrome trace, or none.
    """
    return type("Console", (Console,), {"events": events, "trace": trace})


def annotated(out: Output) -> list[RunListener]:
    """Return what annotates failures where GitHub Actions runs the build, and nothing elsewhere."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    from pipeline.report.live.annotations import Annotations

    return [Annotations(out, Path(os.environ.get("GITHUB_WORKSPACE") or "").resolve())]


def hinted(out: Output) -> list[RunListener]:
    """Return what names the next commands to a person, and nothing in a pipe or in CI."""
    if not out.live or in_ci():
        return []
    from pipeline.report.live.hint import Hint

    return [Hint(out)]


def ranked() -> list[RunListener]:
    """Return what ranks steps by urgency if other machines run them."""
    if not MACHINES.used:
        return []
    from pipeline.report.live.urgency import Urgency

    return [Urgency()]


def written(events: str | None, trace: str | None) -> list[RunListener]:
    """Return the listeners that write the requested files."""
    found: list[RunListener] = []
    if events:
        from pipeline.report.live.events import Events

        found.append(Events(events))
    if trace:
        from pipeline.report.live.trace import Trace

        found.append(Trace(trace))
    if path := os.environ.get(METRICS):
        from pipeline.report.live.metrics import Metrics

        found.append(Metrics(path))
    return found


class Screen(RunListener):
    """Prints the progress of a run.

    Args:
        out: Where the lines go.
        pulse_seconds: After how long a silence a plain stream gets a line for each running task.
    """

    def __init__(self, out: Output, pulse_seconds: float) -> None:
        self._out = out
        self._pulse_seconds = pulse_seconds
        self._record = Record(time.monotonic())
        self._closed = threading.Event()
        self._pulses = False
        self._spoke = time.monotonic()
        self._color = out.live and not os.environ.get("NO_COLOR")

    def opened(self, record: Record) -> None:
        """Start to report tasks that take long."""
        self._record = record
        self._out.open()
        if self._out.live:
            self._start(self._paint)

    def began(self, task: Task) -> None:
        """Print that the task starts."""
        if not (self._out.live or self._pulses):
            self._pulses = True
            self._start(self._pulse)
        self._say(f".  {task.name:<28} {task.doc or ''}".rstrip())

    def _start(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, daemon=True).start()

    def ended(self, end: TaskEnd) -> None:
        """Print how the task ended, unless it was fresh or quick."""
        name = end.task.name
        if end.outcome in ("run", "cached"):
            self._show(end.task)
        if end.outcome == "cached":
            self._say(f"=  {name:<28} {end.task.doc or ''}".rstrip())
        elif end.outcome == "run" and end.seconds >= QUIET_SECONDS:
            self._say(f"   {name:<28} {end.seconds:.1f} s")
        elif end.outcome == "failed":
            self._failed(name, failure_text(end), partial=end.partial)

    def closed(self, errors: Sequence[str]) -> None:
        """Print the summary."""
        self._closed.set()
        self._out.close()
        record = self._record
        for message in errors:
            self._say(f"{self._paint_red('error:')} {self._dim_code(printable(message))}")
        counts = record.counts()
        text = ", ".join(f"{counts[what]} {word}" for what, word in SUMMARY.items() if counts[what])
        stopped = "stopped: " if record.error else ""
        stopped = "interrupted: " if record.interrupted else stopped
        self._say(f"{stopped}{text or 'nothing to do'} in {time.monotonic() - record.start:.1f} s")
        if traffic().used and (shared := sentence(traffic().counts())):
            self._say(f"remote cache: {shared}")
        took = {end.task.name: end.seconds for end in record.ended.values() if end.worked}
        if max(took.values(), default=0.0) >= QUIET_SECONDS:
            self._chain(took)

    def _show(self, task: Task) -> None:
        """Print the output of a step that shows its output."""
        if any(isinstance(action, StepAction) and action.shows for action in task.actions):
            text = ""
            for text in process.Recording(layout.log(task.name)).text():
                self._out.write(text)
            if text and not text.endswith("\n"):
                self._out.write("\n")

    def _failed(self, name: str, text: str, *, partial: bool) -> None:
        if self._out.live:
            text, lines = without_output(text)
            self._compiled(lines)
        text = printable("\n".join(line.rstrip() for line in text.splitlines()))
        text = self._dim_code(text)
        self._say(f"{self._paint_red('!!')} {name}\n{self._paint_red('error:')} {text}")
        below = [] if partial else self._record.below(name)
        if below:
            more = [f"{len(below) - NAMES} more"] if len(below) > NAMES else []
            self._say(_wrapped("", [*below[:NAMES], *more], ",", f"not run: {name} failed"))

    def _compiled(self, lines: Sequence[str]) -> None:
        """Print the output of a failed command, as the first that a person sees of it."""
        from pipeline.report.live.highlight import highlighted

        for line in map(printable, lines):
            self._say(highlighted(line) if self._color else line)

    def _chain(self, took: Mapping[str, float]) -> None:
        from pipeline.report.critical_path import chain

        found = [
            (name, of) for name, of in chain(self._record.needs(), took) if of >= SHOWN_SECONDS
        ]
        whole = sum(of for _, of in found)
        steps = [f"{name} {of:.1f} s" for name, of in found]
        self._say(_wrapped(f"critical path {whole:.1f} s:", steps, " >"))

    def _say(self, text: str) -> None:
        self._spoke = time.monotonic()
        self._out.write(f"{text}\n")

    def _paint_red(self, text: str) -> str:
        return f"\x1b[31m{text}\x1b[0m" if self._color else text

    def _dim_code(self, text: str) -> str:
        if not self._color:
            return text
        from pipeline.report.live.highlight import dimmed

        return dimmed(text)

    def _paint(self) -> None:
        from pipeline.report.live.eta import Estimate

        estimate: Estimate | None = None
        while not self._closed.wait(PAINT_SECONDS):
            estimate = estimate or Estimate(self._record, Durations.read())
            line = estimate.line(self._out.width())
            running = list(self._record.running)
            said = doing(running[0]) if len(running) == 1 else ""
            self._out.show(f"{line}: {said}" if said else line)

    def _pulse(self) -> None:
        """After each silence of `pulse_seconds`, print what runs."""
        while not self._closed.wait(self._spoke + self._pulse_seconds - time.monotonic()):
            now = time.monotonic()
            if now - self._spoke < self._pulse_seconds:
                continue
            self._spoke = now
            for name, begun in list(self._record.running.items()):
                said = doing(name)
                what = f": {said[:NOTE_CHARS]}" if said else ""
                self._say(f"   {name:<28} still running, {span(now - begun)}{what}")


def _wrapped(head: str, items: Sequence[str], mark: str, foot: str = "") -> str:
    """Wrap *items*, separated by *mark*, and break lines only between items."""
    parts = [head, *(f"{item}{mark}" for item in items[:-1]), *items[-1:], foot]
    whole = " ".join(part.replace(" ", "\xa0") for part in parts if part)
    text = textwrap.fill(
        whole, 78, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False
    )
    return text.replace("\xa0", " ")

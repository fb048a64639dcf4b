"""`doit-wasm build`: doit's `run`, which can also stream events and write a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from doit.exceptions import BaseFail
from doit.reporter import ConsoleReporter

from pipeline.commands.run import Run
from pipeline.engine.checker import ContentChecker
from pipeline.process import sigpipe
from pipeline.report.live.console import Console, console, written
from pipeline.report.live.logs import Keeper
from pipeline.report.live.recorder import Recorder

EVENTS = {
    "name": "events",
    "long": "events",
    "type": str,
    "default": "",
    "env_var": "DOIT_WASM_EVENTS",
    "help": "write events to a file as they happen, one JSON object per line",
}
TRACE = {
    "name": "trace",
    "long": "trace",
    "type": str,
    "default": "",
    "env_var": "DOIT_WASM_TRACE",
    "help": "write a Chrome trace, for Perfetto or about://tracing",
}


class Build(Run):
    """Runs tasks, shows them with any reporter of doit, and writes the requested files."""

    doc_purpose = "run tasks, with events and a trace"
    doc_usage = "[TASK/TARGET...]"
    cmd_options = (EVENTS, TRACE, *Run.cmd_options)

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Run the command; called by doit."""
        sigpipe.end_quietly()
        return int(super().parse_execute(in_args))

    def _execute(
        self,
        *,
        outfile: TextIO | str,
        verbosity: int | None,
        always: bool,
        continue_: bool,
        reporter: str | type[ConsoleReporter],
        num_process: int,
        par_type: str,
        single: bool,
        auto_delayed_regex: bool,
        force_verbosity: bool,
        failure_verbosity: int,
        pdb: bool,
        events: str,
        trace: str,
        check_file_uptodate: object,
    ) -> int:
        chosen = self.reporters[reporter] if isinstance(reporter, str) else reporter
        code: int = super()._execute(
            outfile,
            verbosity=verbosity,
            always=always,
            continue_=continue_,
            reporter=recording(chosen, events, trace, ours=check_file_uptodate is ContentChecker),
            num_process=num_process,
            par_type=par_type,
            single=single,
            auto_delayed_regex=auto_delayed_regex,
            force_verbosity=force_verbosity,
            failure_verbosity=failure_verbosity,
            pdb=pdb,
        )
        return code


def recording(
    reporter: type[ConsoleReporter], events: str, trace: str, *, ours: bool
) -> type[ConsoleReporter]:
    """Return a reporter that shows what *reporter* shows, and also writes files.

    Args:
        reporter: The reporter that doit would use.
        events: File for a stream of events, or "".
        trace: File for a Chrome trace, or "".
        ours: Whether the project uses `doit_config`; logs and durations are kept only then.
    """
    if issubclass(reporter, Console):
        return console(events or reporter.events, trace or reporter.trace)
    keeper = [Keeper] if ours else []
    attributes = {"shown": reporter, "files": (events, trace), "keeper": keeper}
    return type("Recording", (RecordingReporter,), attributes)


def _both(name: str) -> Callable[..., None]:
    """Return a method of a reporter that calls both reporters."""

    def both(self: RecordingReporter, *args: object) -> None:
        getattr(Recorder, name)(self, *args)
        if theirs := getattr(self.theirs, name, None):  # doit's JSON reporter has no `initialize`
            theirs(*args)

    return both


class RecordingReporter(Recorder):
    """Records a run that another reporter shows."""

    shown: type[ConsoleReporter] = ConsoleReporter
    files: tuple[str, str] = ("", "")
    keeper: Sequence[type[Keeper]] = ()

    def __init__(self, outstream: TextIO, options: Mapping[str, object]) -> None:
        listeners = [*(keeper() for keeper in self.keeper), *written(*self.files)]
        super().__init__(outstream, options, listeners)
        self.theirs = self.shown(outstream, options)

    initialize = _both("initialize")
    get_status = _both("get_status")
    execute_task = _both("execute_task")
    add_success = _both("add_success")
    add_failure = _both("add_failure")
    skip_uptodate = _both("skip_uptodate")
    skip_ignore = _both("skip_ignore")
    runtime_error = _both("runtime_error")
    teardown_task = _both("teardown_task")
    _complete = _both("complete_run")

    def complete_run(self) -> None:
        """Close both records; end with the exit code that tasks ask for."""
        self._complete()
        if code := self.exit_code():
            raise SystemExit(code)

    def cleanup_error(self, exception: BaseFail) -> None:
        """Show an error that belongs to no task."""
        self.theirs.cleanup_error(exception)

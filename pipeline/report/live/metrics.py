"""Adds a run to a file of counters for Prometheus. See docs/howto/monitor.md."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from filelock import FileLock

from pipeline import files
from pipeline.engine.cache.traffic import Count, traffic
from pipeline.report.live.recorder import Outcome, Record, RunListener

PREFIX: Final = "doit_wasm_"
LAST: Final = "last_run_timestamp_seconds"
BYTES: Final = {"restored", "received", "sent"}
_LOCK_SECONDS: Final = 10.0
_LINE: Final = re.compile(r'doit_wasm_(\w+(?:\{outcome="[a-z-]+"\})?) (\d+(?:\.\d+)?)')

HELP: Final[Mapping[str, str]] = {
    "runs_total": "Runs, by how they ended.",
    "run_seconds_total": "Time that runs took.",
    "tasks_total": "Tasks, by how they ended.",
    "task_seconds_total": "Time that tasks took, by how they ended.",
    "errors_total": "Errors that belong to no task.",
    "remote_cache_hits_total": "Results that came from the remote cache.",
    "remote_cache_misses_total": "Results that neither cache had.",
    "remote_cache_refused_total": "Misses whose result was there but may not be used.",
    "remote_cache_restored_bytes_total": "Bytes of the outputs of hits.",
    "remote_cache_received_bytes_total": "Bytes that came over the wire.",
    "remote_cache_sent_bytes_total": "Bytes of uploads that went over the wire.",
    "remote_cache_uploads_total": "Results that were uploaded.",
    "remote_cache_dropped_total": "Results that could not be uploaded.",
    "remote_cache_unfit_total": "Results that no server can keep.",
    "remote_cache_given_up_total": "Runs that stopped using the remote cache.",
    LAST: "When the last run ended, in seconds since 1970.",
}


class Metrics(RunListener):
    """Adds what a run did to the counters of those before it, when it ends.

    Args:
        path: The file; it is replaced as a whole, and several runs may share it.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._record = Record(0.0)

    def opened(self, record: Record) -> None:
        """Keep the record of the run."""
        self._record = record

    def closed(self, errors: Sequence[str]) -> None:
        """Write the file, or print why that is not possible."""
        try:
            self._add(dict(_counted(self._record, errors)))
        except (OSError, ValueError) as error:
            why = (isinstance(error, OSError) and error.strerror) or error
            sys.stderr.write(f"no metrics in {self._path}: {why}\n")

    def _add(self, more: Mapping[str, float]) -> None:
        with FileLock(f"{self._path}.lock", timeout=_LOCK_SECONDS):
            counters = parsed(self._path.read_text("utf-8")) if self._path.is_file() else {}
            for name, value in more.items():
                counters[name] = counters.get(name, 0) + value
            counters[LAST] = round(time.time(), 3)
            files.write_atomic(self._path, text(counters).encode(), durable=False)


def parsed(data: str) -> dict[str, float]:
    """Return the counters in the text of a file, by name and label.

    Raises:
        ValueError: It is not a file of ours, which is then left alone.
    """
    lines = [line for line in data.splitlines() if not line.startswith("#")]
    found = [_LINE.fullmatch(line) for line in lines]
    if not lines or None in found:
        raise ValueError("it is not a file that doit-wasm has written; name another")
    return {one[1]: float(one[2]) for one in found if one}


def text(counters: Mapping[str, float]) -> str:
    """Return the counters in the text format of Prometheus."""
    lines: list[str] = []
    for name, what in HELP.items():
        of = [key for key in counters if key.partition("{")[0] == name]
        if of:
            kind = "gauge" if name == LAST else "counter"
            lines += [f"# HELP {PREFIX}{name} {what}", f"# TYPE {PREFIX}{name} {kind}"]
            lines += [
                f"{PREFIX}{key} {counters[key]:.3f}".removesuffix(".000") for key in sorted(of)
            ]
    return "\n".join([*lines, ""])


def _counted(record: Record, errors: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield what to add: each counter, even if it stays as it is."""
    counts = record.counts()
    all_errors = [*errors, *filter(None, [record.error])]
    ended = "failed" if counts["failed"] or all_errors else "ok"
    for outcome in ("ok", "failed", "interrupted"):
        really = "interrupted" if record.interrupted else ended
        yield f'runs_total{{outcome="{outcome}"}}', float(outcome == really)
    yield "run_seconds_total", time.monotonic() - record.start
    yield "errors_total", len(all_errors)
    for how in get_args(Outcome):
        yield f'tasks_total{{outcome="{how}"}}', counts[how]
    for outcome in ("run", "cached", "failed"):
        took = sum(end.seconds for end in record.ended.values() if end.outcome == outcome)
        yield f'task_seconds_total{{outcome="{outcome}"}}', took
    remote = traffic().counts()
    for what in get_args(Count):
        unit = "_bytes" if what in BYTES else ""
        yield f"remote_cache_{what}{unit}_total", remote[what]

"""`doit-wasm graph`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from doit.exceptions import InvalidCommand

from pipeline import files
from pipeline.commands.query_command import QueryCommand
from pipeline.error_codes import coded
from pipeline.report.query.graph import TaskGraph, as_text, dot, graph, mermaid
from pipeline.report.query.svg import svg
from pipeline.report.query.table import table

FORMATS: Mapping[str, Callable[[TaskGraph], str]] = {
    "mermaid": mermaid,
    "dot": dot,
    "svg": svg,
    "json": as_text,
    "table": table,
}

FORMAT: dict[str, object] = {
    "name": "format",
    "long": "format",
    "default": "mermaid",
    "choices": [
        ("mermaid", "for Markdown"),
        ("dot", "for Graphviz"),
        ("svg", "a picture"),
        ("json", "for programs; the shape is in docs/reference/commands.md"),
        ("table", "how long each task took, and what it waited for"),
    ],
    "help": "how to write the graph [default: %(default)s]",
}

OUTPUT: dict[str, object] = {
    "name": "file",
    "short": "o",
    "long": "output",
    "default": "",
    "metavar": "FILE",
    "help": "write to FILE instead of standard output",
}


class Graph(QueryCommand):
    """Draws the tasks."""

    doc_purpose = "draw the tasks, with the state and the duration of each"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Draws each TASK (default: the default tasks) and all that it needs: its state (fresh, "
        "stale, maybe, error, ignored; see `doit-wasm help plan`) and the seconds that its last "
        "run took. Groups are replaced by their tasks, and edges that follow from others are "
        "omitted.\n"
        "It runs no task and writes nothing but FILE."
    )
    cmd_options = (FORMAT, OUTPUT)

    def _execute(self, *, format: str, file: str) -> int:  # noqa: A002 - the option's name
        standings, _ = self.survey()
        text = FORMATS[format](graph(standings))
        if not file:
            self.outstream.write(text)
            return 0
        try:
            files.write_output(Path(file), text.encode())
        except OSError as error:
            what = f"cannot write {file}: {error.strerror}"
            raise InvalidCommand(coded(what, "DW606")) from error
        return 0

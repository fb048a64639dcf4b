"""`doit-wasm report`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from doit.exceptions import InvalidCommand

from pipeline import files
from pipeline.commands.query_command import AS_JSON, QueryCommand
from pipeline.commands.report_server import PAGE, SOURCES, serve
from pipeline.commands.report_tools import tools
from pipeline.engine import layout
from pipeline.error_codes import coded
from pipeline.errors import exit_code_of
from pipeline.report.page.document import Report as Document
from pipeline.report.page.document import as_text, collect, read_by
from pipeline.report.page.html import html
from pipeline.report.page.markdown import markdown

SERVE: Final = "--serve"


def _option(name: str, about: str, **more: object) -> dict[str, object]:
    return {"name": name, "long": name.replace("_", "-"), "help": about, "default": "", **more}


class Report(QueryCommand):
    """Writes the report."""

    doc_purpose = "write a page with tasks, runs, components, tests and tools"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Writes one HTML file that loads nothing, about each TASK (default: the default tasks) and "
        "all that it needs: what is stale and why, when each task of the last run ran, how "
        "durations and sizes developed, what components import and export, test results, and what "
        "the tools' hashes were compared with. It runs no task.\n"
        "Exit code: 0; 3 if the state of tasks cannot be determined, or the file not be written."
    )
    cmd_options = (
        _option("file", f"write to FILE [default: {layout.BUILD}/report.html, or standard output "
                "for --json and --markdown]", short="o", long="output", metavar="FILE"),
        AS_JSON | {"help": "write the data; report.schema.json of the package has its shape"},
        _option("as_markdown", "write a summary, for a job of continuous integration",
                long="markdown", type=bool, default=False),
        _option("junit", "also show the test results in FILE, in JUnit's format; may be repeated",
                type=list, default=[], metavar="FILE"),
        _option("serve", "serve the page on loopback, up to date, until Ctrl-C",
                type=bool, default=False),
        _option("served", "write what --serve needs to DIR", metavar="DIR"),
    )  # fmt: skip

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Write the report, or serve it from a process that has loaded no dodo.py."""
        if SERVE in in_args and "--help" not in in_args:
            return exit_code_of(partial(serve, [word for word in in_args if word != SERVE]))
        return super().parse_execute(in_args)

    def _execute(  # doit passes each option by its name
        self,
        *,
        file: str,
        as_json: bool,
        as_markdown: bool,
        junit: list[str],
        serve: bool,
        served: str,
    ) -> int:
        del serve
        ways = [as_json, as_markdown, bool(served)]
        if sum(ways) > 1 or (served and file):
            what = "--json, --markdown and --serve exclude each other, and --serve writes no file"
            raise InvalidCommand(coded(what, "DW501"))
        standings, selected = self.survey()
        found = collect(standings, selected, self.task_list, tools=tools(standings), results=junit)
        if served:
            self._hand_over(found, Path(served))
        elif as_json or as_markdown:
            text = as_text(found) if as_json else markdown(found)
            self._write(text.encode("utf-8", "backslashreplace"), file)
        else:
            target = file or str(layout.BUILD / "report.html")
            self._write(html(found), target)
            self.say(f"wrote {Path(target).absolute()}")
        return 0

    def _write(self, data: bytes, target: str) -> None:
        if not target:
            self.outstream.write(data.decode())
            return
        try:
            files.write_output(Path(target), data)
        except OSError as error:
            what = f"cannot write {target}: {error.strerror}"
            raise InvalidCommand(coded(what, "DW606")) from error

    def _hand_over(self, found: Document, directory: Path) -> None:
        """Write the page, and the absolute paths of all that it was made from."""
        (directory / PAGE).write_bytes(html(found, served=True))
        drawn = {row.standing.task for row in found.tasks}
        read = [*read_by(task for task in self.task_list if task.name in drawn)]
        read += map(str, [layout.TOOLS, *Path().glob("*.py")])
        paths = sorted({str(Path(path).absolute()) for path in read})
        (directory / SOURCES).write_text(json.dumps(paths), encoding="utf-8")

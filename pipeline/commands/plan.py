"""`doit-wasm plan`."""

from __future__ import annotations

from pipeline.commands.query_command import AS_JSON, QueryCommand
from pipeline.report.query.plan import as_data, plan


class Plan(QueryCommand):
    """Prints what a run would do."""

    doc_purpose = "print what would run and why, without running it"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Lists what `doit TASK ...` (default: the default tasks) would do, in that order:\n"
        "run: it is stale;\n"
        "maybe: it runs if the output of another task changes;\n"
        "cached: it is stale, but its outputs are in the action cache;\n"
        "fail: it cannot run, because an input is missing and no task makes it;\n"
        "skip: it is ignored.\n"
        "It runs no task and writes nothing.\n"
        "Exit code: 0 whether or not there is anything to do; 3 if that cannot be determined."
    )
    cmd_options = (AS_JSON,)

    def _execute(self, *, as_json: bool) -> int:
        standings, _ = self.survey()
        if as_json:
            self.say_json(as_data(standings))
        else:
            for line in plan(standings):
                self.say(line)
        return 0

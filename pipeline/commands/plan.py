"""`doit-wasm plan`."""

from __future__ import annotations

from pipeline.commands.query_command import AS_JSON, ReadingCommand
from pipeline.report.query.plan import as_data, plan


class Plan(ReadingCommand):
    """Says what a run would do."""

    doc_purpose = "say what would run, and why, without running it"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Lists what `doit TASK ...` (default: the default tasks) would do, in that order:\n"
        "run: it is stale;\n"
        "maybe: it runs if what another task makes is not what it made before;\n"
        "cached: it is stale, but its outputs are in the action cache;\n"
        "fail: it cannot run, since an input does not exist and no task makes it;\n"
        "skip: it is ignored.\n"
        "No task is executed and nothing is written.\n"
        "Exit code: 0, whatever there is to do; 3 if it could not be told."
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

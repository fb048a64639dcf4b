"""`doit-wasm explain`."""

from __future__ import annotations

from pipeline.commands.query_command import AS_JSON, QueryCommand
from pipeline.report.query.explain import as_data, explanation


class Explain(QueryCommand):
    """Explains why a task is stale."""

    doc_purpose = "explain exactly why a task is stale"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Reports for each TASK (default: the default tasks) that it is fresh, or which input, word "
        "of the command, variable, tool, target, directory or rule changed since its last success, "
        "old -> new. The causes in the tasks that it depends on follow, indented. Digests are "
        "shortened to 12 digits.\n"
        "It runs no task and writes nothing.\n"
        "Exit code: 0 if every TASK is fresh, 1 if one is stale, may become stale or cannot run, "
        "3 if that cannot be determined."
    )
    cmd_options = (AS_JSON,)

    def _execute(self, *, as_json: bool) -> int:
        standings, selected = self.survey()
        if as_json:
            self.say_json(as_data(standings, selected))
        else:
            for line in explanation(standings, selected):
                self.say(line)
        return int(any(standings[name].state != "fresh" for name in selected))

"""`doit-wasm explain`."""

from __future__ import annotations

from pipeline.commands.query_command import AS_JSON, ReadingCommand
from pipeline.report.query.explain import as_data, explanation


class Explain(ReadingCommand):
    """Says why a task is stale."""

    doc_purpose = "say exactly why a task is stale"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Says of each TASK (default: the default tasks) that it is fresh, or which input, word of "
        "the command, variable, tool, target, directory or rule changed since its last success, "
        "old -> new. The causes are followed through the tasks it depends on, indented. A digest "
        "is shortened to 12 digits.\n"
        "No task is executed and nothing is written.\n"
        "Exit code: 0 if every TASK is fresh, 1 if one is stale, may become stale or cannot run, "
        "3 if it could not be told."
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

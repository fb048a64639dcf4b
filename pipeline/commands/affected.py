"""`doit-wasm affected`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from doit.cmd_base import tasks_and_deps_iter
from doit.control import TaskControl
from doit.exceptions import InvalidCommand

from pipeline.commands.query_command import AS_JSON, QueryCommand
from pipeline.error_codes import coded
from pipeline.errors import DeclarationError
from pipeline.report.query.affected import Reached, affected
from pipeline.report.query.changed_files import ChangedFiles, changed_since

SINCE: dict[str, object] = {
    "name": "since",
    "long": "since",
    "default": "",
    "metavar": "REV",
    "help": "a branch, tag or commit: what changed after this branch left it",
}
MATRIX: dict[str, object] = {
    "name": "matrix",
    "long": "matrix",
    "type": bool,
    "default": False,
    "help": "print the components as the matrix of a GitHub workflow, in one line",
}


class Affected(QueryCommand):
    """Lists what a change can reach."""

    doc_purpose = "list the tasks and components that a change since a commit can reach"
    doc_usage = "--since REV [TASK ...]"
    doc_description = (
        "Compares the working tree with the commit at which the current branch left REV, and lists "
        "the tasks (default: of all; with TASK ...: of these and of what they need) that read a "
        "changed file, and the tasks that need these. Files that git ignores do not count.\n"
        "A changed dodo.py, or a module of the project that it imports, reaches all tasks; a "
        "removed file reaches the tasks that read other files of its directory. Upstream releases "
        "and this machine are not looked at.\n"
        "It runs no task and writes nothing.\n"
        "Exit code: 0 whether or not a task is affected; 3 if that cannot be determined."
    )
    cmd_options = (SINCE, MATRIX, AS_JSON)

    def _execute(self, *, since: str, matrix: bool, as_json: bool, pos_args: Sequence[str]) -> int:
        if not since:
            raise InvalidCommand(coded("affected: name a commit: --since origin/main", "DW608"))
        control = TaskControl(self.task_list)
        control.process(list(pos_args) or list(control.tasks))
        try:
            changed = changed_since(since)
        except DeclarationError as error:
            raise InvalidCommand(str(error)) from error
        found = affected(control.tasks, changed.paths, changed.removed)
        if pos_args:
            chosen = tasks_and_deps_iter(control.tasks, control.selected_tasks)
            wanted = {task.name for task in chosen}
            found = [one for one in found if one.task in wanted]
        if matrix:
            self.say(json.dumps(_matrix(found), ensure_ascii=False))
        elif as_json:
            self.say_json(_as_data(changed, found))
        else:
            for one in found:
                if not one.group:
                    self.say(one.task)
        return 0


def _matrix(found: Sequence[Reached]) -> dict[str, object]:
    """Return what `strategy.matrix` takes; GitHub refuses a matrix without entries."""
    return {"include": [{"component": c, "task": t} for c, t in _components(found)]}


def _components(found: Sequence[Reached]) -> list[tuple[str, str]]:
    return [(one.component, one.task) for one in found if one.component]


def _as_data(changed: ChangedFiles, found: Sequence[Reached]) -> dict[str, object]:
    return {
        "base": changed.base,
        "files": list(changed.paths),
        "tasks": [
            {"task": one.task, "files": list(one.files), "needs": list(one.tasks)}
            for one in found
            if not one.group
        ],
        "components": [component for component, _ in _components(found)],
    }

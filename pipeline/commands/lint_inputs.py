"""`doit-wasm lint_inputs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from doit.control import TaskControl
from doit.exceptions import InvalidCommand
from doit.task import Task

from pipeline.commands.query_command import AS_JSON, QueryCommand
from pipeline.engine.selection import leave_out_unnamed
from pipeline.engine.spec import StepSpec
from pipeline.engine.strace import Findings, Tracer, lint
from pipeline.engine.tree_lock import tree_lock
from pipeline.error_codes import coded
from pipeline.errors import PipelineError
from pipeline.report.query.reasons import reads, spec_of


class LintInputs(QueryCommand):
    """Runs steps again and reports what they read without declaring it."""

    name: ClassVar[str | None] = "lint_inputs"
    doc_purpose = "find what steps read without declaring it"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Runs the step of each TASK (of each of its tasks, for a group) again in a sandbox, under "
        "strace, and lists the files below the directory of dodo.py that it read but did not "
        "declare. Default: the default tasks and all that they need.\n"
        "Declared inputs that a step did not read at all are hints: it may still need them.\n"
        "It changes no output and no record. The inputs of the steps must have been built. "
        "Linux only.\n"
        "Exit code: 0 if everything was declared, 1 if something was not or a step failed, 3 if "
        "there is no step or no strace."
    )
    cmd_options = (AS_JSON,)

    def _execute(self, *, as_json: bool) -> int:
        steps = list(self._steps())
        if not steps:
            what = "none of the selected tasks is a step: nothing can be traced"
            raise InvalidCommand(coded(what, "DW501"))
        try:
            tracer = Tracer.find()
        except PipelineError as error:
            raise InvalidCommand(str(error)) from error
        tree_lock().hold()
        found = {task.name: _lint(task, spec, tracer) for task, spec in steps}
        if as_json:
            self.say_json({name: _as_data(result) for name, result in found.items()})
        else:
            for name, result in found.items():
                for line in _lines(name, result):
                    self.say(line)
            self.say(_summary(list(found.values())))
        return int(any(map(_is_bad, found.values())))

    def _steps(self) -> Iterator[tuple[Task, StepSpec]]:
        """Yield the selected steps, each after those that it needs."""
        control = TaskControl(self.task_list)
        control.process(self.sel_tasks)
        leave_out_unnamed(control.selected_tasks, control.tasks)
        whole = self.sel_default_tasks
        done: set[str] = set()

        def visit(name: str) -> Iterator[tuple[Task, StepSpec]]:
            if name in done:
                return
            done.add(name)
            task = control.tasks[name]
            if whole or not task.actions:
                for other in [*task.setup_tasks, *task.task_dep]:
                    yield from visit(other)
            if spec := spec_of(task):
                yield task, spec

        for name in control.selected_tasks:
            yield from visit(name)


def _lint(task: Task, spec: StepSpec, tracer: Tracer) -> Findings | PipelineError:
    try:
        return lint(spec, reads(task), tracer)
    except PipelineError as error:
        return error


def _is_bad(result: Findings | PipelineError) -> bool:
    return isinstance(result, PipelineError) or bool(result.undeclared)


def _lines(name: str, result: Findings | PipelineError) -> Iterator[str]:
    if isinstance(result, PipelineError):
        yield f"!! {name}\nerror: {result}"
        return
    yield f"{'!!' if result.undeclared else 'ok'} {name}"
    yield from (f"   reads {path}, which it does not declare" for path in result.undeclared)
    yield from (f"   hint: did not read {path}" for path in result.unread)


def _summary(results: Sequence[Findings | PipelineError]) -> str:
    failed = sum(isinstance(result, PipelineError) for result in results)
    cheats = sum(_is_bad(result) for result in results) - failed
    return f"{len(results)} steps: {cheats} with undeclared inputs, {failed} failed"


def _as_data(result: Findings | PipelineError) -> dict[str, object]:
    if isinstance(result, PipelineError):
        return {"error": str(result)}
    return {"undeclared": result.undeclared, "unread": result.unread}

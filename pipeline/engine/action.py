"""The action and the up-to-date check that doit calls for a step."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal, TextIO

from doit.action import BaseAction, Writer
from doit.exceptions import BaseFail, TaskFailed

from pipeline.engine.digests import memo
from pipeline.engine.edges import edges
from pipeline.engine.elsewhere import Begin, ignore
from pipeline.engine.key import digest
from pipeline.engine.origins import origins
from pipeline.engine.spec import StepSpec
from pipeline.engine.words import declared
from pipeline.errors import PartialError, PipelineError

if TYPE_CHECKING:
    from doit.task import Task


class _Standard:
    """Standard output, even while doit captures the prints of a Python task in all threads."""

    def __init__(self) -> None:
        self._seen: TextIO | None = sys.__stdout__

    def now(self) -> TextIO | None:
        """Return it; what is called now and then has seen where others lead it."""
        if not isinstance(sys.stdout, Writer):
            self._seen = sys.stdout
        return self._seen


_STANDARD = _Standard()


class Fresh:
    """The `uptodate` of a step: its key and its outputs are those of the last success.

    Attributes:
        spec: The step, in which `doit-wasm explain` finds what changed.
        said: The last answer, or None if doit has not asked in this run.
    """

    __slots__ = ("_edges", "said", "spec")

    # doit reads it on every call, and computing it takes longer than the rest of a check.
    __signature__: ClassVar = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            for name in ("task", "values")
        ]
    )

    def __init__(self, spec: StepSpec) -> None:
        self.spec = spec
        self._edges = edges()
        self.said: bool | None = None

    def configure_task(self, task: Task) -> None:
        """Join *task* with the makers of its inputs; doit calls this for each task it creates."""
        self._edges.add(task, self.spec)

    def __call__(self, task: Task, values: Mapping[str, object]) -> bool:
        """Return whether the step need not run."""
        self._edges.running = True
        self.said = False
        _STANDARD.now()
        if "key" not in values:
            return False  # whoever runs the step computes its key
        spec = self.spec.with_inputs(task.file_dep)
        try:
            key = spec.key(now=False)
            if values.get("key") != key:
                return False
            outputs = memo().all(spec.outputs)
        except (FileNotFoundError, PipelineError):
            return False
        if values.get("outputs") == outputs:
            self.said = True
            origins().record(key, outputs, reproducible=spec.reproducible)
            memo().handed = {**key["inputs"], **outputs}
        return self.said

    def __repr__(self) -> str:
        return f"command, environment, tools, inputs and outputs of {self.spec.name}"


class ExplainedCheck:
    """An `uptodate` that says in words why its task is stale.

    Attributes:
        reads: The paths whose change makes the task stale.
    """

    reads: Collection[str] = ()
    # As for `Fresh`.
    __signature__: ClassVar = Fresh.__signature__

    def __call__(self, task: Task, values: Mapping[str, object]) -> bool:
        """Return whether the task need not run; called by doit."""
        return not self.why(task, values)

    def why(self, task: Task, values: Mapping[str, object]) -> Sequence[str]:
        """Return the reasons to run, in a few words each; none if the task is fresh.

        Args:
            task: The task.
            values: What its actions saved in its last success.
        """
        raise NotImplementedError


class ReportedAction(BaseAction):
    """An action of this package: its errors are reported as text, never as a traceback.

    Attributes:
        begin: Called when real work starts; the reporter sets it.
        goes_on: Whether a partial failure lets the run go on; a reporter that counts it sets it.
        failure: The partial failure that it ended with.
        outcome: `run`, or `cached` if the outputs came from elsewhere and nothing ran.
    """

    # On the class: there are many steps, and few are executed.
    begin: Begin = staticmethod(ignore)
    goes_on: bool = False
    failure: PartialError | None = None
    outcome: Literal["run", "cached"] = "run"
    task: Task | None = None
    out: str | None = None
    err: str | None = None
    result: str | dict[str, object] | None = None
    values: Mapping[str, object] = MappingProxyType({})

    def execute(self, out: TextIO | None = None, err: TextIO | None = None) -> BaseFail | None:
        """Do the work; called by doit."""
        del out, err
        try:
            self.perform()
        except PartialError as error:
            self.failure = error
            return None if self.goes_on else TaskFailed(str(error))
        except PipelineError as error:
            return TaskFailed(str(error))
        except OSError as error:
            return TaskFailed(f"{error.filename or 'the system'}: {error.strerror or error}")
        return None

    def perform(self) -> None:
        """Do the work, and set `values` for the next run.

        Raises:
            PipelineError: The work failed.
        """
        raise NotImplementedError


class StepAction(ReportedAction):
    """Puts a step's outputs in their places: found there, from the cache, or made in a sandbox.

    Args:
        spec: The step.
        fresh: The check that decided whether it is stale.

    Attributes:
        shows_itself: Whether no reporter shows what the commands write.
    """

    shows_itself: ClassVar[bool] = True

    def __init__(self, spec: StepSpec, fresh: Fresh) -> None:
        self._spec = spec
        self._fresh = fresh

    @property
    def shows(self) -> bool:
        """Whether to show the output of the command."""
        return self._spec.shows

    @property
    def directory(self) -> str:
        """The working directory of the command, relative to the project."""
        return self._spec.cwd

    def __repr__(self) -> str:
        return " ".join(declared(self._spec.argv))

    def perform(self) -> None:
        """Put the outputs in their places.

        Raises:
            PipelineError: A tool or an input is missing, the command failed, or an output was not
                made.
        """
        from pipeline.engine.execute import Work  # a run that finds all fresh does not need it

        spec = self._spec.with_inputs(self.task.file_dep) if self.task else self._spec
        work = Work(spec, self.begin)
        # doit executes a fresh step only for `doit --always-execute`.
        key, result = work.do(anew=bool(self._fresh.said))
        self.outcome = "cached" if work.cached else "run"
        self.out = work.output.brief() if work.said else ""
        self.values = {"key": key, "outputs": result.digests()}
        # For `result_dep`; a step without outputs has a new result if its key is new.
        made = origins().record(key, result.digests(), reproducible=spec.reproducible)
        self.result = dict(made) or {"key": digest(key)}
        if self.shows and self.shows_itself:
            for text in work.output.text():
                print(text, end="", file=_STANDARD.now())

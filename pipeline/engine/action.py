"""What doit executes for a step, and what it asks whether the step is stale."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from doit.action import BaseAction
from doit.exceptions import BaseFail, TaskFailed

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.command import Python, Word, declared, relative, rendered
from pipeline.engine.digests import memo
from pipeline.engine.key import StepKey
from pipeline.engine.sandbox import Sandbox
from pipeline.engine.stamp import Stamp
from pipeline.errors import PipelineError, StepError

if TYPE_CHECKING:
    from doit.task import Task


# Where our own modules are found: not on the path of a sandbox unless said.
PACKAGE = Path(process.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A step, whole: what `step` was told, normalised.

    Attributes:
        name: The task's name.
        argv: The command.
        cwd: Directory it runs in, relative to the project.
        inputs: Paths it reads.
        outputs: Path that appears to path where the command leaves it.
        tools: Names of the tools it runs.
        env: Variables it declares.
        empty: Files that must exist but whose content does not matter.
        caches: Directory in the sandbox to directory that outlives it.
        version: Version of the rule.
        shows: Whether people want to read what the command writes.
    """

    name: str
    argv: Sequence[Word]
    cwd: str
    inputs: Sequence[str]
    outputs: Mapping[str, str]
    tools: Sequence[str]
    env: Mapping[str, str]
    empty: Sequence[str] = ()
    caches: Mapping[str, Path] = field(default_factory=dict)
    version: int = 1
    shows: bool = False

    def require_inputs(self) -> None:
        """Make sure that there is something to read.

        Raises:
            StepError: An input does not exist and no task made it.
        """
        for path in self.inputs:
            if not Path(path).exists():
                raise StepError(
                    f"input {path} of {self.name} does not exist",
                    why="no task makes it",
                    fix="create it, or name the right path in dodo.py",
                )

    def key(self) -> StepKey:
        """Return the key as things stand now.

        Raises:
            FileNotFoundError: An input does not exist.
            ToolMissingError: A tool is not installed.
        """
        modules = [word for word in self.argv if isinstance(word, Python)]
        ours = {module.tool: module.origin() for module in modules}
        tools = {name: Stamp.read(name).digest for name in self.tools}
        tools |= {
            module.tool: memo().of(path) if (path := ours[module.tool]) else module.digest()
            for module in modules
        }
        return StepKey(
            argv=declared(self.argv),
            cwd=self.cwd,
            env=self.env,
            tools=tools,
            inputs={path: memo().of(path) for path in self.inputs},
            version=self.version,
        )


class Fresh:
    """The `uptodate` of a step: the key is the one of the last success, and so are the outputs."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def __call__(self, task: Task, values: Mapping[str, object]) -> bool:
        """Return whether the step need not run."""
        del task
        try:
            return bool(
                values.get("key") == self._recipe.key().as_json()
                and values.get("outputs") == digests(self._recipe.outputs)
            )
        except (FileNotFoundError, PipelineError):
            return False

    def __repr__(self) -> str:
        return f"command, environment, tools, inputs and outputs of {self._recipe.name}"


class ReportedAction(BaseAction):
    """An action of ours: an error of our tree is told as text, never as a traceback.

    Attributes:
        begin: Called when real work starts, as opposed to finding that it was done before; the
            reporter sets it.
        outcome: `run`, or `cached` if the outputs were had without running anything.
    """

    def __init__(self) -> None:
        self.begin: Callable[[], None] = lambda: None
        self.outcome: Literal["run", "cached"] = "run"
        self.task: Task | None = None
        self.out: str | None = None
        self.err: str | None = None
        self.result: str | dict[str, object] | None = None
        self.values: dict[str, object] = {}

    def execute(self, out: TextIO | None = None, err: TextIO | None = None) -> BaseFail | None:
        """Do the work; called by doit."""
        del out, err
        try:
            self.perform()
        except PipelineError as error:
            return TaskFailed(str(error))
        except OSError as error:
            return TaskFailed(f"{error.filename or 'the system'}: {error.strerror or error}")
        return None

    def perform(self) -> None:
        """Do the work, setting `values` to what the next run wants to know.

        Raises:
            PipelineError: It could not be done.
        """
        raise NotImplementedError


class StepAction(ReportedAction):
    """Runs a step's command in a sandbox."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe

    def __repr__(self) -> str:
        return " ".join(declared(self._recipe.argv))

    def perform(self) -> None:
        """Run the command and put its outputs in their places.

        Raises:
            PipelineError: A tool or an input is missing, the command failed, or an output was not
                made.
        """
        recipe = self._recipe
        sandbox = Sandbox(layout.STAGE / layout.slug(recipe.name), recipe.cwd)
        recipe.require_inputs()
        # Digests are those of what the step was given: an edit made while it runs leaves it stale.
        key = recipe.key().as_json()
        sandbox.copy_in(recipe.inputs)
        sandbox.link_caches(recipe.caches)
        sandbox.make_room(recipe.outputs.values(), recipe.empty)
        stamps = functools.cache(Stamp.read)
        path = [directory for name in recipe.tools for directory in stamps(name).path]
        env = {name: value for tool in recipe.tools for name, value in stamps(tool).env.items()}
        env |= (
            {"PYTHONPATH": str(PACKAGE)} if any(isinstance(w, Python) for w in recipe.argv) else {}
        )
        self.begin()
        done = process.run(
            rendered(recipe.argv, stamps, sandbox.path),
            cwd=sandbox.cwd,
            env=process.environment(path, env | dict(recipe.env)),
            log=layout.log(recipe.name),
        )
        sandbox.copy_out(recipe.outputs)
        sandbox.remove()
        if recipe.shows:
            sys.stdout.write(done.output)
        self.out = done.output
        self.values = {"key": key, "outputs": digests(recipe.outputs)}


def digests(paths: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each path.

    Raises:
        FileNotFoundError: One does not exist.
    """
    return {relative(path): memo().of(path) for path in paths}

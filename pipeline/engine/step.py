"""The one way to declare work: a command, what it reads, what it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipeline import files
from pipeline.engine.action import Fresh, Recipe, StepAction
from pipeline.engine.command import In, Out, Python, Root, Tool, Word, relative
from pipeline.engine.task import Task


def step(
    name: str,
    *,
    doc: str,
    argv: Sequence[Word],
    cwd: str | Path = ".",
    inputs: Iterable[str | Path] = (),
    outputs: Iterable[Out] = (),
    empty: Iterable[str | Path] = (),
    tools: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    caches: Mapping[str, Path] | None = None,
    after: Iterable[str] = (),
    version: int = 1,
    shows: bool = False,
) -> Task:
    """Declare a step.

    It runs in a copy of its inputs, sees only the variables and tools named here, and its outputs
    appear whole or not at all. It is stale when its command, variables, tools, inputs, outputs or
    version are not those of its last success.

    Args:
        name: Name of the task, such as `component:cli`.
        doc: One line for `doit list`.
        argv: The command; `In`, `Out` and `Tool` words declare what they name.
        cwd: Directory it runs in, relative to dodo.py.
        inputs: Files and directories it reads beside the `In` words.
        outputs: What it makes beside the `Out` words.
        empty: Files that must exist for the command but that it does not use.
        tools: Tools that the command runs itself.
        env: Variables, beside those that its tools bring.
        caches: Directories that a tool keeps between runs, path in the project to where it is kept.
        after: Tasks that must have run before, beside those that make inputs and tools.
        version: To be raised when the rule changes what the command means.
        shows: Print what the command writes when it succeeds.

    Returns:
        A task for doit.
    """
    read = [relative(word.path) for word in argv if isinstance(word, In)]
    read += [relative(path) for path in inputs]
    made = [word for word in argv if isinstance(word, Out)] + list(outputs)
    used = [word.name for word in argv if isinstance(word, Tool | Root)] + list(tools)
    ours = [word.origin() for word in argv if isinstance(word, Python)]
    recipe = Recipe(
        name=name,
        argv=tuple(argv),
        cwd=relative(cwd),
        inputs=tuple(dict.fromkeys(read)),
        outputs={relative(out.path): relative(out.made or out.path) for out in made},
        tools=tuple(dict.fromkeys(used)),
        env=dict(env or {}),
        caches=dict(caches or {}),
        empty=tuple(relative(path) for path in empty),
        version=version,
        shows=shows,
    )
    return Task(
        basename=name,
        doc=doc,
        actions=[StepAction(recipe)],
        file_dep=[*recipe.inputs, *(relative(path) for path in ours if path)],
        targets=list(recipe.outputs),
        task_dep=[*(f"toolchain:{tool}" for tool in recipe.tools), *after],
        uptodate=[Fresh(recipe)],
        clean=[Clean(recipe.outputs)],
    )


class Clean:
    """Removes what a step made; doit's own clean leaves directories that are not empty."""

    def __init__(self, outputs: Iterable[str]) -> None:
        self._outputs = list(outputs)

    def __call__(self) -> None:
        """Remove the outputs."""
        for output in self._outputs:
            files.remove_tree(Path(output))

    @property
    def __name__(self) -> str:
        return "remove " + " ".join(self._outputs)

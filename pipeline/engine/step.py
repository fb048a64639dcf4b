"""The one way to declare work: a command, its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipeline import files
from pipeline.engine.action import Fresh, ReportedAction, StepAction
from pipeline.engine.declaration import Arguments, require_name
from pipeline.engine.spec import StepSpec
from pipeline.engine.task import Task, declaration
from pipeline.engine.words import In, Out, Root, Tool, Word


@declaration
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
    caches: Mapping[str, str | Path] | None = None,
    after: Iterable[str] = (),
    version: int = 1,
    shows: bool = False,
    pool: str = "",
    cached: bool = True,
    fetches: bool = False,
    reproducible: bool | None = None,
    shared: bool = True,
) -> Task:
    """Declare a step.

    It runs in a copy of its inputs and sees only the variables and tools named here. Its outputs
    appear whole or not at all. It is stale when its command, variables, tools, inputs, outputs or
    version differ from those of its last success.

    Args:
        name: Name of the task, such as `component:cli`.
        doc: One line for `doit list`.
        argv: The command; `In`, `Out` and `Tool` words declare what they name.
        cwd: Its working directory, relative to dodo.py.
        inputs: Files and directories that it reads besides the `In` words.
        outputs: Files and directories that it makes besides the `Out` words.
        empty: Files that must exist for the command but whose content it does not use.
        tools: Tools that the command runs itself.
        env: Variables, in addition to those of its tools.
        caches: Directories that a tool keeps between runs: path in the project to path where the
            content is kept.
        after: Tasks that must run before it, besides those that make its inputs and tools.
        version: Raise it when the rule changes the meaning of the command.
        shows: Print the output of the command when it succeeds.
        pool: Name of a pool, which limits how many of its steps run at once; `heavy` is for large
            compilers.
        cached: Whether the outputs may come from the action cache; False for steps that must run.
        fetches: Whether it may fetch pinned files: it gets the user's proxies, mirrors, tokens and
            certificates, and the files that go, zig and cargo keep between runs.
        reproducible: Whether two runs with the same key make the same bytes. What reads the outputs
            of a step that says False compares them by the key of that step, not by their bytes.
            Default: whether the step reads no such output.
        shared: Whether the outputs may be uploaded to the remote cache, if the project has one.

    Returns:
        A task for doit.

    Raises:
        InvalidDodoFile: An argument is of the wrong kind, or names a place that a step cannot have.
    """
    require_name(name)
    given = Arguments(name)
    words = given.words(argv)
    outs = given.outputs(outputs)
    places = [
        (str(out.path), str(out.made or out.path)) for out in [*words, *outs] if type(out) is Out
    ]
    read = [str(word.path) for word in words if type(word) is In]
    used = [word.name for word in words if type(word) is Tool or type(word) is Root]
    given.line("doc", doc)
    given.number("version", version)
    given.flag("shows", shows)
    given.flag("cached", cached)
    given.flag("fetches", fetches)
    given.flag("reproducible", reproducible is None or reproducible)
    given.flag("shared", shared)
    given.pool(pool)
    spec = StepSpec(
        name=name,
        argv=words,
        cwd=given.inside("cwd", cwd, whole=True),
        inputs=list(dict.fromkeys([*read, *given.paths("inputs", inputs)])),
        outputs=dict(places),
        tools=list(dict.fromkeys([*used, *given.names("tools", tools)])),
        env=given.variables(env),
        caches=given.caches(caches),
        empty=[given.inside("empty", path) for path in given.paths("empty", empty)],
        version=version,
        shows=shows,
        pool=pool,
        cached=cached,
        fetches=fetches,
        reproducible=reproducible,
        shared=shared,
    )
    given.require_apart(spec.inputs, places, spec.caches)
    needs = [*(f"toolchain:{tool}" for tool in spec.tools), *given.names("after", after)]
    fresh = Fresh(spec)
    return {
        "basename": name,
        "doc": doc,
        "actions": [StepAction(spec, fresh)],
        "file_dep": spec.inputs,
        "targets": list(spec.outputs),
        "task_dep": needs,
        "uptodate": [fresh],
        "clean": [Clean(spec.outputs)],
    }


class Clean(ReportedAction):
    """Removes the outputs of a step; doit's own `clean` keeps directories that are not empty."""

    def __init__(self, outputs: Iterable[str]) -> None:
        self._outputs = outputs

    def perform(self) -> None:
        """Remove the outputs."""
        for output in self._outputs:
            files.remove_tree(Path(output))

    def __repr__(self) -> str:
        return "remove " + " ".join(self._outputs)

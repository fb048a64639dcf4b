"""Why doit would run a task: how the present state differs from the task's record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from doit.dependency import Dependency
from doit.task import Task, result_dep

from pipeline.engine import layout
from pipeline.engine.action import ExplainedCheck, Fresh
from pipeline.engine.cache.fallback import DEFAULT_BYTES, limit, local_cache, remote_cache
from pipeline.engine.cache.result import Result
from pipeline.engine.digests import memo
from pipeline.engine.imports import closure
from pipeline.engine.key import Key, digest
from pipeline.engine.key_changes import Change, changes, compared
from pipeline.engine.origins import made_from, origins
from pipeline.engine.spec import StepSpec
from pipeline.engine.tool_stamp import identity
from pipeline.engine.words import Python, relative
from pipeline.errors import ToolMissingError

T = TypeVar("T")

REASON = "reason"
"""The kind of a change that a task says in its own words."""

MISSING = "missing"
"""Takes the place of the digest of a file or tool that is missing."""


def spec_of(task: Task) -> StepSpec | None:
    """Return the step behind *task*, or None if it is a plain task of doit."""
    found = next((check.spec for check, *_ in task.uptodate if isinstance(check, Fresh)), None)
    return found.with_inputs(task.file_dep) if found else None


def reads(task: Task) -> set[str]:
    """Return the paths whose change makes *task* stale."""
    spec = spec_of(task)
    if spec is None:
        return task.file_dep.union(*(getattr(check, "reads", ()) for check, *_ in task.uptodate))
    ours = (word.module for word in spec.argv if isinstance(word, Python) and word.is_ours)
    modules = {relative(path) for module in ours for path in closure(module)}
    return task.file_dep | {str(layout.stamp(tool)) for tool in spec.tools} | modules


def _explained(task: Task) -> Iterator[ExplainedCheck]:
    return (check for check, *_ in task.uptodate if isinstance(check, ExplainedCheck))


def reasons(
    task: Task, tasks: Mapping[str, Task], manager: Dependency, promised: Mapping[str, str]
) -> list[Change]:
    """Return why doit would run *task* now; an empty list if it would not.

    Args:
        task: The task.
        tasks: All tasks, for checks that look at others.
        manager: doit's records of successes.
        promised: What represents inputs that others will have made or restored by then, by path.
    """
    known = manager.backend.in_(task.name)
    values = manager.get_values(task.name)
    explained = [text for check in _explained(task) for text in check.why(task, values)]
    if explained:
        return [Change(REASON, text) for text in explained]
    status = manager.get_status(task, tasks, get_log=True)  # may forget the record
    if status.status == "up-to-date" and not promised:
        return []
    if not known:
        return [Change("never-run")]
    spec = spec_of(task)
    found = _of_step(spec, values, promised) if spec else []
    return found if promised else found or list(_of_doit(task, status.reasons, manager))


def key_now(spec: StepSpec, promised: Mapping[str, str]) -> Key:
    """Return the step's present key; missing inputs and tools are `MISSING` in it."""
    of_input = origins().identities()

    def content(path: str) -> str:
        if path in promised:
            return promised[path]
        return of_input(path) if Path(path).exists() else MISSING

    return spec.key_of(content, _if_there(identity), _if_there(Python.identity_now))


def _if_there(
    of: Callable[[T], Mapping[str, object]],
) -> Callable[[T], Mapping[str, object]]:
    def found(what: T) -> Mapping[str, object]:
        try:
            return of(what)
        except ToolMissingError:
            return {"digest": MISSING}

    return found


class Foreseen(NamedTuple):
    """What a run of a stale task would leave, as far as that is known before it.

    Attributes:
        outputs: What represents each output in the keys of others, by path: the key of the step,
            where the step is not reproducible, or the digest if a cache has the outputs.
        where: Which cache has them: "action cache", "remote cache", or "".
        remote: Why the remote cache has none that may be used; "" if it was not asked.
    """

    outputs: Mapping[str, str] = MappingProxyType({})
    where: str = ""
    remote: str = ""


def foreseen(task: Task, promised: Mapping[str, str]) -> Foreseen:
    """Return what a run of *task* would leave; the remote cache is asked if the local lacks it.

    Args:
        task: The task.
        promised: As for `reasons`.
    """
    spec = spec_of(task)
    if spec is None:
        return Foreseen()
    key = key_now(spec, promised)
    if MISSING in {*(tool["digest"] for tool in key["tools"].values()), *key["inputs"].values()}:
        return Foreseen()
    result, where, remote = _cached(spec, digest(key))
    where = where if result and result.outputs else ""
    if identity := made_from(key, reproducible=spec.reproducible):
        return Foreseen(dict.fromkeys(spec.outputs, identity), where, remote)
    return Foreseen(result.digests() if result else {}, where, remote)


def _cached(spec: StepSpec, key: str) -> tuple[Result | None, str, str]:
    """Return the result that a cache has, which one has it, and why the remote one has none."""
    if not spec.cached:
        return None, "", ""
    local = local_cache().peek(key) if limit() else None
    remote = remote_cache() if local is None else None
    if remote is None:
        return local, "action cache", ""
    from pipeline.engine.cache.remote.remote_cache import NoResultError

    try:
        found = remote.lookup(key, spec.outputs, limit() or DEFAULT_BYTES)
    except NoResultError as error:
        return None, "", str(error)
    return found.result, "remote cache", ""


def _of_step(
    spec: StepSpec, values: Mapping[str, object], promised: Mapping[str, str]
) -> list[Change]:
    key, outputs = values.get("key"), values.get("outputs")
    if not isinstance(key, dict) or not isinstance(outputs, dict):
        return [Change("never-run")]
    there = {path: memo().of(path) for path in spec.outputs if Path(path).exists()}
    now = {path: there.get(path, MISSING) for path in spec.outputs}
    return [*changes(key, key_now(spec, promised)), *compared("target", outputs, now)]


def _of_doit(task: Task, why: Mapping[str, Sequence[Any]], manager: Dependency) -> Iterator[Change]:
    """Yield the changes that doit's own log of a task's status names."""
    if "checker_changed" in why:  # doit then forgets all that it knew about the files
        yield Change("checker", "", *why["checker_changed"])
        return
    if "has_no_dependencies" in why:
        yield Change("always", "nothing says when it is fresh")
    for check, *_ in why.get("uptodate_false", ()):
        yield _check(check)
    for path in why.get("missing_target", ()):
        yield Change("target", path, None, MISSING)
    gone = why.get("missing_file_dep", ())
    recorded = {path: _state(manager.backend.get(task.name, path)) for path in task.file_dep}
    for path in sorted([*why.get("changed_file_dep", ()), *gone]):
        now = MISSING if path in gone else _state(manager.checker.get_state(path, None))
        yield Change("input", path, recorded[path], now)
    for path in why.get("removed_file_dep", ()):
        yield Change("input", path, _state(manager.backend.get(task.name, path)), None)


def _check(check: object) -> Change:
    match check:
        case False:
            return Change("always", "its uptodate is False")
        case str():
            return Change("check", check)
        case result_dep():
            return Change("result", check.dep_name)
    own = type(check).__repr__ is not object.__repr__ and not hasattr(check, "__name__")
    return Change("check", repr(check) if own else getattr(check, "__name__", type(check).__name__))


def _state(state: object) -> str | None:
    """Return a checker's state of a file as text; doit's own checker puts the digest last."""
    if isinstance(state, list | tuple):
        state = state[-1]
    return None if state is None else str(state)

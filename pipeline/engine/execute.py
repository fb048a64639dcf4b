"""Executes a step: finds its outputs in their places, takes them from the cache, or makes them."""

from __future__ import annotations

import os
import shutil
import site
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.cache.fallback import NoCache, action_cache
from pipeline.engine.cache.result import Result
from pipeline.engine.cache.traffic import traffic
from pipeline.engine.digests import memo
from pipeline.engine.elsewhere import MACHINES, Begin
from pipeline.engine.key import digest
from pipeline.engine.pools import admitted
from pipeline.engine.sandbox import Sandbox
from pipeline.engine.tool_stamp import Stamp
from pipeline.engine.tool_stamp import share as share_tools
from pipeline.engine.tree_lock import tree_lock
from pipeline.engine.words import Python, declared, rendered
from pipeline.errors import CommandError, StepError
from pipeline.in_use import using
from pipeline.process import Recording
from pipeline.settings import store_root

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.local import ActionCache
    from pipeline.engine.key import Key
    from pipeline.engine.spec import StepSpec

TRIES: Final = 10
"""How often the inputs of a step are copied, if somebody edits them meanwhile."""

# Where our own modules are found: not on the path of a sandbox unless said.
PACKAGE = Path(process.__file__).parents[2]


class Work:
    """The execution of a step that doit found to be stale.

    Args:
        spec: The step.
        begin: Called before the command runs, if it does.

    Attributes:
        cached: Whether the command did not run.
        output: The output of the command, from now or from its earlier run.
        said: The size of that output in bytes.
    """

    def __init__(self, spec: StepSpec, begin: Begin) -> None:
        self._spec = spec
        self._begin = begin
        self._cache: ActionCache = action_cache() if spec.cached else NoCache()
        self.cached = False
        self.output = Recording(layout.log(spec.name))
        self.said = 0

    def do(self, *, anew: bool) -> tuple[Key, Result]:
        """Put the outputs in their places.

        Args:
            anew: Run the command even if the cache has its outputs.

        Raises:
            PipelineError: A tool or an input is missing, the command failed, or an output was not
                made.
        """
        tree_lock().hold()
        self._spec.require_inputs()
        for _ in range(TRIES):
            key = self._spec.key()
            name = digest(key)
            known = None if anew else self._cache.get(name, self._spec.outputs)
            elsewhere = known is None and not anew and self._made_elsewhere(key)
            if elsewhere:
                known = self._cache.get(name, self._spec.outputs)
            reused = known is not None and self._reuse(known)
            self.cached = reused and not elsewhere
            made = known if reused else self._run(key, name)
            if made is not None:
                return key, made
        raise StepError(
            f"the inputs of {self._spec.name} did not stay as they are while they were copied",
            why=f"{TRIES} times in a row",
            fix="end what writes to them, or have the step read less",
        )

    def _made_elsewhere(self, key: Key) -> bool:
        return MACHINES.others.make(self._spec, key, self._begin)

    def _reuse(self, result: Result) -> bool:
        """Restore the outputs of an earlier run; return False if that is not possible."""
        outputs = self._spec.outputs
        with Sandbox(self._spec) as sandbox:
            said = sandbox.beside("said") if result.said else None
            if said and not self._cache.get_blob(result.said, said):
                return False
            if not _in_place(result):
                sandbox.make_room(outputs.values(), ())
                places = sandbox.places(outputs)
                if not result.make(places, self._cache.get_blob):
                    return False
                sandbox.copy_out(places)
            command = declared(self._spec.argv)
            with self.output.create(command) as log:
                if said:
                    with said.open("rb") as file:
                        shutil.copyfileobj(file, log)
            self.said = result.said_size
        return True

    def _run(self, key: Key, name: str) -> Result | None:
        """Run the command; return None if the copied inputs do not match *key*, called *name*."""
        spec = self._spec
        for tool in spec.tools:
            Stamp.read(tool)  # what was only promised is installed, and may differ from the key
        with Sandbox(self._spec) as sandbox:
            sandbox.copy_in(spec.inputs)
            if spec.key() != key:
                return None  # an input was edited while it was copied
            sandbox.link_caches(spec.caches)
            sandbox.make_room(spec.outputs.values(), spec.empty)
            words, env = invocation(spec, sandbox)
            with MACHINES.here, admitted(spec.pool), using(_entries(spec.tools)):
                self._begin()
                self._run_command(words, env, sandbox)
            sandbox.require(spec.outputs.values())
            said = self._copied(sandbox) if self.said else None
            taken = sandbox.taken(spec.outputs)
            result = Result.of(spec.name, taken, said)
            places = {final: Path(entries[0].path) for final, entries in taken.items()}
            known = _outside_is_as(key)
            if known:
                for content, path in result.files(places):
                    self._cache.put_blob(content, path)
                if said:
                    self._cache.put_blob(result.said, said)
            sandbox.copy_out(places)
            # Not before: a step whose outputs could not be placed has failed, and nobody knows it.
            if known:
                self._cache.put(name, result, shared=spec.shared)
                if spec.shared and traffic().used:
                    share_tools(spec.tools)
        return result

    def _run_command(self, words: Sequence[str], env: Mapping[str, str], sandbox: Sandbox) -> None:
        try:
            self.said = process.record(words, self.output, cwd=sandbox.cwd, env=env)
        except CommandError:
            sandbox.keep_results(self._spec.outputs)
            raise

    def _copied(self, sandbox: Sandbox) -> Path:
        """Return a file with the output of the command."""
        said = sandbox.beside("said")
        with said.open("wb") as file:
            file.writelines(self.output.chunks())
        return said


def invocation(spec: StepSpec, sandbox: Sandbox) -> tuple[list[str], dict[str, str]]:
    """Return the command to run in a sandbox, and its whole environment.

    Raises:
        ToolMissingError: A tool is not installed.
    """
    found = {name: Stamp.read(name) for name in spec.tools}
    path = [directory for stamp in found.values() for directory in stamp.path]
    env = {name: value for stamp in found.values() for name, value in stamp.env.items()}
    if any(isinstance(word, Python) for word in spec.argv):
        env["PYTHONPATH"] = os.pathsep.join([str(PACKAGE), *_users_packages()])
    words = rendered(spec.argv, found.__getitem__, sandbox.path)
    whole = process.step_environment(
        sandbox.home, sandbox.temporary, path, env | dict(spec.env), fetches=spec.fetches
    )
    return words, whole


def _users_packages() -> list[str]:
    """Return the directory of the user's own Python packages, which Python looks up in HOME."""
    return [site.getusersitepackages()] if site.ENABLE_USER_SITE else []


def _entries(tools: Sequence[str]) -> list[Path]:
    """Return the directories in the store of *tools* and of all that these run."""
    if not tools:
        return []
    store = store_root() / "tools"
    stamps = [Stamp.read(name) for name in tools]
    found = [
        Path(path) for stamp in stamps for path in (stamp.root, *stamp.path, *stamp.needs.values())
    ]
    inside = [path.relative_to(store).parts[0] for path in found if path.is_relative_to(store)]
    return [store / name for name in sorted(set(inside))]


def _outside_is_as(key: Key) -> bool:
    """Return whether the inputs that are not copied still match *key*."""
    try:
        outside = [(path, known) for path, known in key["inputs"].items() if os.path.isabs(path)]  # noqa: PTH117 - keys are strings
        return all(memo().of(path) == known for path, known in outside)
    except (FileNotFoundError, StepError):
        return False


def _in_place(result: Result) -> bool:
    try:
        return memo().all(result.outputs) == result.digests()
    except (FileNotFoundError, StepError):
        return False

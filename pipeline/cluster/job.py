"""A step as a message to another machine: what to run, and the names of its inputs in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files, tree
from pipeline.engine.cache.result import Result
from pipeline.engine.digests import memo
from pipeline.engine.key import FORMAT, Key
from pipeline.engine.links import homes
from pipeline.engine.spec import StepSpec
from pipeline.engine.words import In, Out, Python, Root, Tool, Word, plain
from pipeline.errors import StepError

if TYPE_CHECKING:
    from typing import Final

_WORDS: Final = {kind.__name__: kind for kind in (In, Out, Python, Root, Tool)}
JOB: Final = "job.json"
ANSWER: Final = "answer.json"
WANTED: Final = "wanted"
"""A file in the directory of a step on a worker; when it is gone, the step ends."""

TOOLS: Final = "build/tools-of-project"
"""Where a worker puts the TOML files of the project's own tools."""


def this_version() -> str:
    """Return what client and worker must have in common."""
    return f"doit-wasm {version('doit-wasm')}, keys {FORMAT}"


@dataclass(frozen=True, slots=True)
class Job:
    """A step for another machine.

    Attributes:
        version: That of the client, as `this_version` says it.
        step: The fields of its `StepSpec`, as plain data.
        key: Its key.
        inputs: The key under which the remote cache has its inputs, each at its path, as if a step
            had made them.
        paths: The paths of that result.
        tools: The tools that it runs: the name in the project to the tool that is installed.
        project: Names the project, for directories that outlive a step.
    """

    version: str
    step: Mapping[str, Any]
    key: Key
    inputs: str
    paths: Sequence[str]
    tools: Mapping[str, str]
    project: str

    def as_text(self) -> str:
        """Return the job as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Job:
        """Return the job that `as_text` turned into *text*."""
        return cls(**json.loads(text))

    def spec(self, caches: Path) -> StepSpec:
        """Return the step.

        Args:
            caches: Where the worker keeps the directories that outlive a step.
        """
        kept = {place: caches / _named(self.project, path) for place, path in self.step["caches"]}
        argv = [_word(one) for one in self.step["argv"]]
        return StepSpec(**{**self.step, "argv": argv, "caches": kept})


def job_of(
    spec: StepSpec, key: Key, tools: Mapping[str, str], own: Path | None
) -> tuple[Job, Result, dict[str, Path]]:
    """Return the job for a step, and its inputs as a result.

    Args:
        spec: The step; all its inputs are in the project.
        key: Its key.
        tools: As in `Job`.
        own: The directory of the project's own tools, if it has one.

    Returns:
        The job; the result that the remote cache must have under `Job.inputs`; and where the
        content of each blob is.

    Raises:
        FileNotFoundError: An input is gone.
        StepError: An input is neither a file nor a directory, or has a link to the outside.
    """
    places = {path: (path, homes(path)) for path in spec.inputs}
    if own:
        places[TOOLS] = (str(own), ())
    outputs, blobs = {}, {}
    for path, (place, around) in places.items():
        entries = tree.hashed(tree.seen(place, around), memo().of_entry)
        for entry in entries:
            if entry.kind not in tree.COPIED:
                raise StepError(f"{entry.path} is a {entry.kind}")
            if entry.kind in tree.FILES:
                blobs[entry.content] = Path(entry.path)
        outputs[path] = entries
    inputs = Result(f"inputs of {spec.name}", outputs, "", 0)
    digests = json.dumps(inputs.digests(), sort_keys=True)
    step = {**spec._asdict(), "argv": [plain(word) for word in spec.argv]}
    step["caches"] = [[place, str(path)] for place, path in spec.caches.items()]
    job = Job(
        version=this_version(),
        step=step,
        key=key,
        inputs=hashlib.sha256(f"inputs {digests}".encode()).hexdigest(),
        paths=list(outputs),
        tools=tools,
        project=_named(platform.node(), os.path.realpath(".")),
    )
    return job, inputs, blobs


def restore(job: Job, result: Result, fetch: Any) -> None:  # noqa: ANN401 - as in `Result.make`
    """Put the inputs of a job below the current directory.

    Raises:
        StepError: A blob is lost.
    """
    made: list[str] = []
    for path in sorted(result.outputs, key=lambda path: path.count("/")):
        if any(path.startswith(f"{above}/") for above in made):
            continue  # it came with the directory that contains it
        files.make_directory(Path(path).parent)
        one = Result(result.step, {path: result.outputs[path]}, "", 0)
        if not one.make({path: Path(path)}, fetch):
            raise StepError(f"{job.step['name']}: an input is lost", why=path)
        made.append(path)


def _word(data: str | Sequence[str]) -> Word:
    if isinstance(data, str):
        return data
    kind, *fields = data
    word: Word = _WORDS[kind](*fields)
    return word


def _named(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

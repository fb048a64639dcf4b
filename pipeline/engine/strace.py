"""Compares the files that a step reads, according to strace, with those that it declares."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.execute import invocation
from pipeline.engine.sandbox import Sandbox
from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import StepError, ToolMissingError
from pipeline.settings import store_root

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.spec import StepSpec

# -ff: one file per process, so that no process's line interrupts another's. -y: the paths of the
# opened file and of the directory that it was opened from, as the system resolved them.
_OPTIONS: Final = (
    *("-f", "-ff", "-y", "-qq", "--seccomp-bpf", "-e", "signal=none"),
    *("-e", "trace=open,openat,openat2,execve,execveat,chdir"),
)
_CALL: Final = re.compile(r"^(?P<call>\w+)\((?P<args>.*)\) += (?P<result>.*)$")
_OPENED: Final = re.compile(r"^\d+<(?P<path>/[^>]*)>$")  # neither a pipe nor a socket
_FROM: Final = re.compile(r"^AT_FDCWD<(?P<path>[^>]*)>")
_TEXT: Final = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"')
_FLAGS: Final = re.compile(r"\b(O_[A-Z_|]+)")
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|x[0-9a-f]{2}|.)")
_NAMED: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings for one step; all paths are relative to the project.

    Attributes:
        undeclared: Files that it read in the project without declaring them.
        unread: Inputs that it did not read.
    """

    undeclared: list[str]
    unread: list[str]


def lint(spec: StepSpec, declared: Iterable[str], tracer: Tracer) -> Findings:
    """Run a step again, in a sandbox from which no output is taken, and observe what it reads.

    Args:
        spec: The step.
        declared: Paths whose changes make it stale.
        tracer: The strace to use.

    Raises:
        PipelineError: The step cannot run, or it failed.
    """
    for path in spec.inputs:
        if not Path(path).exists():
            raise StepError(
                f"input {path} of {spec.name} does not exist",
                fix=f"run `doit {spec.name}` first",
            )
    # It is where it always is: some tools look for their settings in all directories above.
    with Sandbox(spec) as sandbox:
        sandbox.copy_in(spec.inputs)
        # A tool that finds its results in a cache may not read its inputs.
        caches = {name: sandbox.beside(layout.slug(name)) for name in spec.caches}
        sandbox.link_caches(caches)
        sandbox.make_room(spec.outputs.values(), spec.empty)
        words, env = invocation(spec, sandbox)
        read = tracer.reads(words, sandbox.cwd, env, sandbox.beside("trace"))
        return _compare(spec, set(declared), read, sandbox)


def _compare(spec: StepSpec, declared: set[str], read: set[str], sandbox: Sandbox) -> Findings:
    project, root = os.path.realpath(""), os.path.realpath(sandbox.root)
    in_sandbox = {_below(path, root) for path in read} - {None}
    aside = [*_no_inputs(spec), os.path.realpath(sandbox.beside(""))]
    in_project = {
        found
        for path in read
        if (found := _below(path, project))
        and _below(path, root) is None
        and not any(_below(path, other) is not None for other in aside)
    }
    touched = {path for path in in_sandbox | in_project if path}
    return Findings(
        sorted(path for path in in_project if not _covered(path, declared)),
        sorted(path for path in spec.inputs if not _used(path, touched, read)),
    )


def _no_inputs(spec: StepSpec) -> list[str]:
    """Return directories that the digests of tools cover, or that tools maintain themselves."""
    tools = [Stamp.read(name) for name in spec.tools]
    found = [store_root(), Path(sys.prefix), Path(sys.base_prefix), *spec.caches.values()]
    return [os.path.realpath(path) for path in [*found, *(Path(tool.root) for tool in tools)]]


def _below(path: str, root: str) -> str | None:
    """Return *path* relative to *root*: "" if they are equal, None if it is outside."""
    if path == root:
        return ""
    return path.removeprefix(f"{root}/") if path.startswith(f"{root}/") else None


def _covered(path: str, declared: set[str]) -> bool:
    if any(_below(path, one) is not None for one in declared):
        return True
    # A program that opens a declared file may have to read the directories above it.
    return Path(path).is_dir() and any(_below(one, path) for one in declared)


def _used(path: str, touched: set[str], read: set[str]) -> bool:
    return os.path.realpath(path) in read or any(_below(one, path) is not None for one in touched)


@dataclass(frozen=True, slots=True)
class Tracer:
    """An installed strace.

    Attributes:
        program: Its path.
        env: Variables that it needs and that the traced command must not see.
    """

    program: str
    env: Mapping[str, str]

    @classmethod
    def find(cls) -> Tracer:
        """Return the strace that `toolchain:strace` installed, or else the system's.

        Raises:
            ToolMissingError: Neither is installed.
        """
        if sys.platform != "linux":
            raise ToolMissingError(
                "cannot see what a step reads", why="strace exists for Linux only"
            )
        if layout.stamp("strace").exists():
            stamp = Stamp.read("strace")
            return cls(stamp.executable("strace"), stamp.env)
        if program := shutil.which("strace"):
            return cls(program, {})
        raise ToolMissingError(
            "cannot see what a step reads",
            why="strace is not installed",
            fix="run `doit toolchain:strace` if the project has it, or `apt-get install strace`",
        )

    def reads(self, words: list[str], cwd: Path, env: Mapping[str, str], traces: Path) -> set[str]:
        """Run a command; return the absolute paths that it and its children opened to read.

        Args:
            words: The command.
            cwd: Its working directory.
            env: Its whole environment.
            traces: Directory for the traces, which must not exist.

        Raises:
            CommandError: The command failed, or could not be traced.
        """
        traces.mkdir()
        own = [word for name in self.env for word in ("-E", _setting(name, env))]
        process.run(
            [self.program, *own, *_OPTIONS, "-o", traces.absolute() / "of", "--", *words],
            cwd=cwd,
            env={**env, **self.env},
        )
        start = os.path.realpath(cwd)
        found = (path for trace in traces.iterdir() for path in _paths(trace, start))
        return {_source(os.path.realpath(path)) for path in found}


def _setting(name: str, env: Mapping[str, str]) -> str:
    return f"{name}={env[name]}" if name in env else name


def _paths(trace: Path, cwd: str) -> Iterator[str]:
    """Yield the paths that one process opened to read, or executed."""
    for line in trace.read_text(encoding="ascii", errors="surrogateescape").splitlines():
        matched = _CALL.match(line)
        if matched is None or matched["result"].startswith("-1"):
            continue
        call, args = matched["call"], matched["args"]
        if origin := _FROM.match(args):
            cwd = _plain(origin["path"])
        if call.startswith("open"):
            opened = _OPENED.match(matched["result"])
            if opened and _to_read(args):
                yield _plain(opened["path"])
        elif named := _TEXT.search(args):
            path = os.path.join(cwd, _plain(named["text"]))  # noqa: PTH118 - bytes of a trace
            if call == "chdir":
                cwd = path
            else:
                yield path


def _to_read(args: str) -> bool:
    flags = _FLAGS.findall(_TEXT.sub("", args))
    words = set("|".join(flags).split("|"))
    return not words & {"O_WRONLY", "O_PATH", "O_TRUNC"}


def _plain(text: str) -> str:
    """Decode the escapes that strace wrote."""
    raw = _ESCAPE.sub(_unescaped, os.fsencode(text))
    return os.fsdecode(raw)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8)])
    if code.startswith(b"x") and len(code) > 1:
        return bytes([int(code[1:], 16)])
    return _NAMED.get(code, code)


@functools.cache
def _source(path: str) -> str:
    """Return the source file of a compiled Python module."""
    if not path.endswith(".pyc"):
        return path
    try:
        return importlib.util.source_from_cache(path)
    except ValueError:
        return path

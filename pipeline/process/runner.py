"""The only place that starts a process."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import settings
from pipeline.errors import CommandError
from pipeline.process.reaper import Guard

if TYPE_CHECKING:
    from typing import Final

TAIL_LINES: Final = 60

# How a machine reaches its registries is its owner's affair: these variables decide where bytes
# come from, never which bytes, so steps see them and no key depends on them.
TRANSPORT: Final = (
    "HOME", "USER", "TMPDIR",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_CONFIG_FILE",
    "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOMODCACHE", "GOCACHE", "GOPATH",
    "DOIT_WASM_OFFLINE", "DOIT_WASM_VENDOR",
    "CARGO_HOME", "RUSTUP_DIST_SERVER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """A process that ended well.

    Attributes:
        output: What it wrote, standard output and error in one text unless these were kept apart.
        errors: What it wrote to standard error, if that was kept apart.
        code: Its exit code.
    """

    output: str
    errors: str = ""
    code: int = 0


class _Children:
    """The process groups that run now, so that whoever ends us can end them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may come while the main thread holds it
        self._groups: set[int] = set()
        self.stopped = False

    @contextmanager
    def hold(self, group: int) -> Iterator[None]:
        with self._lock:
            self._groups.add(group)
            if self.stopped:
                _kill_group(group)
        try:
            yield
        finally:
            with self._lock:
                self._groups.discard(group)

    def kill(self) -> None:
        with self._lock:
            self.stopped = True
            for group in self._groups:
                _kill_group(group)


_CHILDREN: Final = _Children()
_GUARD: Final = Guard()


def kill_children() -> None:
    """End every process group that `run` has started and that is still alive; start no more."""
    _CHILDREN.kill()


def environment(
    path: Sequence[str | Path] = (), extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the whole environment of a step: nothing but what is named here.

    Args:
        path: Directories that come before the system's on PATH.
        extra: Variables of the step itself.
    """
    system = ["/usr/local/bin", "/usr/bin", "/bin"]
    env = {name: os.environ[name] for name in TRANSPORT if name in os.environ}
    return (
        env
        | settings.vendor_environment()
        | {"LC_ALL": "C.UTF-8", "PATH": os.pathsep.join([*map(str, path), *system])}
        | dict(extra or {})
        | settings.offline_environment()  # comes last: nobody can undo it
    )


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    seconds: float | None = None,
    codes: Collection[int] = (0,),
    apart: bool = False,
) -> Done:
    """Run one command to its end, in a process group of its own that does not outlive us.

    Args:
        argv: The program and its arguments; never a shell string.
        cwd: Directory to run in.
        env: The whole environment; default: `environment()`.
        log: File that receives a copy of the output.
        seconds: How long it may take; default: as long as it likes.
        codes: The exit codes that are no failure.
        apart: Keep standard error apart from standard output.

    Returns:
        What the process wrote.

    Raises:
        CommandError: It could not be started, took too long, or ended with another code.
    """
    words = [str(word) for word in argv]
    env = dict(environment() if env is None else env)
    _require(words[0], env, cwd)
    try:
        child = subprocess.Popen(
            _GUARD.launched(words, env),
            cwd=cwd,
            env=env,
            stdin=_GUARD.pipe(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise CommandError(f"cannot start {words[0]}", why=error.strerror or str(error)) from error
    output, errors = _wait(child, words, seconds)
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"$ {shlex.join(words)}\n{output}{errors}", encoding="utf-8")
    if child.returncode not in codes:
        raise CommandError(
            f"{Path(words[0]).name} ended with code {child.returncode}",
            command=shlex.join(words),
            log=log or "(none)",
            output=_tail(output + errors),
        )
    return Done(output, errors, child.returncode)


def _require(program: str, env: Mapping[str, str], cwd: Path | None) -> None:
    if _CHILDREN.stopped:
        raise CommandError(f"{program} was not started", why="the run is being ended")
    named = str(Path(cwd or ".", program)) if os.sep in program else program
    if shutil.which(named, path=env.get("PATH", os.defpath)) is None:
        raise CommandError(f"cannot start {program}", why="no such program")


def _wait(child: subprocess.Popen[str], words: list[str], seconds: float | None) -> tuple[str, str]:
    with _CHILDREN.hold(child.pid):
        try:
            output, errors = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            _kill_group(child.pid)
            child.wait()
            raise CommandError(f"{words[0]} took more than {seconds:g} s and was ended") from error
        except BaseException:
            _kill_group(child.pid)
            child.wait()
            raise
        finally:
            _GUARD.ended(child.pid)
    return output, errors or ""


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended between our look and our kill
        os.killpg(group, signal.SIGKILL)


def _tail(output: str) -> str:
    lines = output.rstrip().splitlines()
    left_out = len(lines) - TAIL_LINES
    shown = lines[-TAIL_LINES:]
    if left_out > 0:
        shown.insert(0, f"({left_out} lines left out)")
    return "\n" + "\n".join(f"    {line}" for line in shown)

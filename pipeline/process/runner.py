"""The only place that starts a process."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from pipeline.errors import CommandError
from pipeline.process.output import TAIL_LINES, Recording, quoted
from pipeline.process.reaper import Reaper
from pipeline.process.stopping import STOP
from pipeline.process.variables import environment

if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a process that succeeded.

    Attributes:
        output: Its output: standard output and error in one text, unless they were kept apart.
        errors: Its standard error, if that was kept apart.
        code: Its exit code.
    """

    output: str
    errors: str = ""
    code: int = 0


_REAPER: Final = Reaper()


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
    codes: Collection[int] = (0,),
    apart: bool = False,
) -> Done:
    """Run one command to its end. Nothing that it starts outlives it, and it does not outlive doit.

    Args:
        argv: The program and its arguments; never a shell string.
        cwd: Directory to run in.
        env: The whole environment; default: `environment()`.
        seconds: How long it may take; default: no limit.
        codes: The exit codes of success.
        apart: Keep standard error apart from standard output.

    Returns:
        The output of the process.

    Raises:
        CommandError: It could not be started, took too long, or ended with another code.
    """
    with ExitStack() as stack:
        files: list[IO[bytes]] = [
            stack.enter_context(TemporaryFile()) for _ in ("out", "err")[: 1 + apart]
        ]
        request = _request(argv, environment() if env is None else env, cwd)
        code = _execute(request, files, seconds)
        output, errors, *_ = [*map(_text, files), ""]
    if code not in codes:
        raise _failure(argv, code, _tail(f"{output}{errors}"))
    return Done(output, errors, code)


def run_shown(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
) -> None:
    """Run one command as `run` does, and hand on each line that it prints as it comes.

    Args:
        argv: The program and its arguments.
        cwd: Directory to run in.
        env: The whole environment.
        on_line: Called with each line of standard output and error, without its end.

    Raises:
        CommandError: It could not be started, or ended with another code than 0.
    """
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        on_line(line)

    if code := follow(argv, cwd=cwd, env=env, on_line=take):
        raise _failure(argv, code, _tail("\n".join(lines)))


def record(argv: Sequence[str | Path], log: Recording, *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run one command as `run` does, and write its output to a file as it comes.

    Args:
        argv: The program and its arguments.
        log: The file; its content is replaced.
        cwd: Directory to run in.
        env: The whole environment.

    Returns:
        How many bytes it wrote.

    Raises:
        CommandError: It could not be started, or ended with another code than 0.
        OSError: The log cannot be written.
    """
    with log.create([str(word) for word in argv]) as file:
        head = file.tell()
        code = _execute(_request(argv, env, cwd), [file])
        size = file.tell()  # the supervisor writes through the same open file
    if code:
        raise _failure(argv, code, log.tail(), log.path)
    return size - head


def attach(
    argv: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> int:
    """Run one command as `run` does, but let it write to our standard output and error.

    Args:
        argv: The program and its arguments.
        cwd: Directory to run in.
        env: The whole environment; default: `environment()`.

    Returns:
        Its exit code; negative if a signal ended it.

    Raises:
        CommandError: It could not be started.
    """
    files = [file for file in (sys.__stdout__, sys.__stderr__) if file is not None]
    for file in files:
        file.flush()
    return _execute(_request(argv, environment() if env is None else env, cwd), files)


def follow(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    on_line: Callable[[str], None],
    on_error: Callable[[str], None] | None = None,
) -> int:
    """Run one command as `run` does, and hand on each line of its output as it comes.

    Args:
        argv: The program and its arguments.
        env: The whole environment.
        cwd: Directory to run in.
        on_line: Called with each line of standard output, without its end.
        on_error: Called with each line of standard error, from another thread; default: *on_line*
            gets both streams, in the order in which they were written.

    Returns:
        The exit code, whatever it is.

    Raises:
        CommandError: It could not be started.
    """
    request = _request(argv, env, cwd)
    readers = [_Reader(take) for take in (on_line, on_error) if take]
    try:
        code = _execute(request, [reader.file for reader in readers])
    finally:
        for reader in readers:
            reader.end()
    for reader in readers:
        if reader.error:
            raise reader.error
    return code


class _Reader:
    """Calls a function, in a thread of its own, with each line that is written to a file.

    Attributes:
        file: The file to write to.
        error: What the function raised first; it is not called again after that.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        reading, writing = os.pipe()
        self._lines = os.fdopen(reading, encoding="utf-8", errors="replace")
        self._take = take
        self.file: BinaryIO = os.fdopen(writing, "wb", buffering=0)
        self.error: Exception | None = None
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Close the file, and wait until all that was written is read."""
        self.file.close()
        self._thread.join()

    def _read(self) -> None:
        with self._lines:
            for line in self._lines:  # to the end, whatever happens: the writer must not block
                try:
                    if self.error is None:
                        self._take(line.rstrip("\n"))
                except Exception as error:  # noqa: BLE001 - `follow` raises it
                    self.error = error


@dataclass(frozen=True, slots=True)
class _Request:
    """A request to a supervisor: the program, for messages, and the parts of the request."""

    program: str
    parts: Sequence[bytes]


def _request(argv: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None) -> _Request:
    """Return the request to run a command.

    Raises:
        CommandError: There is no such program, or a word cannot be passed to a program.
    """
    program, *_ = words = [str(word) for word in argv]
    place = (cwd or Path()).absolute()
    is_path = Path(program).name != program
    named = str(place / program) if is_path else program
    found = shutil.which(named, path=env.get("PATH", os.defpath))
    if found is None:
        raise _unable(program, "no such program")
    # Windows looks for a relative program where this process is, not where the command runs.
    relative = is_path and sys.platform != "win32"
    executed = program if relative else str(Path(found).absolute())
    # Sorted: `env` and their like print them in order, and the key of a step knows of none.
    variables = sorted(f"{name}={value}" for name, value in env.items())
    parts = [str(place), executed, str(len(words)), *words, *variables]
    if any("\0" in part for part in parts):
        raise _unable(program, "a word or a variable holds a NUL")
    return _Request(program, [os.fsencode(part) for part in parts])


def _execute(request: _Request, files: Sequence[IO[Any]], seconds: float | None = None) -> int:
    """Run a command; return its exit code."""
    program = request.program
    if STOP.requested:
        raise CommandError(f"{program} was not started", why="the run is ending")
    try:
        with _REAPER.supervisor() as supervisor:
            ended = supervisor.run(request.parts, [file.fileno() for file in files], seconds)
    except TimeoutError as error:
        raise CommandError(f"{program} took more than {seconds:g} s and was ended") from error
    match ended.how:
        case "ended":
            return ended.number
        case "failed":
            raise _unable(program, os.strerror(ended.number))
        case "unwritten":
            why = f"its output cannot be kept: {os.strerror(ended.number)}"
        case "alive":
            why = f"it left processes that cannot be ended, such as {ended.number}"
        case _:
            why = "what watches over it was killed"
    raise CommandError(f"{program} was ended", why=why)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    text = file.read().decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _tail(text: str) -> list[str]:
    lines = text.rstrip().splitlines()
    left_out = len(lines) - TAIL_LINES
    return [*[f"({left_out} lines left out)"][: left_out > 0], *lines[-TAIL_LINES:]]


def _unable(program: str, why: str) -> CommandError:
    return CommandError(f"cannot start {program}", why=why)


def _failure(
    argv: Sequence[str | Path], code: int, lines: Sequence[str], log: Path | None = None
) -> CommandError:
    return CommandError(
        f"{Path(argv[0]).name} ended with code {code}",
        command=quoted([str(word) for word in argv]),
        log=log or "(none)",
        output="\n" + "\n".join(f"    {line}" for line in lines),
    )

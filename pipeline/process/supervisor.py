"""A process that runs commands for doit, and ends all that they leave, even when doit is killed.

It runs as a program whose standard input is a socket to its starter. It runs one command at a
time, as the first process of a session. On Linux it is a subreaper: the processes that a command
orphans become its children, so it finds them in whichever group or session they are; elsewhere it
knows only the command's process group. The socket closes when the starter ends, even by SIGKILL;
the supervisor then ends everything that it has started.

A request is its length in bytes (8 bytes, big-endian), with the files for standard output and, if
it is kept apart, standard error attached, followed by parts that NUL separates: directory,
program, number of words, words, variables. The reply has two parts, each filled with spaces to 32
bytes, so that whoever waits for both of them is woken once. The first part:

    started PID      the command runs
    failed ERRNO     it could not be started; the second part is empty

The second part:

    ended CODE       it ended, and so did all processes that it left
    unwritten ERRNO  it was ended because its output could not be written
    alive PID        it ended, but left processes that cannot be ended; the supervisor exits
"""

from __future__ import annotations

import functools
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

assert sys.platform != "win32"  # noqa: S101 - mypy and Python skip or refuse the rest there

LENGTH_BYTES: Final = 8
PART_BYTES: Final = 32
REPLY_BYTES: Final = 2 * PART_BYTES
END_SECONDS: Final = 5.0  # as in command_end, which takes longer to import
_CHUNK: Final = 1 << 16
_SET_CHILD_SUBREAPER: Final = 36
_IGNORED: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)


def main() -> None:
    """Serve requests until the socket ends."""
    # Commands do not inherit the ignored signals or the umask of the starter.
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o022)
    if sys.platform == "linux":
        import ctypes  # not at the top: the starter imports this module only for its path

        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, waking = os.pipe()
    for end in (woken, waking):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    control = socket.socket(fileno=0)
    while serve(control, woken):
        pass


def serve(control: socket.socket, woken: int) -> bool:
    """Run one command; return whether another one may follow."""
    text, files, _, _ = socket.recv_fds(control, _CHUNK, 2)
    for file in files:
        os.set_inheritable(file, False)  # noqa: FBT003 - has no name
    try:
        request = _received(control, text)
        if request is None:
            return False
        cwd, program, count, *words = request
        argv, env = words[: int(count)], words[int(count) :]
        try:
            os.chdir(cwd)
            command = Command(program, argv, env, files)
        except OSError as error:
            return _reply(control, f"failed {error.errno}", REPLY_BYTES)
        finally:
            os.chdir("/")  # no disk is to be busy because of us
        _reply(control, f"started {command.pid}")
        return _reply(control, command.run(control, woken)) and not command.alive
    finally:
        for file in files:
            os.close(file)


def _received(control: socket.socket, text: bytes) -> list[bytes] | None:
    """Return the request that begins with *text*; None if the starter has ended."""
    while len(text) < LENGTH_BYTES + int.from_bytes(text[:LENGTH_BYTES], "big"):
        chunk = control.recv(_CHUNK)
        if not chunk:
            return None
        text += chunk
    return text[LENGTH_BYTES:].split(b"\0")


def _reply(control: socket.socket, text: str, size: int = PART_BYTES) -> bool:
    try:
        control.sendall(text.encode().ljust(size))
    except OSError:
        return False  # nobody is left who would want to know
    return True


class Command:
    """A running command.

    Args:
        program: Path of the executable.
        argv: Its words.
        env: Its variables, `NAME=VALUE`.
        files: Descriptors that receive its output.

    Attributes:
        pid: Its process, which leads a session.
        alive: Processes that it left and that could not be ended.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(
        self, program: bytes, argv: Sequence[bytes], env: Sequence[bytes], files: Sequence[int]
    ) -> None:
        self.alive: list[int] = []
        self._unwritten = 0
        pipes = [os.pipe() for _ in files]
        for reading, _ in pipes:
            os.set_blocking(reading, False)
        self._files = {reading: file for (reading, _), file in zip(pipes, files, strict=True)}
        try:
            self.pid = os.posix_spawn(
                program,
                [*argv],
                dict(_pair(one) for one in env),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, pipes[0][1], 1),
                    (os.POSIX_SPAWN_DUP2, pipes[-1][1], 2),
                ],
                setsid=True,
                setsigmask=(),
                setsigdef=_resettable(),
            )
        except OSError:
            for reading in self._files:
                os.close(reading)
            raise
        finally:
            for _, writing in pipes:
                os.close(writing)

    def run(self, control: socket.socket, woken: int) -> str:
        """Wait for the end of the command, end the processes that it left, and return the reply."""
        poll = select.poll()
        for source in (control.fileno(), woken, *self._files):
            poll.register(source, select.POLLIN)
        status = None
        while status is None:
            for source, _ in poll.poll():
                if source == woken:
                    _drain(woken)
                    status = self._reaped()
                elif not self._heard(source):
                    poll.unregister(source)
        self._end_rest(woken)
        self._close()
        if self.alive:
            return f"alive {self.alive[0]}"
        return f"unwritten {self._unwritten}" if self._unwritten else f"ended {status}"

    def _heard(self, source: int) -> bool:
        """Handle a readable *source*; return False if it has ended."""
        if source in self._files:
            return self._move(source)
        self.kill()  # nothing is ever sent while a command runs: our starter has gone
        return False

    def kill(self) -> None:
        """Kill the command and its process group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has ended, or has become another user
            return

    def _move(self, source: int) -> bool:
        """Pass on output of the command; return False if there is no more for now."""
        try:
            chunk = os.read(source, _CHUNK)
        except BlockingIOError:
            return False
        left = memoryview(chunk)
        try:
            while left and not self._unwritten:
                left = left[os.write(self._files[source], left) :]
        except OSError as error:
            self._unwritten = error.errno or 0
            self.kill()
        return bool(chunk)

    def _reaped(self) -> int | None:
        """Reap all processes that have ended; return the command's code if it is among them."""
        code = None
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    code = os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            pass  # that was the last one
        return code

    def _end_rest(self, woken: int) -> None:
        """End the processes that the command left; record those that do not end."""
        if sys.platform != "linux":
            self.kill()  # what has moved to another group is nobody's child that we know
            return
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        until = time.monotonic() + END_SECONDS
        while _has_children():
            self.alive = children()
            if time.monotonic() > until:
                return
            for pid in self.alive:
                _kill(pid)
            poll.poll(10)  # milliseconds; those that they leave become our children
            _drain(woken)
        self.alive = []

    def _close(self) -> None:
        """Pass on the rest of the output."""
        for source in self._files:
            while self._move(source):
                pass
            os.close(source)


@functools.cache
def _resettable() -> frozenset[int]:
    return frozenset(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})


def children() -> list[int]:
    """Return the children of this process; none if /proc shows another namespace."""
    from pathlib import Path  # takes a while, and few commands leave anything

    try:
        if Path("/proc/self").readlink().name != str(os.getpid()):
            return []
        return [int(one.name) for one in Path("/proc").glob("[0-9]*") if _is_ours(one)]
    except OSError:
        return []


def _is_ours(process: Path) -> bool:
    try:
        parent = (process / "stat").read_bytes().rpartition(b")")[2].split()[1]
    except OSError:
        return False  # it has ended
    return int(parent) == os.getpid()


def _has_children() -> bool:
    """Reap all children that have ended; return whether others are left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # whether it ends is seen by the caller


def _drain(woken: int) -> None:
    try:
        os.read(woken, _CHUNK)
    except BlockingIOError:
        return


def _pair(variable: bytes) -> tuple[bytes, bytes]:
    name, _, value = variable.partition(b"=")
    return name, value


if __name__ == "__main__":
    main()

"""Starts commands through supervisors, which end the commands when this process dies.

A supervisor is a small process that runs one command at a time. There are as many as commands have
run at once; they end when this process does. See `pipeline.process.supervisor`.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from pipeline.process import supervisor
from pipeline.process.stopping import STOP

if TYPE_CHECKING:
    from typing import Final

_GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a command ended.

    Attributes:
        how: `ended`, or the reason why it did not end by itself, see `pipeline.process.supervisor`;
            `gone` if its supervisor was killed.
        number: Its exit code (negative for a signal), or the number of the error.
    """

    how: str
    number: int = 0


class Supervisor:
    """The handle of a supervisor in the process that started it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        self._usable = True

    def run(
        self, parts: Sequence[bytes], files: Sequence[int], seconds: float | None
    ) -> CommandEnd:
        """Run a command to its end.

        Args:
            parts: Directory, program, number of words, words and variables.
            files: Descriptors that receive its output.
            seconds: How long it may take.

        Raises:
            TimeoutError: It took longer, and is still running.
        """
        request = b"\0".join(parts)
        head = len(request).to_bytes(supervisor.LENGTH_BYTES, "big")
        self._socket.settimeout(seconds)
        try:
            message = head + request
            sent = socket.send_fds(self._socket, [message], files)
            self._socket.sendall(message[sent:])
            return self._ended()
        except ConnectionError:
            return self._lost()

    def stop(self) -> None:
        """Ask the supervisor to end its command and then itself."""
        self._usable = False
        with contextlib.suppress(OSError):  # it has ended
            self._socket.shutdown(socket.SHUT_WR)

    def usable(self) -> bool:
        """Return whether the supervisor can take a command."""
        return self._usable and self._process.poll() is None

    def wait(self, seconds: float) -> None:
        """Wait for its end after `stop`."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # what it runs cannot be ended
            self._process.wait(seconds)

    def forget(self) -> None:
        """Leave the supervisor to the process that started it, after a fork of that process."""
        self._socket.close()
        self._process.returncode = 0

    def _ended(self) -> CommandEnd:
        reply = b""
        while missing := supervisor.REPLY_BYTES - len(reply):
            part = self._socket.recv(missing, socket.MSG_WAITALL)
            if not part:
                return self._lost(reply.split())
            reply += part
        how, number = reply.split()[-2:]
        self._usable = how != b"alive"
        return CommandEnd(how.decode(), int(number))

    def _lost(self, started: Sequence[bytes] = ()) -> CommandEnd:
        """End a command whose supervisor was killed, as far as possible."""
        self._usable = False
        if started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(int(started[1]), signal.SIGKILL)
        return CommandEnd(_GONE)


class Reaper:
    """The supervisors of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may come while the main thread holds it
        self._idle: list[Supervisor] = []
        self._busy: set[Supervisor] = set()
        self._follows = False
        STOP.register(self._stop)
        atexit.register(self._end)
        os.register_at_fork(after_in_child=self._forget)

    def _stop(self) -> None:
        with self._lock:
            for busy in self._busy:
                busy.stop()

    @contextmanager
    def supervisor(self) -> Iterator[Supervisor]:
        """Yield a free supervisor; an error in the block ends the command that it runs."""
        taken = self._take()
        try:
            yield taken
        except BaseException:
            taken.stop()
            raise
        finally:
            with self._lock:
                self._busy.discard(taken)
                if taken.usable():
                    self._idle.append(taken)
            if not taken.usable():
                taken.wait(2 * supervisor.END_SECONDS)

    def _take(self) -> Supervisor:
        if not self._follows:
            self._follows = True
            _end_with_parent(self._end)
        with self._lock:
            taken = self._idle.pop() if self._idle else Supervisor()
            while not taken.usable():  # somebody has killed it
                taken.wait(0)
                taken = self._idle.pop() if self._idle else Supervisor()
            self._busy.add(taken)
            if STOP.requested:
                taken.stop()
        return taken

    def _forget(self) -> None:
        for known in (*self._idle, *self._busy):
            known.forget()
        self._lock, self._idle, self._busy = threading.RLock(), [], set()
        self._follows = False

    def _end(self) -> None:
        """Wait for all supervisors, because Python warns about children that it leaves behind."""
        known = (*self._idle, *self._busy)
        for one in known:
            one.stop()
        for one in known:
            one.wait(1.0)


def _end_with_parent(end: Callable[[], None]) -> None:
    """End a worker process of doit when doit ends; it would wait for tasks for ever.

    Args:
        end: Called when the worker ends by itself.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Finalize(None, end, exitpriority=0)  # a worker calls nothing that `atexit` knows
        threading.Thread(target=_await, args=[parent], daemon=True).start()


def _await(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)

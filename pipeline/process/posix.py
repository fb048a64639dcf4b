"""Runs commands on POSIX: each in a session, watched over by a `pipeline.process.supervisor`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

from pipeline.process import supervisor
from pipeline.process.command_end import CommandEnd

assert sys.platform != "win32"  # noqa: S101 - mypy and Python skip or refuse the rest there


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
        return CommandEnd("gone")

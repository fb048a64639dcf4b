"""Ends all commands on Ctrl-C, on termination, and when the output has no reader."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from types import FrameType, TracebackType

from pipeline import process
from pipeline.process import sigpipe
from pipeline.settings import DEBUG, flag

_NUMBERS = [signal.SIGINT, signal.SIGTERM]
if sys.platform == "win32":
    _NUMBERS.append(signal.SIGBREAK)
_NOBODY = -1


def install() -> None:
    """Make SIGINT and SIGTERM end all running commands, and then the run, as Ctrl-C does.

    Commands run in process groups of their own, which a terminal's Ctrl-C does not reach, and
    doit's worker threads cannot be interrupted while they wait for one.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers; whoever embeds us there has its own
    for number in _NUMBERS:
        signal.signal(number, _stop)
    if sys.platform == "win32":
        _stop_commands_at_once()
    sys.excepthook = _tell
    sys.unraisablehook = _tell_ignored
    sigpipe.end_quietly()


def _stop_commands_at_once() -> None:
    """End commands when a signal comes, before Python handles it.

    Python handles signals in the main thread, which waits for a command on Windows as long as that
    runs. Then the signal is handled, because the command has ended.
    """
    reading, writing = socket.socketpair()
    writing.setblocking(False)  # noqa: FBT003 - has no name
    if signal.set_wakeup_fd(writing.fileno()) != _NOBODY:
        return  # installed before

    def watch() -> None:
        with reading, writing:
            while reading.recv(1):
                process.kill_children()

    threading.Thread(target=watch, daemon=True).start()


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    process.kill_children()
    raise KeyboardInterrupt


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt) and not flag(DEBUG):
        sys.stderr.write("interrupted\n")
    else:
        sys.__excepthook__(kind, error, trace)


def _tell_ignored(ignored: sys.UnraisableHookArgs) -> None:
    """Report what Python ignores, such as Ctrl-C in a function of `atexit`."""
    if issubclass(ignored.exc_type, KeyboardInterrupt) and not flag(DEBUG):
        sys.stderr.write("interrupted\n")
    else:
        sys.__unraisablehook__(ignored)

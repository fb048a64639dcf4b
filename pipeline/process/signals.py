"""Ends all commands on Ctrl-C, on termination, and when the output has no reader."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

from pipeline import process
from pipeline.process import sigpipe
from pipeline.settings import DEBUG, flag


def install() -> None:
    """Make SIGINT and SIGTERM end all running commands, and then the run, as Ctrl-C does.

    Commands run in process groups of their own, which a terminal's Ctrl-C does not reach, and
    doit's worker threads cannot be interrupted while they wait for one.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers; whoever embeds us there has its own
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    sys.excepthook = _tell
    sigpipe.end_quietly()


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    process.kill_children()
    raise KeyboardInterrupt


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt) and not flag(DEBUG):
        sys.stderr.write("interrupted\n")
    else:
        sys.__excepthook__(kind, error, trace)

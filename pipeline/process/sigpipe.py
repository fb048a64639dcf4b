"""Ends without a traceback when nobody reads what we write, as in `doit list --all | head -1`.

Python ignores SIGPIPE: a write into a closed pipe raises an error wherever it is made, which is
doit's code as often as ours, and doit shows a traceback.
"""

from __future__ import annotations

import io
import os
import select
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from pipeline import process

if TYPE_CHECKING:
    from typing import Final

CODE: Final = 141
"""The exit code: what a shell tells of a program that SIGPIPE has ended."""

_STREAMS: Final = (1, 2)


def end_quietly() -> None:
    """Have this process end once nobody reads the standard output or error that it writes to.

    Writing to any other pipe or socket stays as it is.
    """
    here = threading.current_thread() is threading.main_thread()  # no other may set handlers
    if here and hasattr(signal, "SIGPIPE") and signal.getsignal(signal.SIGPIPE) is not _end:
        signal.signal(signal.SIGPIPE, _end)
        threading.excepthook = _tell
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # what Python writes last cannot be mended


def _end(number: int, _frame: FrameType | None) -> None:
    broken = [stream for stream in _STREAMS if _is_broken(stream)]
    if not broken:
        return  # it was another pipe: who writes to it is told
    signal.signal(number, signal.SIG_IGN)
    process.kill_children()
    for stream in broken:
        _discard(stream)
    raise SystemExit(CODE)


def _tell(args: threading.ExceptHookArgs) -> None:
    """Tell what ended a thread, but not what the main thread has been told by the signal."""
    ended = signal.getsignal(signal.SIGPIPE) is not _end or any(map(_is_broken, _STREAMS))
    if not (ended and issubclass(args.exc_type, BrokenPipeError)):
        threading.__excepthook__(args)


def _is_broken(stream: int) -> bool:
    poll = select.poll()
    poll.register(stream, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _discard(stream: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)

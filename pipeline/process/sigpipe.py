"""Ends without a traceback when the output has no reader, as in `doit list --all | head -1`.

Python ignores SIGPIPE, so a write into a closed pipe raises an error at the place of the write.
That is often in doit's code, and doit shows a traceback.
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
"""The exit code that a shell reports for a program that SIGPIPE has ended."""

_STREAMS: Final = (1, 2)


def end_quietly() -> None:
    """End this process when it writes to a standard output or error that has no reader.

    Writes to other pipes and sockets still raise errors.
    """
    if sys.platform == "win32":
        return  # there is no such signal: the error of the write is what ends the run
    here = threading.current_thread() is threading.main_thread()  # no other may set handlers
    if here and signal.getsignal(signal.SIGPIPE) is not _end:
        signal.signal(signal.SIGPIPE, _end)
        threading.excepthook = _tell
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # what Python writes last cannot be mended


def _end(number: int, _frame: FrameType | None) -> None:
    broken = [stream for stream in _STREAMS if _is_broken(stream)]
    if not broken:
        return  # it was another pipe, whose writer gets an error
    signal.signal(number, signal.SIG_IGN)
    process.kill_children()
    for stream in broken:
        _discard(stream)
    raise SystemExit(CODE)


def _tell(args: threading.ExceptHookArgs) -> None:
    """Report what ended a thread, except a broken pipe that the signal handler handles."""
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

"""Run a command as a child that ends when we do, and end as it does.

It is imported at every start, and so imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # see launcher
if TYPE_CHECKING:
    from types import FrameType

TRAPPED = 134  # wasmtime's exit code for a trap, as of a program that aborts

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def follow(words: list[str], unstarted: str) -> int:
    """Return the exit code of *words*; die of the signal that they die of.

    Args:
        words: A program by its path, and its arguments.
        unstarted: What to write to standard error if the program cannot be started; `{}` stands for
            the reason.
    """
    child = 0

    def forward(number: int, _frame: FrameType | None) -> None:
        if child:
            os.kill(child, number)

    numbers = [getattr(signal, name) for name in _FORWARDED]
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in heard}
    parent = os.getpid()
    child = os.fork()
    if not child:
        _become(words, unstarted, parent)
    _, status = os.waitpid(child, 0)
    for number, handler in before.items():
        signal.signal(number, handler)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        signal.signal(number, signal.SIG_DFL)
        os.kill(parent, number)
    return os.waitstatus_to_exitcode(status)


def _become(words: list[str], unstarted: str, parent: int) -> None:
    """Take the place of this process; the kernel ends it if *parent* is killed."""
    try:
        if sys.platform == "linux":
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)
        os.execv(words[0], words)
    except OSError as error:
        os.write(2, unstarted.format(error.strerror).encode())
    finally:
        os._exit(1)

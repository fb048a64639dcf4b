"""Ends what we started when we die, however that happens.

A small shell of its own session reads from a pipe which process groups run. The pipe ends when we
do, even by SIGKILL; then it ends those that are left. Each command tells it its group itself,
before it becomes the command, so there is no moment at which it would be forgotten.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_WATCH: Final = """
groups=" "
while read -r sign id; do
    case $sign in
    +) groups="$groups$id " ;;
    -) groups="${groups%% $id *} ${groups#* $id }" ;;
    esac
done
for id in $groups; do kill -s KILL -- "-$id"; done
"""

# Standard input is the pipe until the command takes its place; $0 names what the shell itself has
# put in the environment.
_LAUNCH: Final = 'echo "+ $$" >&0; unset $0; exec "$@" </dev/null'
_SEE_OFF_SECONDS: Final = 1.0
_OF_THE_SHELL: Final = ("PWD", "OLDPWD", "SHLVL")


class Guard:
    """Watches over the process groups that this process starts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None
        self._pipe = -1

    def pipe(self) -> int:
        """Return the descriptor that a launched command needs as its standard input."""
        with self._lock:
            if self._shell is None or self._shell.poll() is not None:
                self._start()
            return self._pipe

    def launched(self, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        """Return the words that run *words* watched over, in an environment that is *env*."""
        added = " ".join(name for name in _OF_THE_SHELL if name not in env)
        return ["/bin/sh", "-c", _LAUNCH, added, *words]

    def ended(self, group: int) -> None:
        """Tell that a process group has come to its end."""
        with contextlib.suppress(OSError):  # someone has killed the shell: nobody watches
            os.write(self._pipe, f"- {group}\n".encode())

    def _start(self) -> None:
        if self._shell is not None:
            os.close(self._pipe)
        else:
            atexit.register(self._end)
        reading, self._pipe = os.pipe()
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        os.close(reading)

    def _end(self) -> None:
        """Let the shell go, and see it off: Python complains of children that it leaves behind."""
        if self._shell is not None:
            os.close(self._pipe)
            with contextlib.suppress(subprocess.TimeoutExpired):  # a worker of ours lives on
                self._shell.wait(_SEE_OFF_SECONDS)

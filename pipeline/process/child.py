"""Starts commands from the program of a step, whose supervisor watches over them, too."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn


def run_child(argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run one command that writes to our standard output and error.

    Only for programs that steps run: unlike `run`, it starts no supervisor of its own, which takes
    as long as a small command.

    Args:
        argv: The path of the program, and its arguments.
        env: Its whole environment; default: ours.

    Returns:
        Its exit code; negative if a signal ended it.

    Raises:
        OSError: It could not be started.
    """
    sys.stdout.flush()
    if sys.platform == "win32":
        import subprocess

        return subprocess.run([*argv], check=False, env=env).returncode
    pid = os.posix_spawn(argv[0], [*argv], os.environ if env is None else env)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def become(argv: Sequence[str], env: Mapping[str, str] | None = None) -> NoReturn:
    """Replace this program by a command, whose output and exit code become ours.

    On Windows, where the end of this process would be that of the step, it waits for the command.

    Args:
        argv: The path of the program, and its arguments.
        env: Its whole environment; default: ours.

    Raises:
        OSError: It could not be started.
    """
    sys.stdout.flush()
    if sys.platform == "win32":
        sys.exit(run_child(argv, env))
    os.execve(argv[0], [*argv], os.environ if env is None else env)  # noqa: S606 - from a list

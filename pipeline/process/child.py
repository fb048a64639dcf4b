"""Starts commands from the program of a step: the supervisor of the step watches over them, too."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def run_child(argv: Sequence[str]) -> int:
    """Run one command that writes to our standard output and error, with our environment.

    Only for programs that steps run: unlike `run`, it starts no supervisor of its own, which takes
    as long as a small command.

    Args:
        argv: The path of the program, and its arguments.

    Returns:
        Its exit code; negative if a signal ended it.

    Raises:
        OSError: It could not be started.
    """
    sys.stdout.flush()
    pid = os.posix_spawn(argv[0], [*argv], os.environ)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

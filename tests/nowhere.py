"""A network namespace without a route: what is run in it reaches nobody."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

# SIOCSIFFLAGS of linux/sockios.h with IFF_UP; a program for it may not be installed.
UP = """
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def nowhere(
    words: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    loopback: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a command where not even the loopback device is up, unless that is asked for."""
    unshare = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    probe = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no network namespace can be made here: {probe.stderr.strip()}")
    up = [sys.executable, "-c", UP] if loopback else []
    return subprocess.run(
        [*unshare, *up, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )

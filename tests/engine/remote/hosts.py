"""Hosts on one machine: a network namespace each, joined by a bridge whose links can be cut.

It needs `ip` (iproute2), `unshare` and `nsenter` (util-linux), and root or user namespaces.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NETWORK = "10.77.0"


class NoHostsError(Exception):
    """This user may not make hosts here, for the reason in the text."""


@dataclass(frozen=True, slots=True)
class Host:
    """A network namespace with one address.

    Attributes:
        enter: The words before a command that run it there.
        address: Its address.
        cut: The words of the command that cuts its link.
    """

    enter: Sequence[str]
    address: str
    cut: Sequence[str]

    def start(
        self, words: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path
    ) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(
                [*self.enter, *words],
                env={**os.environ, **env},
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
            )

    def cut_off(self) -> None:
        subprocess.run(self.cut, check=True)


@contextlib.contextmanager
def hosts(names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Make hosts that reach each other, until the block ends.

    Raises:
        NoHostsError: This user may not, or a program is missing.
    """
    for program in ("ip", "unshare", "nsenter"):
        if shutil.which(program) is None:
            raise NoHostsError(f"{program} is not installed")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    with contextlib.ExitStack() as stack:
        switch = stack.enter_context(_namespace([], user))
        _ip(switch, "link add bridge type bridge")
        _ip(switch, "link set bridge up")
        found = {}
        for number, name in enumerate(names, 1):
            enter = stack.enter_context(_namespace(switch, []))
            process = enter[2]
            _ip(switch, f"link add port{number} type veth peer name eth0 netns {process}")
            _ip(switch, f"link set port{number} master bridge up")
            _ip(enter, f"address add {NETWORK}.{number}/24 dev eth0")
            _ip(enter, "link set eth0 up")
            _ip(enter, "link set lo up")
            cut = [*switch, "ip", "link", "set", f"port{number}", "down"]
            found[name] = Host(enter, f"{NETWORK}.{number}", cut)
        yield found


@contextlib.contextmanager
def _namespace(outer: Sequence[str], user: Sequence[str]) -> Iterator[list[str]]:
    """Make a network namespace inside of *outer*; yield the words that enter it."""
    words = [*outer, "unshare", "--net", *user, "sleep", "infinity"]
    holder = subprocess.Popen(words, stderr=subprocess.PIPE)
    try:
        comm = Path(f"/proc/{holder.pid}/comm")
        while comm.read_text() != "sleep\n":
            if holder.poll() is not None:
                raise NoHostsError((holder.communicate()[1] or b"").decode().strip())
            time.sleep(0.01)
        root = os.geteuid() == 0
        enter = ["nsenter", "--target", str(holder.pid), "--net"]
        yield enter if root else [*enter, "--user", "--preserve-credentials"]
    finally:
        holder.kill()
        holder.communicate()


def _ip(enter: Sequence[str], words: str) -> None:
    done = subprocess.run([*enter, "ip", *words.split()], capture_output=True, check=False)
    if done.returncode:
        raise NoHostsError(f"ip {words}: {done.stderr.decode().strip()}")

"""The socket that the server listens on: one of its own, or one that systemd holds open."""

from __future__ import annotations

import os
import re
import socket
from typing import Final

from pipeline.errors import DeclarationError, PipelineError

_ADDRESS: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+)):(\d{1,5})", re.ASCII)
_FIRST: Final = 3  # the number of the first inherited descriptor: sd_listen_fds(3)
_BACKLOG: Final = 1024
_LISTEN_STREAM: Final = "write one `ListenStream=HOST:PORT` into the .socket unit"


def inherited() -> socket.socket | None:
    """Return the socket that systemd passes to this process; None without one.

    The variables that announce it are removed, so that no other process takes them for its own.

    Raises:
        DeclarationError: There are several sockets, or it is not one of TCP.
    """
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    if pid != str(os.getpid()):
        return None
    if count != "1":
        what = f"systemd passes {count} sockets"
        raise DeclarationError(what, fix=_LISTEN_STREAM)
    try:
        passed = socket.socket(fileno=_FIRST)
    except OSError as error:
        raise DeclarationError(
            "systemd passes no socket", why=error.strerror or "", fix=_LISTEN_STREAM
        ) from error
    if passed.family not in {socket.AF_INET, socket.AF_INET6} or passed.type != socket.SOCK_STREAM:
        raise DeclarationError("systemd passes a socket that is not TCP", fix=_LISTEN_STREAM)
    return passed


def listen(address: str) -> socket.socket:
    """Listen on *address*, `HOST:PORT` or `[IPV6]:PORT`; with port 0 the system picks one.

    Raises:
        DeclarationError: It is not an address.
        PipelineError: This machine cannot listen on it.
    """
    found = _ADDRESS.fullmatch(address)
    if not found or int(found[3]) >= 1 << 16:
        what = f"--listen: `{address}` is not an address"
        raise DeclarationError(what, fix="write one like 127.0.0.1:8790 or [::1]:8790")
    host, family = found[1] or found[2], socket.AF_INET6 if found[1] else socket.AF_INET
    try:
        return socket.create_server((host, int(found[3])), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:  # the host name may not be one
        why = getattr(error, "strerror", None) or str(error)
        raise PipelineError(f"cannot listen on {address}", why=why) from error


def url(listener: socket.socket, path: str) -> str:
    """Return the address of *path* on a socket that listens."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{path}"

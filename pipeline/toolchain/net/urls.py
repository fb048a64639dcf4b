"""Take addresses apart, of which people and servers write some that are none."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pipeline.errors import DeclarationError

_PORTS: Final = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of *url*.

    Raises:
        ValueError: It has a port that is none, or a bracket that nothing closes.
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)


def base(text: str, where: str) -> str:
    """Return a base URL, with its final slash: `https://a.test` must not fit `https://a.testy`.

    Args:
        text: What somebody wrote.
        where: The file or the variable.

    Raises:
        DeclarationError: It is no base URL, or holds credentials.
    """
    try:
        scheme, host, _ = origin(text)
        parts = urlsplit(text)
    except ValueError as error:
        raise _no_base(text, where) from error
    if scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise _no_base(text, where)
    if parts.username is not None:
        raise DeclarationError(
            f"{where}: the URL of {host} holds credentials",
            why="it is asked without any",
            fix="take them out",
        )
    return text.rstrip("/") + "/"


def _no_base(text: str, where: str) -> DeclarationError:
    what = f"{where}: `{text.rpartition('@')[2]}` is no base URL"  # before it may be a secret
    return DeclarationError(what, fix="write one like `https://mirror.example/path/`")

"""Parse URLs, which may be malformed: people and servers write them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pipeline.errors import DeclarationError

_PORTS: Final = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of *url*.

    Raises:
        ValueError: Its port is not a number, or a bracket is not closed.
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)


def base(text: str, where: str) -> str:
    """Return a base URL with a final slash: `https://a.test` must not match `https://a.testy`.

    Args:
        text: The URL as written.
        where: The file or the variable, for the message.

    Raises:
        DeclarationError: It is not a base URL, or holds credentials.
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
            why="mirrors are asked without any",
            fix="remove them",
        )
    return text.rstrip("/") + "/"


def _no_base(text: str, where: str) -> DeclarationError:
    what = (
        f"{where}: `{text.rpartition('@')[2]}` is not a base URL"  # what precedes @ may be a secret
    )
    return DeclarationError(what, fix="write one like `https://mirror.example/path/`")

"""Interpret the headers of an HTTP response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_SETTLED_SECONDS = 60  # a file that changes twice within a second keeps its date

Headers = Mapping[str, str]


def validator(headers: Headers) -> str:
    """Return the strong validator of the file, or "".

    A weak ETag is none, nor is a date that is too recent: see RFC 9110, 8.8.
    """
    etag = headers.get("ETag", "").strip()
    if etag:
        return etag if etag.startswith('"') else ""
    modified, sent = _moment(headers.get("Last-Modified")), _moment(headers.get("Date"))
    if modified is None or sent is None:
        return ""
    settled = (sent - modified).total_seconds() >= _SETTLED_SECONDS
    return headers["Last-Modified"] if settled else ""


def length(headers: Headers) -> int | None:
    """Return the announced length in bytes, None if there is none."""
    text = headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def continues(headers: Headers, offset: int, known: str) -> int | None:
    """Return the size of the whole file if the body continues it at *offset*, else None.

    Args:
        headers: Those of a response with status 206.
        offset: The first byte that was requested.
        known: The validator of the bytes before.
    """
    found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if found is None:
        return None
    first, last, whole = map(int, found.groups())
    now = validator(headers)
    same = not now or now == known
    return whole if same and first == offset and last + 1 == whole else None


def retry_after(headers: Headers, now: datetime | None = None) -> float:
    """Return the seconds of Retry-After, which may be a date; 0 if the header is missing."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    moment = _moment(text)
    if moment is None:
        return 0.0
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""Files over HTTP: the whole file, the requested part, or 304 if it has not changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from pipeline.testing.github.content import Content
from pipeline.testing.github.message import Reply, Request


def file_reply(request: Request, content: Content, headers: Mapping[str, str]) -> Reply:
    """Return the reply of a static file.

    Args:
        request: Its `Range`, `If-Range` and `If-None-Match` are honoured.
        content: The file.
        headers: Further headers; conditions are compared with `ETag` and `Last-Modified`.

    Returns:
        200 or 206 with bytes; 304 or 416 without.
    """
    etag, modified = headers["ETag"], headers["Last-Modified"]
    headers = {**headers, "Accept-Ranges": "bytes"}
    if request.headers.get("If-None-Match") == etag:
        return Reply(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    wanted = None
    if request.headers.get("If-Range", etag) in {etag, modified}:
        wanted = _range(request.headers.get("Range", ""), content.size)
    if wanted is None:
        return Reply(status=HTTPStatus.OK, headers=headers, body=content)
    start, stop = wanted
    if start >= stop:
        refused = {"Content-Range": f"bytes */{content.size}"}
        return Reply(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=refused)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    status = HTTPStatus.PARTIAL_CONTENT
    return Reply(status=status, headers=headers, body=content, start=start, stop=stop)


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Parse a single range; None if there is none that can be served."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if not found or header == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size

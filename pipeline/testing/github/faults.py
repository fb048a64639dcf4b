"""Faults: what a network and a busy server do to correct replies.

A fault is a function that gets the request and what would answer it, and returns a reply. The
ones below cover what pollers meet; a test may write its own.
"""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from http import HTTPStatus
from typing import Any

from pipeline.testing.github.content import Bytes
from pipeline.testing.github.documents import error
from pipeline.testing.github.message import (
    Answer,
    Delivery,
    Reply,
    Request,
    redirect_reply,
    text_reply,
)
from pipeline.testing.github.secondary import secondary_error

Fault = Callable[[Request, Answer], Reply]


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    faults: Iterator[Fault]

    def matches(self, request: Request) -> bool:
        return any(fnmatchcase(text, self.pattern) for text in (request.path, request.target))


class Faults:
    """The faults that are in force; each path is a shell pattern whose `*` also spans `/`.

    Of several matching rules, the last added one wins.
    """

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def once(self, path: str, *faults: Fault) -> None:
        """Apply *faults* to the next requests for *path*, one per request, in this order."""
        self._add(_Rule(path, iter(faults)))

    def always(self, path: str, fault: Fault) -> None:
        """Apply *fault* to every request for *path*."""
        self._add(_Rule(path, itertools.repeat(fault)))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._rules.clear()

    def apply(self, request: Request, answer: Answer) -> Reply:
        """Return the reply to *request*; *answer* gives the correct one."""
        with self._lock:
            matching = [rule for rule in self._rules if rule.matches(request)]
            chosen = [next(rule.faults, healthy) for rule in matching]
        for fault in chosen:
            answer = partial(_faulty, fault, answer)
        return answer(request)

    def _add(self, rule: _Rule) -> None:
        with self._lock:
            self._rules.append(rule)


def healthy(request: Request, answer: Answer) -> Reply:
    """Change nothing; a placeholder in a sequence of faults."""
    return answer(request)


def respond(status: int, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    """Answer with exactly this reply."""
    reply = Reply(status=status, headers=headers or {}, body=Bytes(body))
    return lambda _request, _answer: reply


def html(status: int = 200) -> Fault:
    """Answer with a web page, as a captive portal or a broken gateway does."""
    page = "<!DOCTYPE html>\n<html><body><h1>We had issues producing this page</h1></body></html>\n"
    reply = text_reply(status, page, "text/html; charset=utf-8")
    return lambda _request, _answer: reply


def redirect(location: str, *, status: int = 302) -> Fault:
    """Redirect the client to another host or scheme."""
    return lambda _request, _answer: redirect_reply(location, status=status)


def redirect_loop() -> Fault:
    """Redirect the client to the same URL."""
    return lambda request, _answer: redirect_reply(request.target)


def secondary_limit(*, status: int = 403, retry_after: int | None = None) -> Fault:
    """Refuse a client that is too fast; GitHub may state when to retry, in seconds, or not."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = secondary_error(status, retry_after)
        seen = answer(request).headers
        counters = {name: seen[name] for name in seen if name.startswith("x-ratelimit-")}
        return replace(reply, headers={**counters, **reply.headers})

    return fault


def forbidden(message: str) -> Fault:
    """Refuse what no wait will allow: single sign-on, an IP allow list, a token's rights."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = error(403, message)
        seen = answer(request).headers
        counters = {name: seen[name] for name in seen if name.startswith("x-ratelimit-")}
        return replace(reply, headers={**counters, **reply.headers})

    return fault


def edited(change: Callable[[Any], Any]) -> Fault:
    """Answer with the correct JSON document after *change*; a 304 has none."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        if reply.status == HTTPStatus.NOT_MODIFIED:
            return reply
        body = Bytes(json.dumps(change(json.loads(reply.payload()))).encode())
        return replace(reply, body=body, start=0, stop=None)

    return fault


def padded(size: int) -> Fault:
    """Pad the document to *size* bytes with spaces."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        return replace(reply, body=Bytes(reply.payload().rjust(size)), start=0, stop=None)

    return fault


def nested(depth: int) -> Fault:
    """Answer with that many nested arrays."""
    return respond(
        200,
        headers={"Content-Type": "application/json; charset=utf-8"},
        body=b"[" * depth + b"]" * depth,
    )


def malformed_json() -> Fault:
    """Answer with the first half of the document, and the length of that half."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        return replace(reply, stop=reply.end // 2)

    return fault


def gzip_encoded() -> Fault:
    """Compress the body without being asked; it is held in memory."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        body = Bytes(gzip.compress(reply.payload(), mtime=0))
        headers = {**reply.headers, "Content-Encoding": "gzip"}
        return replace(reply, headers=headers, body=body, start=0, stop=None)

    return fault


def ignore_range() -> Fault:
    """Send the whole body in answer to a request for a part."""

    def fault(request: Request, answer: Answer) -> Reply:
        headers = copy(request.headers)
        del headers["Range"]
        return answer(replace(request, headers=headers))

    return fault


def latency(seconds: float) -> Fault:
    """Answer after *seconds*."""
    return _delivered(lambda d: replace(d, delay_seconds=seconds))


def truncate(after: int) -> Fault:
    """Close the connection after *after* bytes of the body."""
    return _delivered(lambda d: replace(d, cut_after=after))


def reset(after: int | None = None) -> Fault:
    """Reset the connection after *after* bytes of the body; None: before the status line."""
    if after is None:
        return _delivered(lambda d: replace(d, head=False, cut_after=0, reset=True))
    return _delivered(lambda d: replace(d, cut_after=after, reset=True))


def stall(seconds: float, *, after: int = 0) -> Fault:
    """Send nothing for *seconds* after the headers and *after* bytes, then the rest."""
    return _delivered(lambda d: replace(d, pause_at=after, pause_seconds=seconds))


def drip(bytes_per_second: float) -> Fault:
    """Send the body slowly."""
    return _delivered(lambda d: replace(d, bytes_per_second=bytes_per_second))


def wrong_length(error: int) -> Fault:
    """Announce *error* bytes more than there are; negative: fewer."""
    return _delivered(lambda d: replace(d, length_error=error))


def no_length() -> Fault:
    """Announce no length; the end of the connection is the end of the body."""
    return _delivered(lambda d: replace(d, length=False))


def _delivered(change: Callable[[Delivery], Delivery]) -> Fault:
    """Change one field of the delivery, and keep the changes of other faults."""

    def fault(request: Request, answer: Answer) -> Reply:
        reply = answer(request)
        return replace(reply, delivery=change(reply.delivery))

    return fault


def _faulty(fault: Fault, answer: Answer, request: Request) -> Reply:
    return fault(request, answer)

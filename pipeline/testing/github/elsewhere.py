"""What the sites of Go and Node.js share: releases with files, and sending files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.errors import DeclarationError
from pipeline.testing.github.clock import Clock, http_date, seconds_of, stamp
from pipeline.testing.github.content import Content, content_of
from pipeline.testing.github.message import Reply, Request, text_reply
from pipeline.testing.github.ranges import file_reply


@dataclass(slots=True, eq=False, kw_only=True)
class Files:
    """A release outside GitHub; tests edit it between requests.

    Attributes:
        version: As in the site's list, such as `go1.26.1` and `v24.14.1`.
        at: Date of its files, such as `2026-01-31T12:00:00Z`.
        stable: Go: it is not a candidate.
        lts: Node.js: the name of its line with long-term support; empty if none.
        files: Contents by name.
        published: Digests that the site publishes in place of the files' own, by name.
    """

    version: str
    at: str
    stable: bool = True
    lts: str = ""
    files: dict[str, Content] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """Return the SHA-256 that the site publishes for a file."""
        return self.published.get(name) or self.files[name].sha256


class Releases:
    """The releases of one site, the last added first.

    Args:
        clock: Dates releases that are added without a date.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all: list[Files] = []

    def add(
        self,
        version: str,
        *,
        files: Mapping[str, bytes | Content] | None = None,
        at: str | None = None,
        stable: bool = True,
        lts: str = "",
    ) -> Files:
        """Publish a release.

        Raises:
            DeclarationError: The version exists, or *at* is not a time.
        """
        if any(release.version == version for release in self.all):
            raise DeclarationError(f"there is a release `{version}` already")
        moment = at or stamp(self._clock())
        seconds_of(moment)
        named = {name: content_of(data) for name, data in (files or {}).items()}
        release = Files(version=version, at=moment, stable=stable, lts=lts, files=named)
        self.all.insert(0, release)
        return release

    def holding(self, name: str) -> Files | None:
        """Return the release that has a file of this name."""
        return next((release for release in list(self.all) if name in release.files), None)


def static(request: Request, release: Files | None, name: str, kind: str) -> Reply:
    """Return a file of a release, with the release's date, or `Not Found`."""
    if release is None or name not in release.files:
        return text_reply(404, "Not Found")
    content = release.files[name]
    headers = {
        "Content-Type": kind,
        "Last-Modified": http_date(seconds_of(release.at)),
        "ETag": f'"{content.tag}"',
    }
    return file_reply(request, content, headers)

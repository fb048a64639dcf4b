"""The download site of Node.js: the index of releases, their files, and the files' digests.

`BASE/index.json` is an array, newest first, one release a line, with dates but without digests:

    [
    {"version":"v24.14.1","date":"2026-03-24","files":["linux-x64"],"npm":"11.11.0","v8":"13.6.1",
     "uv":"1.51.0","zlib":"1.3.1","openssl":"3.5.5","modules":"137","lts":"Krypton","security":false}
    ]

`lts` is `false` or a name. `BASE/vV/SHASUMS256.txt` holds a line `HEX  NAME` for each file. All
have a strong ETag and `Last-Modified`, and honour `If-None-Match`; files also `Range`.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from pipeline.testing.github.clock import http_date, seconds_of
from pipeline.testing.github.content import Bytes
from pipeline.testing.github.elsewhere import Files, Releases, static
from pipeline.testing.github.message import Reply, Request, text_reply
from pipeline.testing.github.ranges import file_reply

BASE = "/dist/"
SUMS = "SHASUMS256.txt"
_EMPTY = "1970-01-01T00:00:00Z"
_PARTS = {"npm": "11.11.0", "v8": "13.6.1", "uv": "1.51.0", "zlib": "1.3.1", "openssl": "3.5.5"}


class Nodejs:
    """Answers requests to the site.

    Args:
        releases: The releases of Node.js.
    """

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    def answer(self, request: Request) -> Reply:
        """Return the index, digests, a file, or `Not Found`."""
        match request.path.removeprefix(BASE).split("/"):
            case ["index.json"]:
                return self._index(request)
            case [version, name]:
                seen = list(self._releases.all)
                release = next((each for each in seen if each.version == version), None)
                if release and name == SUMS:
                    return _text(request, release.at, _sums(release), "text/plain")
                return static(request, release, unquote(name), "application/gzip")
        return text_reply(404, "Not Found")

    def _index(self, request: Request) -> Reply:
        seen = list(self._releases.all)
        lines = ",\n".join(json.dumps(_document(each), separators=(",", ":")) for each in seen)
        newest = max((each.at for each in seen), default=_EMPTY)
        return _text(request, newest, f"[\n{lines}\n]\n", "application/json")


def _text(request: Request, at: str, text: str, kind: str) -> Reply:
    body = Bytes(text.encode())
    headers = {
        "Content-Type": kind,
        "Last-Modified": http_date(seconds_of(at)),
        "ETag": f'"{body.tag}"',
    }
    return file_reply(request, body, headers)


def _sums(release: Files) -> str:
    return "".join(f"{release.digest(name)}  {name}\n" for name in sorted(release.files))


def _document(release: Files) -> dict[str, object]:
    # node-v24.14.1-linux-x64.tar.xz
    stems = {re.sub(r"\.(tar\.[gx]z|zip|pkg|msi)$", "", name) for name in release.files}
    return {
        "version": release.version,
        "date": release.at[:10],
        "files": sorted(stem.removeprefix(f"node-{release.version}-") for stem in stems),
        **_PARTS,
        "modules": "137",
        "lts": release.lts or False,
        "security": False,
    }

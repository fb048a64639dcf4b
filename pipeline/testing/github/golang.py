"""The download site of Go: the list of releases, and the host of the files.

`BASE/?mode=json` tells the two newest stable releases, with `&include=all` every one; both as an
array, newest first, indented by one space:

    {"version": "go1.26.1", "stable": true, "files": [{"filename": "go1.26.1.linux-amd64.tar.gz",
     "os": "linux", "arch": "amd64", "version": "go1.26.1", "sha256": "…", "size": 1234,
     "kind": "archive"}]}

It tells no dates and has no ETag. Without `mode=json` it is a web page. `BASE/NAME` redirects to
another host, which sends the file with `Last-Modified` and honours `Range`.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, quote, unquote

from pipeline.testing.github.content import Bytes
from pipeline.testing.github.elsewhere import Files, Releases, static
from pipeline.testing.github.message import Reply, Request, redirect_reply, text_reply

BASE = "/dl/"
_FILES = "/go/"
_NEWEST = 2
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<title>All releases - The Go Programming Language</title>\n'
)


class Golang:
    """Answers requests to both hosts.

    Args:
        releases: The releases of Go.
        files_url: Base URL of the files, without a final slash.
    """

    def __init__(self, releases: Releases, files_url: str) -> None:
        self._releases = releases
        self._files_url = files_url

    def answer(self, request: Request) -> Reply:
        """Return the list, a redirect, a file, or `Not Found`."""
        if request.path == BASE:
            return self._list(dict(parse_qsl(request.query)))
        if request.path.startswith(BASE):
            name = unquote(request.path.removeprefix(BASE))
            if self._releases.holding(name):
                return redirect_reply(f"{self._files_url}{_FILES}{quote(name)}")
        if request.path.startswith(_FILES):
            name = unquote(request.path.removeprefix(_FILES))
            return static(request, self._releases.holding(name), name, "application/octet-stream")
        return text_reply(404, "Not Found")

    def _list(self, query: dict[str, str]) -> Reply:
        if query.get("mode") != "json":
            return text_reply(200, _PAGE, "text/html; charset=utf-8")
        seen = list(self._releases.all)
        if query.get("include") != "all":
            seen = [release for release in seen if release.stable][:_NEWEST]
        text = json.dumps([_document(release) for release in seen], indent=1)
        headers = {"Content-Type": "application/json"}
        return Reply(status=200, headers=headers, body=Bytes(f"{text}\n".encode()))


def _document(release: Files) -> dict[str, object]:
    return {
        "version": release.version,
        "stable": release.stable,
        "files": [_file(release, name) for name in release.files],
    }


def _file(release: Files, name: str) -> dict[str, object]:
    # go1.26.1.linux-amd64.tar.gz, go1.26.1.src.tar.gz
    system, _, rest = name.removeprefix(f"{release.version}.").partition("-")
    kinds = {"pkg": "installer", "msi": "installer"}
    return {
        "filename": name,
        "os": system if rest else "",
        "arch": rest.split(".")[0],
        "version": release.version,
        "sha256": release.digest(name),
        "size": release.files[name].size,
        "kind": kinds.get(name.rpartition(".")[2], "archive") if rest else "source",
    }

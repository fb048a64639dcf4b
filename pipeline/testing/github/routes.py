"""The documents of the API by path, and who may see them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlencode

from pipeline.testing.github.cdn import Cdn
from pipeline.testing.github.documents import (
    DOCS,
    Document,
    Urls,
    asset_document,
    error,
    release_document,
    repository_document,
    tag_document,
)
from pipeline.testing.github.message import Reply, Request, json_reply, redirect_reply
from pipeline.testing.github.release import Release
from pipeline.testing.github.state import Account, Repository, State

RESULT_CAP = 1000
"""The number of releases that the API lists; pages after them are refused."""

_MANUAL = {
    "": "/repos/repos#get-a-repository",
    "releases": "/releases/releases#list-releases",
    "latest": "/releases/releases#get-the-latest-release",
    "tags": "/releases/releases#get-a-release-by-tag-name",
    "assets": "/releases/assets#get-a-release-asset",
}


class Routes:
    """Finds the document of a path, without quotas and ETags."""

    def __init__(self, state: State, urls: Urls, cdn: Cdn) -> None:
        self._state = state
        self._urls = urls
        self._cdn = cdn

    def answer(self, request: Request, path: str, account: Account) -> Reply:
        """Return the reply to a request for *path*, without the base path."""
        if request.method not in {"GET", "HEAD"}:
            return error(404, "Not Found")
        match [unquote(segment) for segment in path.split("/")[1:]]:
            case ["repos", owner, name, *rest]:
                full_name = f"{owner}/{name}"
                repository = self._state.named(full_name)
            case ["repositories", number, *rest] if number.isdecimal():
                repository = self._state.numbered(int(number))
                full_name = repository.full_name if repository else ""
            case _:
                return error(404, "Not Found")
        if repository is None or (repository.private and not account.reads_private):
            return _missing(rest)
        if repository.full_name.lower() != full_name.lower():
            return self._moved(request, path, repository)
        return self._document(request, repository, rest, account)

    def _document(
        self, request: Request, repository: Repository, rest: list[str], account: Account
    ) -> Reply:
        seen = [r for r in repository.sorted_releases() if account.pushes or not r.draft]
        match rest:
            case []:
                return json_reply(200, repository_document(self._urls, repository))
            case ["releases" | "tags" as kind]:
                return self._page(request, repository, kind, self._list(repository, kind, seen))
            case ["releases", "assets", number]:
                return self._asset(request, repository, seen, number)
        release = _release(repository, seen, rest)
        if release is None:
            return _missing(rest)
        return json_reply(200, release_document(self._urls, repository, release))

    def _list(self, repository: Repository, kind: str, seen: list[Release]) -> list[Document]:
        if kind == "tags":
            return [tag_document(self._urls, repository, t) for t in repository.sorted_tags()]
        return [release_document(self._urls, repository, r) for r in seen]

    def _asset(
        self, request: Request, repository: Repository, seen: list[Release], number: str
    ) -> Reply:
        for release in seen:
            for asset in list(release.assets):
                if str(asset.id) == number:
                    if "application/octet-stream" not in request.headers.get("Accept", ""):
                        document = asset_document(self._urls, repository, release, asset)
                        return json_reply(200, document)
                    if asset.state == "uploaded":
                        return redirect_reply(self._cdn.sign(asset))
        return _missing(["releases", "assets", number])

    def _page(
        self, request: Request, repository: Repository, kind: str, documents: list[Document]
    ) -> Reply:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        size = min(_positive(query.get("per_page"), 30), 100)
        page = _positive(query.get("page"), 1)
        if (page - 1) * size >= RESULT_CAP:
            message = f"Only the first {RESULT_CAP} results are available."
            return error(422, message, _MANUAL["releases"])
        last = max(1, -(-len(documents) // size))
        links = {}
        if page > 1:
            links["prev"] = min(page - 1, last)
        if page < last:
            links |= {"next": page + 1, "last": last}
        if page > 1:
            links["first"] = 1
        reply = json_reply(200, documents[(page - 1) * size : page * size])
        if last == 1:
            return reply
        base = f"{self._urls.api}/repositories/{repository.id}/{kind}"
        header = ", ".join(
            f'<{base}?{urlencode({**query, "page": to})}>; rel="{rel}"' for rel, to in links.items()
        )
        return replace(reply, headers={**reply.headers, "Link": header})

    def _moved(self, request: Request, path: str, repository: Repository) -> Reply:
        rest = "/".join(path.split("/")[4:])
        url = f"{self._urls.api}/repositories/{repository.id}"
        url += f"/{rest}" if rest else ""
        url += f"?{request.query}" if request.query else ""
        document = {
            "message": "Moved Permanently",
            "url": url,
            "documentation_url": f"{DOCS}/guides/best-practices-for-using-the-rest-api"
            "#follow-redirects",
        }
        return json_reply(301, document, Location=url)


def _release(repository: Repository, seen: list[Release], rest: list[str]) -> Release | None:
    match rest:
        case ["releases", "latest"]:
            return repository.latest()
        case ["releases", "tags", tag]:
            return next((r for r in seen if r.tag_name == tag and not r.draft), None)
        case ["releases", number]:
            return next((r for r in seen if str(r.id) == number), None)
    return None


def _missing(rest: list[str]) -> Reply:
    return error(404, "Not Found", _manual(rest))


def _manual(rest: list[str]) -> str:
    """Return the page of the documentation that an error of this path points to."""
    if len(rest) > 1 and rest[0] == "releases":
        return _MANUAL.get(rest[1], "/releases/releases#get-a-release")
    return _MANUAL.get("/".join(rest), "")


def _positive(text: str | None, default: int) -> int:
    """Parse a page number as GitHub does: anything but a positive number is ignored."""
    return int(text) if text and text.isdecimal() and int(text) > 0 else default

"""The pages and downloads of the web site, without quotas; tokens are ignored."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, unquote

from pipeline.testing.github.cdn import Cdn
from pipeline.testing.github.documents import Urls
from pipeline.testing.github.message import Reply, Request, redirect_reply, text_reply
from pipeline.testing.github.release import Release
from pipeline.testing.github.state import Repository, State

_HTML = "text/html; charset=utf-8"


class Web:
    """Answers requests to the web site."""

    def __init__(self, state: State, urls: Urls, cdn: Cdn) -> None:
        self._state = state
        self._urls = urls
        self._cdn = cdn

    def answer(self, request: Request) -> Reply:
        """Return a redirect to the CDN or to another page, or `Not Found`."""
        match request.path.split("/")[1:]:
            case [owner, name, "releases", *rest]:
                repository = self._state.named(f"{unquote(owner)}/{unquote(name)}")
            case _:
                return _not_found()
        if repository is None or repository.private:
            return _not_found()
        if repository.full_name.lower() != f"{unquote(owner)}/{unquote(name)}".lower():
            tail = "/".join(["releases", *rest])
            return redirect_reply(f"{self._urls.web}/{repository.full_name}/{tail}", status=301)
        return self._releases(repository, [unquote(segment) for segment in rest])

    def _releases(self, repository: Repository, rest: list[str]) -> Reply:
        match rest:
            case ["latest"]:
                latest = repository.latest()
                return (
                    redirect_reply(self._urls.tag(repository, latest)) if latest else _not_found()
                )
            case ["latest", "download", name]:
                latest = repository.latest()
                tag = quote(latest.tag_name, safe="") if latest else "latest"
                base = f"{self._urls.web}/{repository.full_name}/releases/download"
                return redirect_reply(f"{base}/{tag}/{quote(name, safe='')}")
            case ["download", *tag, name]:
                return self._download(_tagged(repository, tag), name)
            case ["tag", *tag]:
                return _page(_tagged(repository, tag))
        return _not_found()

    def _download(self, release: Release | None, name: str) -> Reply:
        for asset in list(release.assets) if release else []:
            if asset.name == name and asset.state == "uploaded":
                return redirect_reply(self._cdn.sign(asset))
        return _not_found()


def _tagged(repository: Repository, tag: list[str]) -> Release | None:
    # A slash in a tag may be encoded or not.
    wanted = "/".join(tag)
    published = (r for r in list(repository.releases) if not r.draft)
    return next((r for r in published if r.tag_name == wanted), None)


def _page(release: Release | None) -> Reply:
    if release is None:
        return _not_found()
    title = escape(f"Release {release.name or release.tag_name}")
    return text_reply(200, f"<!DOCTYPE html>\n<title>{title}</title>\n<h1>{title}</h1>\n", _HTML)


def _not_found() -> Reply:
    return text_reply(404, "Not Found")

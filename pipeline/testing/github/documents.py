"""The JSON documents of the API, field for field."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.testing.github.message import Reply, json_reply
from pipeline.testing.github.release import Asset, Digest, Release
from pipeline.testing.github.state import Repository

Document = dict[str, object]

DOCS = "https://docs.github.com/rest"
_PEOPLE = {"login": "octocat", "id": 583231, "type": "User", "site_admin": False}


@dataclass(frozen=True, slots=True)
class Urls:
    """The base URLs of API and web site, without a final slash, and the URLs below them."""

    api: str
    web: str

    def repository(self, repository: Repository) -> str:
        """Return the API URL of a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def tag(self, repository: Repository, release: Release) -> str:
        """Return the page of a release; a draft has no tag yet."""
        return f"{self.web}/{repository.full_name}/releases/tag/{_public_tag(release)}"

    def download(self, repository: Repository, release: Release, asset: Asset) -> str:
        """Return the URL from which a browser downloads an asset."""
        where = f"{self.web}/{repository.full_name}/releases/download"
        return f"{where}/{_public_tag(release)}/{quote(asset.name, safe='')}"


def repository_document(urls: Urls, repository: Repository) -> Document:
    """Return the document of `/repos/OWNER/NAME`, with the fields that a poller needs."""
    owner, name = repository.full_name.split("/")
    return {
        "id": repository.id,
        "node_id": _node("R", repository.id),
        "name": name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": _PEOPLE | {"login": owner},
        "html_url": f"{urls.web}/{repository.full_name}",
        "url": urls.repository(repository),
        "releases_url": f"{urls.repository(repository)}/releases{{/id}}",
        "default_branch": "main",
    }


def tag_document(urls: Urls, repository: Repository, tag: str) -> Document:
    """Return the API's document of a tag."""
    commit = hashlib.sha256(tag.encode()).hexdigest()[:40]
    base, name = urls.repository(repository), quote(tag, safe="")
    return {
        "name": tag,
        "zipball_url": f"{base}/zipball/refs/tags/{name}",
        "tarball_url": f"{base}/tarball/refs/tags/{name}",
        "commit": {"sha": commit, "url": f"{base}/commits/{commit}"},
        "node_id": _node("REF", repository.id),
    }


def release_document(urls: Urls, repository: Repository, release: Release) -> Document:
    """Return the API's document of a release."""
    base = f"{urls.repository(repository)}/releases/{release.id}"
    tag = quote(release.tag_name, safe="")
    balls = f"{urls.repository(repository)}/{{}}/{tag}"
    return {
        "url": base,
        "assets_url": f"{base}/assets",
        "upload_url": f"{base}/assets{{?name,label}}",
        "html_url": urls.tag(repository, release),
        "id": release.id,
        "author": _PEOPLE,
        "node_id": _node("RE", release.id),
        "tag_name": release.tag_name,
        "target_commitish": "main",
        "name": release.name,
        "draft": release.draft,
        "immutable": release.immutable,
        "prerelease": release.prerelease,
        "created_at": release.created_at,
        "updated_at": release.published_at or release.created_at,
        "published_at": release.published_at,
        "assets": [asset_document(urls, repository, release, a) for a in list(release.assets)],
        "tarball_url": None if release.draft else balls.format("tarball"),
        "zipball_url": None if release.draft else balls.format("zipball"),
        "body": release.body,
    }


def asset_document(urls: Urls, repository: Repository, release: Release, asset: Asset) -> Document:
    """Return the API's document of an asset."""
    document: Document = {
        "url": f"{urls.repository(repository)}/releases/assets/{asset.id}",
        "id": asset.id,
        "node_id": _node("RA", asset.id),
        "name": asset.name,
        "label": asset.label,
        "uploader": _PEOPLE,
        "content_type": asset.content_type,
        "state": asset.state,
        "size": asset.content.size,
        "digest": _digest(asset),
        "download_count": 0,
        "created_at": asset.created_at,
        "updated_at": asset.updated_at,
        "browser_download_url": urls.download(repository, release, asset),
    }
    if asset.digest is Digest.ABSENT:
        del document["digest"]
    return document


def error(status: int, message: str, page: str = "", **headers: str) -> Reply:
    """Return an error as the API words it; *page* is the URL of its documentation."""
    document = {
        "message": message,
        "documentation_url": f"{DOCS}{page}",
        "status": str(status),
    }
    return json_reply(status, document, **headers)


def limit_error(status: int, message: str, page: str, **headers: str) -> Reply:
    """Return the refusal of a rate limit, whose body contains no status."""
    document = {"message": message, "documentation_url": f"{DOCS}{page}"}
    return json_reply(status, document, **headers)


def _digest(asset: Asset) -> str | None:
    if isinstance(asset.digest, Digest):
        return f"sha256:{asset.content.sha256}" if asset.state == "uploaded" else None
    return asset.digest


def _public_tag(release: Release) -> str:
    if release.draft:
        return f"untagged-{hashlib.sha256(str(release.id).encode()).hexdigest()[:20]}"
    return quote(release.tag_name, safe="")


def _node(kind: str, number: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"

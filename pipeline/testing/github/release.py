"""A release of the fake GitHub, with its assets; tests change both between requests."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from pipeline.errors import DeclarationError
from pipeline.testing.github.clock import Clock, seconds_of, stamp
from pipeline.testing.github.content import Content, content_of


class Digest(enum.Enum):
    """What the `digest` of an asset contains, unless a test sets a text."""

    COMPUTED = enum.auto()
    """`sha256:` of the uploaded bytes."""
    ABSENT = enum.auto()
    """No such field, as on an Enterprise server that is older than 2025-06."""


@dataclass(slots=True, eq=False, kw_only=True)
class Asset:
    """A file of a release.

    Attributes:
        digest: Computed, absent, None (uploaded before 2025-06-03) or any text.
        state: `open` while the upload is not complete; it cannot be downloaded then.
        served: What the CDN sends, if it differs from the upload.
    """

    id: int
    repository_id: int
    name: str
    content: Content
    created_at: str
    updated_at: str
    content_type: str = "application/octet-stream"
    digest: str | Digest | None = Digest.COMPUTED
    label: str | None = None
    state: Literal["uploaded", "open"] = "uploaded"
    served: Content | None = None

    @property
    def cdn_path(self) -> str:
        """Path on the CDN, without the signature."""
        name = uuid.uuid5(uuid.NAMESPACE_OID, str(self.id))
        return f"/github-production-release-asset/{self.repository_id}/{name}"

    def serve_instead(self, data: bytes | Content) -> None:
        """Make the CDN send *data*, while size and digest stay those of the upload."""
        self.served = content_of(data)


@dataclass(slots=True, eq=False, kw_only=True)
class Release:
    """A release of a repository.

    Attributes:
        created_at: Date of the tagged commit; it decides which release is the latest.
        published_at: None on drafts.
        name: Title; often None.
        make_latest: The maintainer chose it as the latest, whatever its dates.
    """

    id: int
    repository_id: int
    tag_name: str
    created_at: str
    published_at: str | None
    name: str | None
    draft: bool
    prerelease: bool
    immutable: bool
    make_latest: bool
    body: str
    ids: Iterator[int] = field(repr=False)
    clock: Clock = field(repr=False)
    assets: list[Asset] = field(default_factory=list)

    def asset(self, name: str) -> Asset:
        """Return the asset called *name*.

        Raises:
            DeclarationError: There is none.
        """
        for asset in self.assets:
            if asset.name == name:
                return asset
        names = ", ".join(asset.name for asset in self.assets) or "none"
        raise DeclarationError(f"no asset `{name}` in {self.tag_name}", assets=names)

    def add_asset(
        self,
        name: str,
        data: bytes | Content = b"",
        *,
        at: str | None = None,
        digest: str | Digest | None = Digest.COMPUTED,
        state: Literal["uploaded", "open"] = "uploaded",
        content_type: str = "application/octet-stream",
    ) -> Asset:
        """Upload a file.

        Args:
            name: Its name, unique in the release.
            data: Its bytes.
            at: When; by default now.
            digest: The digest that the API publishes.
            state: `open` if the upload is not complete yet.
            content_type: Media type of the download.

        Raises:
            DeclarationError: The name exists, or *at* is not a time.
        """
        if any(asset.name == name for asset in self.assets):
            raise DeclarationError(f"there is an asset `{name}` in {self.tag_name} already")
        moment = at or stamp(self.clock())
        seconds_of(moment)
        asset = Asset(
            id=next(self.ids),
            repository_id=self.repository_id,
            name=name,
            content=content_of(data),
            created_at=moment,
            updated_at=moment,
            content_type=content_type,
            digest=digest,
            state=state,
        )
        self.assets.append(asset)
        return asset

    def replace_asset(self, name: str, data: bytes | Content) -> Asset:
        """Delete a file and upload another of the same name, as maintainers do.

        Id, digest, size, dates and download URL change; the date is always later than it was.

        Raises:
            DeclarationError: There is no file of this name.
        """
        old = self.asset(name)
        self.assets.remove(old)
        later = max(self.clock(), seconds_of(old.updated_at) + 1)
        return self.add_asset(name, data, at=stamp(later), content_type=old.content_type)

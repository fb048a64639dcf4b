"""The state of the fake GitHub; tests build it and change it between requests.

Attributes may be assigned and lists edited at any moment, also while requests are served.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.errors import DeclarationError
from pipeline.testing.github.clock import Clock, seconds_of, stamp
from pipeline.testing.github.content import Content
from pipeline.testing.github.quota import Quota
from pipeline.testing.github.release import Release


@dataclass(slots=True, eq=False, kw_only=True)
class Repository:
    """A repository; `full_name` is changed with `State.rename`.

    Attributes:
        tags: Tags without a release, newest first.
    """

    id: int
    full_name: str
    private: bool
    ids: Iterator[int] = field(repr=False)
    clock: Clock = field(repr=False)
    releases: list[Release] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def add_release(
        self,
        tag: str,
        *,
        assets: Mapping[str, bytes | Content] | None = None,
        created_at: str | None = None,
        published_at: str | None = None,
        name: str | None = None,
        draft: bool = False,
        prerelease: bool = False,
        immutable: bool = False,
        make_latest: bool = False,
        body: str = "",
    ) -> Release:
        """Publish a release, or draft one.

        Args:
            tag: Name of the tag. Drafts may share it with each other and with a release.
            assets: Files by name, dated as the release.
            created_at: Date of the tagged commit; by default that of the publication.
            published_at: Date of the publication; by default now; drafts have none.
            name: Title.
            draft: Only tokens that may push see it.
            prerelease: Never the latest.
            immutable: The field of the API; nothing is enforced.
            make_latest: It is the latest, whatever its dates.
            body: Release notes.

        Raises:
            DeclarationError: A published release has the tag, or a date is invalid.
        """
        taken = any(release.tag_name == tag and not release.draft for release in self.releases)
        if taken and not draft:
            raise DeclarationError(f"there is a release `{tag}` of {self.full_name} already")
        published = published_at or stamp(self.clock())
        created = created_at or published
        for moment in (created, published):
            seconds_of(moment)
        release = Release(
            id=next(self.ids),
            repository_id=self.id,
            tag_name=tag,
            created_at=created,
            published_at=None if draft else published,
            name=name,
            draft=draft,
            prerelease=prerelease,
            immutable=immutable,
            make_latest=make_latest,
            body=body,
            ids=self.ids,
            clock=self.clock,
        )
        for file_name, data in (assets or {}).items():
            release.add_asset(file_name, data, at=published)
        self.releases.append(release)
        return release

    def delete_release(self, release: Release) -> None:
        """Delete a release with its files; its tag stays, and another release may use it."""
        self.releases.remove(release)
        if release.tag_name not in self.sorted_tags():
            self.tags.insert(0, release.tag_name)

    def sorted_tags(self) -> list[str]:
        """Return all tags: those without a release, then those of published ones, each once."""
        published = [r.tag_name for r in self.sorted_releases() if not r.draft]
        return list(dict.fromkeys([*self.tags, *published]))

    def sorted_releases(self) -> list[Release]:
        """Return the releases as the API lists them: latest commit first, then latest id."""
        return sorted(self.releases, key=lambda r: (r.created_at, r.id), reverse=True)

    def latest(self) -> Release | None:
        """Return the latest release: never a draft, never a prerelease."""
        full = [r for r in self.sorted_releases() if not (r.draft or r.prerelease)]
        return next((r for r in full if r.make_latest), full[0] if full else None)


@dataclass(slots=True, eq=False, kw_only=True)
class Account:
    """The sender of a request: anonymous, or the owner of a token.

    Attributes:
        token: None for anonymous requests.
        reads_private: Whether it sees private repositories.
        pushes: Whether it sees drafts.
    """

    token: str | None
    user_id: int
    quota: Quota
    reads_private: bool = False
    pushes: bool = False


class State:
    """All repositories and accounts.

    Args:
        clock: Dates what is added without a date.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.anonymous = Account(token=None, user_id=0, quota=Quota(60))
        self.accounts: dict[str, Account] = {}
        self._ids = itertools.count(1_000_001)
        self._by_id: dict[int, Repository] = {}
        self._by_name: dict[str, Repository] = {}

    def add_repository(self, full_name: str, *, private: bool = False) -> Repository:
        """Create a repository; its name may be the former name of another.

        Args:
            full_name: `OWNER/NAME`.
            private: Only tokens with that right see it.

        Raises:
            DeclarationError: The name is invalid or in use.
        """
        self._check_free(full_name)
        repository = Repository(
            id=next(self._ids),
            full_name=full_name,
            private=private,
            ids=self._ids,
            clock=self.clock,
        )
        self._by_id[repository.id] = repository
        self._by_name[full_name.lower()] = repository
        return repository

    def rename(self, repository: Repository, full_name: str) -> None:
        """Rename a repository; the former name redirects from now on.

        Raises:
            DeclarationError: The name is invalid or in use.
        """
        self._check_free(full_name)
        self._by_name[full_name.lower()] = repository
        repository.full_name = full_name

    def add_token(
        self,
        token: str,
        *,
        user_id: int = 1,
        limit: int = 5000,
        reads_private: bool = True,
        pushes: bool = False,
    ) -> Account:
        """Accept a token.

        Args:
            token: What the client sends.
            user_id: The user that a refusal names when the quota is used up.
            limit: Requests per hour.
            reads_private: Whether it sees private repositories.
            pushes: Whether it sees drafts.
        """
        account = Account(
            token=token,
            user_id=user_id,
            quota=Quota(limit),
            reads_private=reads_private,
            pushes=pushes,
        )
        self.accounts[token] = account
        return account

    def named(self, full_name: str) -> Repository | None:
        """Return the repository that has, or had, this name; case does not matter."""
        return self._by_name.get(full_name.lower())

    def numbered(self, number: int) -> Repository | None:
        """Return the repository with this id."""
        return self._by_id.get(number)

    def _check_free(self, full_name: str) -> None:
        if full_name.count("/") != 1 or "" in full_name.split("/"):
            raise DeclarationError(f"`{full_name}` is no repository", fix="write `OWNER/NAME`")
        holder = self.named(full_name)
        if holder is not None and holder.full_name.lower() == full_name.lower():
            raise DeclarationError(f"there is a repository `{full_name}` already")

"""Extract the members of an archive: check each, and create links last."""

from __future__ import annotations

import posixpath
from pathlib import Path

from pipeline.errors import ArchiveRefusedError
from pipeline.portable_names import complaint, folded
from pipeline.toolchain.archives.members import Kind, Member
from pipeline.toolchain.limits import Limits


class Extractor:
    """Extracts members into a new directory.

    Args:
        archive: The name of the archive, for messages.
        into: An empty directory.
        limits: How many members and bytes are too many.
        most: How many bytes are too many for this archive.
        strip: How many leading directories to remove from each path.
    """

    def __init__(
        self, archive: str, into: Path, limits: Limits, *, most: int, strip: int = 0
    ) -> None:
        self._archive = archive
        self._into = into
        self._limits = limits
        self._strip = strip
        self._most = min(limits.unpacked_bytes, most)
        self._spelt: dict[str, str] = {}
        self._members = 0
        self._bytes = 0
        self._links: dict[str, tuple[Member, str]] = {}

    def add(self, member: Member) -> None:
        """Write a member, or remember a link.

        Raises:
            ArchiveRefusedError: It must not be written.
        """
        self._members += 1
        if self._members > self._limits.members:
            raise self._refuse(member, f"it is one of more than {self._limits.members} members")
        path = self._path(member, member.name)
        if not path:
            return
        self._check_spelling(member, path)
        if member.special:
            raise self._refuse(member, "it would run as another user (setuid or setgid)")
        if member.kind is Kind.DIRECTORY:
            self._make_directory(member, path)
        elif member.kind is Kind.FILE:
            self._write(member, path)
        elif member.kind is Kind.DEVICE:
            raise self._refuse(member, "it is a device, a pipe or a socket")
        else:
            self._remember(member, path)

    def link(self) -> None:
        """Create the links, after everything else is written."""
        hard_first = sorted(self._links.items(), key=lambda item: item[1][0].kind is Kind.LINK)
        for path, (member, target) in hard_first:
            place = self._free(member, path)
            if member.kind is Kind.LINK:
                place.symlink_to(target)
                continue
            origin = self._into / target
            if not origin.is_file() or origin.is_symlink():
                raise self._refuse(member, f"its target {target} is not a file before it")
            place.hardlink_to(origin)

    def _remember(self, member: Member, path: str) -> None:
        if member.kind is Kind.HARD_LINK:
            target = self._path(member, member.link)
        else:
            target = self._checked_target(member, path)
        if path in self._links:
            raise self._refuse(member, "it occurs twice")
        self._links[path] = (member, target)

    def _check_spelling(self, member: Member, path: str) -> None:
        """Refuse names that some file systems, by case or Unicode form, take for another's."""
        while path:
            other = self._spelt.setdefault(folded(path), path)
            if other != path:
                why = f"it is the same as {other!r} on some file systems, so it occurs twice"
                raise self._refuse(member, why)
            path = path.rpartition("/")[0]

    def _path(self, member: Member, name: str) -> str:
        """Return the path below the directory, or "" for a directory that `strip` removes."""
        why = complaint(name)
        if why:
            raise self._refuse(member, why)
        if name.startswith("/"):
            raise self._refuse(member, "its path is absolute")
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if ".." in parts:
            raise self._refuse(member, "its path leads outside")
        if len(parts) <= self._strip and member.kind is not Kind.DIRECTORY:
            raise self._refuse(member, f"it is not inside {self._strip} leading directories")
        return "/".join(parts[self._strip :])

    def _checked_target(self, member: Member, path: str) -> str:
        target = member.link
        if complaint(target) or target.startswith("/"):
            raise self._refuse(member, f"it links to {target}, which is not a relative path")
        # After a step down, `..` would depend on where another link leads: only leading ones.
        steps = [part for part in target.split("/") if part not in {"", "."}]
        down = [index for index, part in enumerate(steps) if part != ".."]
        turns_back = bool(down) and ".." in steps[down[0] :]
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if not steps or turns_back or whole.split("/")[0] == "..":
            raise self._refuse(member, f"it links to {target}, which leads outside")
        return target

    def _make_directory(self, member: Member, path: str) -> None:
        try:
            (self._into / path).mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise self._refuse(member, "a file of that name is there already") from error

    def _free(self, member: Member, path: str) -> Path:
        place = self._into / path
        for parent in place.relative_to(self._into).parents:
            if (self._into / parent).is_symlink():
                raise self._refuse(member, "it lies below a link")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise self._refuse(member, "it lies below a file") from error
        if place.exists() or place.is_symlink():
            raise self._refuse(member, "it occurs twice")
        return place

    def _write(self, member: Member, path: str) -> None:
        place = self._free(member, path)
        if member.open is None:
            raise self._refuse(member, "it has no content")
        with member.open() as source, place.open("xb") as file:
            # Counted while copying: an archive can lie about the sizes in its headers.
            while chunk := source.read(self._limits.chunk_bytes):
                self._bytes += len(chunk)
                if self._bytes > self._most:
                    too_many = f"the archive unpacks to more than {self._most} bytes"
                    raise self._refuse(member, too_many)
                file.write(chunk)
        place.chmod(0o755 if member.run else 0o644)

    def _refuse(self, member: Member, why: str) -> ArchiveRefusedError:
        return ArchiveRefusedError(
            f"{self._archive} is refused for its {member.kind.value} {member.name!r}",
            why=why,
            fix="report it upstream; nothing of the archive is kept",
        )

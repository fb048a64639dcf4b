"""A file of checksums as `sha256sum` writes it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checksums.published import PublishedRelease
from pipeline.errors import DeclarationError


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return one line per file, sorted by name; *left_out* stays as it is.

    Raises:
        DeclarationError: Files of different content have the same name.
    """
    del left_out
    sums: dict[str, tuple[str, str]] = {}
    for release in releases:
        for file in release.files:
            digest, tool = sums.setdefault(file.name, (file.sha256, release.tool))
            if digest != file.sha256:
                raise DeclarationError(
                    f"{tool} and {release.tool} both have a file {file.name}, with other hashes",
                    fix="export them one by one",
                )
    return "".join(f"{digest}  {name}\n" for name, (digest, _) in sorted(sums.items()))

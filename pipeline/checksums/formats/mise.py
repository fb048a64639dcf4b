"""mise.lock: https://mise.jdx.dev/dev-tools/mise-lock.html.

The file has no `lockfile_version`: without one, old and new mise read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.checksums.published import GITHUB, PublishedFile, PublishedRelease

PLATFORMS: Final[Mapping[str, str]] = {
    "linux_amd64": "linux-x64",
    "linux_arm64": "linux-arm64",
    "darwin_amd64": "macos-x64",
    "darwin_arm64": "macos-arm64",
    "windows_amd64": "windows-x64",
    "windows_arm64": "windows-arm64",
}
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_CORE: Final = {"go": "go", "nodejs": "node"}
"""The tools that mise itself knows, by the source of their releases."""


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return the lock, after the lines of mise.toml that it belongs to, as a comment.

    A tool keeps the name that it has here, as an alias: two tools may share a repository.
    """
    aliases, versions, tables = [], [], []
    for release in releases:
        name = _CORE.get(release.source, release.tool)
        key = name if _BARE.fullmatch(name) else json.dumps(name)
        if release.source == GITHUB:
            aliases.append(f'{key} = "github:{release.repository}"')
        versions.append(f"{key} = {json.dumps(release.version)}")
        tables.append("\n".join(_table(release, key, left_out)))
    config = ["[settings]", "lockfile = true"]
    config += ["[tool_alias]", *aliases] if aliases else []
    config += ["[tools]", *versions]
    head = "".join(f"# {line}\n" for line in ["mise.toml that this lock is for:", *config])
    return head + "".join(f"\n{table}\n" for table in tables)


def _table(release: PublishedRelease, key: str, left_out: list[str]) -> Iterator[str]:
    core = _CORE.get(release.source)
    yield f"[[tools.{key}]]"
    yield f"version = {json.dumps(release.version)}"
    yield f'backend = "{f"core:{core}" if core else f"github:{release.repository}"}"'
    for file in release.files:
        platform = PLATFORMS.get(file.platform)
        if platform is None:
            left_out.append(
                f"{release.tool} {release.version} {file.platform}: mise has no such platform"
            )
            continue
        yield ""
        yield f'[tools.{key}."platforms.{platform}"]'
        yield from _lines(file)


def _lines(file: PublishedFile) -> Iterator[str]:
    yield f'checksum = "sha256:{file.sha256}"'
    if file.size is not None:
        yield f"size = {file.size}"
    yield f"url = {json.dumps(file.url)}"

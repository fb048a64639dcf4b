"""A project with one tool, whose release the fake GitHub has."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.commands.lock import Lock as LockCommand
from pipeline.testing.github import FakeGitHub
from pipeline.toolchain.platform import PLATFORMS

OLD, NEW = "1.2.0", "1.3.0"
HERE = ("linux_amd64", "darwin_arm64", "windows_amd64")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def asset(version: str, platform: str) -> str:
    return f"t-{version}-{platform}.tar.gz"


def content(version: str, platform: str) -> bytes:
    return f"{version} for {platform}".encode() * 100


class Place:
    """A project with one tool, whose release the fake GitHub has."""

    def __init__(self, root: Path, github: FakeGitHub) -> None:
        self.directory = root / "toolchains"
        self.directory.mkdir()
        self.file = self.directory / "t.toml"
        self.path = self.directory / "lock.json"
        self.repository = github.add_repository("o/t")
        self.release(OLD)
        missing = "".join(f'{p} = "upstream publishes none"\n' for p in PLATFORMS if p not in HERE)
        platforms = "".join(
            f"[source.platforms.{p}]\n"
            f'asset = "{asset(OLD, p)}"\nsha256 = "{sha256(content(OLD, p))}"\n'
            'confirmed_by = ["somebody"]\n'
            for p in HERE
        )
        self.file.write_text(
            f'# What t is for.\nversion = "{OLD}"\nexecutables = ["bin/t{{exe}}"]\n[missing]\n'
            f'{missing}\n# The best.\n[[source]]\nkind = "github"\nrepo = "o/t"\ntag = "v{OLD}"\n'
            f"strip = 1\n{platforms}\n# The other, with a comment.\n[[source]]\n"
            f'kind = "crate"\npackage = "t@{OLD}"\nsha256 = "{"b" * 64}"\n'
            f"platforms.linux_amd64 = {{}}\n"
        )

    def release(self, version: str, **keywords: object) -> object:
        assets = {asset(version, platform): content(version, platform) for platform in HERE}
        return self.repository.add_release(f"v{version}", assets=assets, **keywords)

    def run(self, *words: str, check: bool = False, fetch: bool = False) -> int:
        options = {"tools": str(self.directory), "check": check, "fetch": fetch}
        return LockCommand().execute(options, words)

    def rows(self, platform: str = "linux_amd64") -> list[dict[str, object]]:
        return json.loads(self.path.read_text())["tools"]["t"][platform]

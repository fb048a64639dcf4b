"""The updater as a user runs it: launcher, a directory of checksums, servers on loopback."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.testing.github import FakeGitHub, Pattern, Release
from pipeline.testing.project import Run

WAC = [
    "wac-cli-aarch64-apple-darwin",
    "wac-cli-aarch64-unknown-linux-musl",
    "wac-cli-x86_64-apple-darwin",
    "wac-cli-x86_64-pc-windows-gnu",
    "wac-cli-x86_64-unknown-linux-musl",
]
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Updater:
    """The launcher with the composed updater.

    Attributes:
        built: Directory of the composed and the precompiled component.
        checksums: The directory that is kept up to date, of this test alone.
        home: Where the launcher's state goes.
        github: The servers that are polled.
    """

    built: Path
    checksums: Path
    home: Path
    github: FakeGitHub

    @property
    def wasmtime(self) -> str:
        """The runtime that has compiled the component."""
        return (self.built / "updater.wasmtime").read_text(encoding="utf-8").strip()

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "pipeline.updater", *args]

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        ours = {
            "PYTHONPATH": str(ROOT),
            "DOIT_WASM_UPDATER": str(self.built),
            "DOIT_WASM_STORE": str(self.home),
            "GITHUB_API_URL": self.github.api_url,
            "CHECKSUM_UPDATER_HOSTS": "127.0.0.1,localhost",
        }
        return {**os.environ, **ours, **(env or {})}

    def __call__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        seconds: float = 120,
        under: Sequence[str] = (),
    ) -> Run:
        """Run it to its end, by a command that begins with the words *under*."""
        done = subprocess.run(
            [*under, *self.command(*args)], cwd=self.checksums.parent, env=self.environment(env),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return self._started(self.command(*args), env)

    def start_bare(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start the composed component without the launcher, which holds the lock for it."""
        return self._started(self.bare(*args, variables=env or {}), env)

    def bare(
        self, *args: str, variables: Iterable[str] = (), rights: Sequence[str] = ()
    ) -> list[str]:
        """Return the words that run the component under wasmtime, with variables by name."""
        names = ["GITHUB_API_URL", "CHECKSUM_UPDATER_HOSTS", *variables]
        words = [self.wasmtime, "run", "--allow-precompiled", "-S", "http"]
        words += ["--dir", f"{self.checksums}::/checksums", *(f"--env={name}" for name in names)]
        return [*words, *rights, str(self.built / "updater.cwasm"), *args]

    def _started(
        self, words: Sequence[str], env: Mapping[str, str] | None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            words, cwd=self.checksums.parent, env=self.environment(env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def file(self, tool: str) -> Path:
        return self.checksums / "tools" / f"{tool}.json"

    def document(self, tool: str) -> dict[str, Any]:
        return json.loads(self.file(tool).read_text(encoding="utf-8"))

    def write(self, tool: str, document: object) -> bytes:
        """Write a tool file in the canonical form and return its bytes."""
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        self.file(tool).write_text(text, encoding="utf-8")
        return text.encode()

    def set(self, tool: str, **keys: object) -> None:
        """Set keys of a tool's entry in tools.toml."""
        path = self.checksums / "tools.toml"
        head, mark, tail = path.read_text(encoding="utf-8").partition(f"[{tool}]\n")
        assert mark, f"tools.toml has no [{tool}]"
        body, rest = tail.split("\n\n", 1) if "\n\n" in tail else (tail, "")
        kept = [line for line in body.splitlines() if line.split(" =")[0] not in keys]
        kept += [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
        path.write_text(f"{head}{mark}{chr(10).join(kept)}\n\n{rest}", encoding="utf-8")

    def watch(self, text: str) -> None:
        """Replace the whole of tools.toml."""
        (self.checksums / "tools.toml").write_text(text, encoding="utf-8")

    def snapshot(self) -> dict[str, bytes | str]:
        """Return all files of the directory by name; of a link, where it leads."""
        return {
            str(path.relative_to(self.checksums)): (
                f"-> {path.readlink()}" if path.is_symlink() else path.read_bytes()
            )
            for path in sorted(self.checksums.rglob("*"))
            if (path.is_symlink() or path.is_file()) and path.name not in {".lock", ".updating"}
        }


def assets(seed: int = 0, size: int = 300_000) -> dict[str, Pattern]:
    """Return a file for each platform of wac, all different."""
    return {name: Pattern(size + at, seed=seed + at) for at, name in enumerate(WAC)}


def digests(release: Release) -> dict[str, str]:
    """Return the digest of each file of a release, by its name."""
    return {asset.name: asset.content.sha256 for asset in release.assets}


def recorded(document: Mapping[str, Any], version: str) -> dict[str, str]:
    """Return the digests that a tool file has of a version, by the name of the asset."""
    platforms = document["versions"][version]["platforms"].values()
    return {entry["asset"]: entry["sha256"] for entry in platforms}


def tool_file(name: str, repository: str, version: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a tool file with one version, each platform with a digest of its own."""
    return {
        "tool_name": name,
        "github_repo": repository,
        "latest_version": version,
        "supported_platforms": sorted(names),
        "versions": {
            version: {
                "release_date": "2026-01-01",
                "tag": f"v{version}",
                "platforms": {
                    platform: {
                        "asset": asset,
                        "sha256": Pattern(100, seed=zlib.crc32(asset.encode()) + at).sha256,
                        "url_suffix": asset,
                    }
                    for at, (platform, asset) in enumerate(names.items())
                },
            }
        },
    }

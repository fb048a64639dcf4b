"""Runs the composed updater against the fake GitHub: no token, no network beyond loopback.

    python -m pipeline.testing.demo CHECKSUMS

Every tool of CHECKSUMS gets a repository with the release that is recorded; some get a newer one,
one of them with an asset that is not there yet. `checksum-updater` then updates that directory from
the server, and what it wrote is compared with what was served.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline import documents, process
from pipeline.errors import CheckError, exit_code_of
from pipeline.testing.github import FakeGitHub, Pattern

# Versions that exist upstream; the bytes that are served here are not upstream's.
NEWER = {"wac": "0.12.0", "wasm-tools": "1.262.0", "wasmtime": "49.0.4", "wkg": "0.16.0"}
INCOMPLETE = {"binaryen": "132"}
ASSET_BYTES = 8 << 20

Watched = Mapping[str, Mapping[str, Any]]


def shown(checksums: Path) -> dict[str, Mapping[str, Any]]:
    """Return the entries of recorded tools on GitHub whose releases are watched by version."""
    watched = documents.read_toml(checksums / "tools.toml")
    return {
        tool: watch
        for tool, watch in watched.items()
        if "repository" in watch and "assets" in watch and not watch.get("rolling")
        if (checksums / "tools" / f"{tool}.json").is_file()
    }


def release(github: FakeGitHub, watched: Watched, checksums: Path) -> dict[str, Pattern]:
    """Add all repositories and releases to the server; return the content of each new asset."""
    served: dict[str, Pattern] = {}
    for tool, watch in watched.items():
        known = json.loads((checksums / "tools" / f"{tool}.json").read_text(encoding="utf-8"))
        repository = github.state.named(watch["repository"])
        repository = repository or github.add_repository(watch["repository"])
        old = known["latest_version"]
        tag = watch["tag"].replace("{version}", old)
        recorded = next((it for it in repository.releases if it.tag_name == tag), None)
        if recorded is None:
            date = known["versions"][old]["release_date"]
            recorded = repository.add_release(tag, published_at=f"{date}T09:00:00Z")
        for entry in known["versions"][old]["platforms"].values():
            # Never fetched: the API's digest is compared with the recorded one.
            recorded.add_asset(entry["asset"], b"", digest=f"sha256:{entry['sha256']}")
        new = NEWER.get(tool) or INCOMPLETE.get(tool)
        if new is None:
            continue
        names = [name.replace("{version}", new) for name in sorted(watch["assets"].values())]
        present = names[1:] if tool in INCOMPLETE else names
        assets = {
            name: Pattern(ASSET_BYTES, seed=len(served) + at) for at, name in enumerate(present)
        }
        tag = watch["tag"].replace("{version}", new)
        repository.add_release(tag, assets=assets, published_at="2026-11-20T12:00:00Z")
        served |= assets
    return served


def compare(checksums: Path, served: Mapping[str, Pattern]) -> int:
    """Compare the recorded hashes with the served bytes; return how many agree.

    Raises:
        CheckError: A recorded hash is not that of the bytes.
    """
    agreed = 0
    for tool, version in NEWER.items():
        document = json.loads((checksums / "tools" / f"{tool}.json").read_text(encoding="utf-8"))
        platforms = document["versions"].get(version, {}).get("platforms", {})
        if not platforms or document["latest_version"] != version:
            raise CheckError(f"the updater did not record {tool} {version}")
        for entry in platforms.values():
            if entry["sha256"] != served[entry["asset"]].sha256:
                raise CheckError(f"the hash recorded for {entry['asset']} is not that of its bytes")
            agreed += 1
    return agreed


def run(checksums: Path) -> str:
    """Run the demonstration on *checksums*, which it changes, and return what to show.

    Raises:
        CommandError: The updater failed.
        CheckError: It recorded hashes of other bytes than the served ones.
    """
    watched = shown(checksums)
    with FakeGitHub() as github, TemporaryDirectory() as store:
        served = release(github, watched, checksums)
        env = {
            **os.environ,
            "GITHUB_API_URL": github.api_url,
            "CHECKSUM_UPDATER_HOSTS": "127.0.0.1,localhost",
            # Its cache of polls would be useless, because this server never runs again.
            "DOIT_WASM_STORE": store,
        }
        updater = [sys.executable, "-m", "pipeline.updater", "--dir", str(checksums)]
        output = process.run([*updater, "update", *watched], env=env, seconds=300).output
        requests = [request.site for request in github.requests]
    counts = ", ".join(f"{requests.count(site)} to the {site}" for site in sorted(set(requests)))
    agreed = compare(checksums, served)
    return (
        f"{output}{agreed} hashes were recorded, all equal to those of the bytes served; "
        f"requests: {counts}\n"
    )


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.testing.demo", description=__doc__)
    parser.add_argument("checksums", type=Path)
    args = parser.parse_args()

    def work() -> None:
        sys.stdout.write(run(args.checksums))

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""What the updater has recorded is what the summary says and the exports hold."""

import json
import subprocess
from pathlib import Path

from pipeline.commands.export import Export
from pipeline.commands.summary import Summary
from pipeline.testing.github import Release
from updater.harness import Updater, digests


def git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@t.test"]
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def test_the_summary_and_the_exports_have_the_hashes_of_the_bytes_that_were_served(
    updater: Updater, release: Release, tmp_path: Path
) -> None:
    root = updater.checksums.parent
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "recorded")
    assert updater("update", "wac").code == 0

    out = tmp_path / "out"
    where = {"checksums": str(updater.checksums), "output": str(out)}
    options = {"since": "HEAD", "as_json": True, "title": False, "releases": str(tmp_path)}
    assert Summary().execute({**where, **options}, []) == 0
    (update,) = json.loads(out.read_text())["updates"]
    assert (update["tool"], update["before"], update["after"]) == ("wac", "0.9.0", "0.12.0")
    assert {row["name"]: row["sha256"] for row in update["assets"]} == digests(release)
    assert {tuple(row["confirmed_by"]) for row in update["assets"]} == {("bytes", "digest")}
    assert update["size"] == sum(asset.content.size for asset in release.assets)

    assert Export().execute(where, ["sha256sums", "wac"]) == 0
    lines = (line.split("  ") for line in out.read_text().splitlines())
    assert {name: digest for digest, name in lines} == digests(release)

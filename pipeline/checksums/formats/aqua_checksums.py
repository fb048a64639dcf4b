"""aqua-checksums.json: https://aquaproj.github.io/docs/reference/security/checksum."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.checksums.published import GITHUB, PublishedRelease


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return the checksums, sorted; *left_out* gets the releases that are not on GitHub."""
    rows = []
    for release in releases:
        if release.source != GITHUB:
            why = "aqua does not document the id of a file that is not on GitHub"
            left_out.append(f"{release.tool} {release.version}: {why}")
            continue
        place = f"github_release/github.com/{release.repository}/{release.tag}"
        rows += [
            {"id": f"{place}/{file.name}", "checksum": file.sha256, "algorithm": "sha256"}
            for file in release.files
        ]
    unique = {row["id"]: row for row in rows}
    checksums = [unique[name] for name in sorted(unique)]
    return json.dumps({"checksums": checksums}, indent=2, ensure_ascii=False) + "\n"

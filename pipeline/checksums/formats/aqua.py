"""registry.yaml of an aqua registry: https://aquaproj.github.io/docs/reference/registry-config.

Each entry is for exactly the recorded version, with the file names as they are recorded: nothing
is derived from patterns that the next release may break. The hashes are in aqua-checksums.json.
Which programs an archive holds is not recorded: `files` of an archive is for a person to add.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.checksums.published import GITHUB, PublishedFile, PublishedRelease

PLATFORMS: Final[Mapping[str, tuple[str, str]]] = {
    f"{system}_{machine}": (system, machine)
    for system in ("linux", "darwin", "windows")
    for machine in ("amd64", "arm64")
}


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return the registry; *left_out* gets the platforms that aqua does not know."""
    shared = Counter(release.repository for release in releases)
    lines = ["packages:"]
    for release in releases:
        files = [file for file in release.files if file.platform in PLATFORMS]
        left_out += [
            f"{release.tool} {release.version} {file.platform}: aqua has no such platform"
            for file in release.files
            if file not in files
        ]
        if files:
            lines += _package(release, files, alone=shared[release.repository] == 1)
    return "\n".join(lines) + "\n" if len(lines) > 1 else "packages: []\n"


def _package(
    release: PublishedRelease, files: Sequence[PublishedFile], *, alone: bool
) -> Iterator[str]:
    if release.source == GITHUB:
        owner, _, name = release.repository.partition("/")
        full = release.repository if alone else f"{release.repository}/{release.tool}"
        yield "  - type: github_release"
        yield f"    name: {_text(full)}"
        yield f"    repo_owner: {_text(owner)}"
        yield f"    repo_name: {_text(name)}"
    else:
        yield "  - type: http"
        yield f"    name: {_text(release.tool)}"
    yield '    version_constraint: "false"'
    yield "    version_overrides:"
    yield f"      - version_constraint: {_text(f'Version == {json.dumps(release.tag)}')}"
    yield "        supported_envs:"
    yield from (f"          - {'/'.join(PLATFORMS[file.platform])}" for file in files)
    yield "        overrides:"
    for file in files:
        yield from _override(release, file)


def _override(release: PublishedRelease, file: PublishedFile) -> Iterator[str]:
    system, machine = PLATFORMS[file.platform]
    yield f"          - goos: {system}"
    yield f"            goarch: {machine}"
    if release.source == GITHUB:
        yield f"            asset: {_text(_literal(file.name))}"
    else:
        yield f"            url: {_text(_literal(file.url))}"
    yield f"            format: {file.archive or 'raw'}"
    if not file.archive:
        # aqua would add .exe to the name of the asset.
        yield from ["            complete_windows_ext: false"] * (system == "windows")
        yield "            files:"
        yield f"              - name: {_text(release.tool)}"


def _text(text: str) -> str:
    """Return a scalar of YAML; a string of JSON is one."""
    return json.dumps(text, ensure_ascii=False)


def _literal(text: str) -> str:
    """Return *text* as a template of Go that yields it."""
    return text.replace("{{", '{{"{{"}}')

"""`toolchains/TOOL.toml` of this package: docs/reference/toolchains.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.checksums.published import GITHUB, PublishedFile, PublishedRelease
from pipeline.errors import DeclarationError

PLATFORMS: Final = (
    *("linux_amd64", "linux_arm64", "darwin_amd64"),
    *("darwin_arm64", "windows_amd64", "windows_arm64"),
)

_ABSENT: Final = "the release has no file for it"
_UNPACKED: Final = {"tar.gz", "tgz", "tar.xz", "zip"}


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return the TOML file of one tool.

    Which programs an archive holds is not recorded: `executables` is for a person to add, unless
    the file is the program.

    Raises:
        DeclarationError: There is not exactly one tool, or it has no file for any platform.
    """
    if len(releases) != 1:
        named = ", ".join(release.tool for release in releases) or "none"
        fix = "name one tool: `doit-wasm export toolchain TOOL`"
        raise DeclarationError(f"a toolchain file is of one tool, not of {named}", fix=fix)
    (release,) = releases
    why = {file.platform: _unable(file) for file in release.files}
    files = [file for file in release.files if not why[file.platform]]
    left_out += [
        f"{release.tool} {release.version} {platform}: {reason}"
        for platform, reason in why.items()
        if reason
    ]
    if not files:
        raise DeclarationError(
            f"{release.tool} {release.version} has no file that a tool can be made of",
            fix=f"a tool's file is for {', '.join(PLATFORMS)}",
            left_out="".join(f"\n    {line}" for line in left_out),
        )
    return "\n".join(_lines(release, files, why)) + "\n"


def _unable(file: PublishedFile) -> str:
    """Return why a tool cannot be made of a file; "" if it can."""
    if file.platform not in PLATFORMS:
        return "a tool's file has no such platform"
    if file.archive and file.archive not in _UNPACKED:
        return f"an archive of the form {file.archive} is not unpacked"
    if not file.archive and not file.runs:
        return f"{file.name} is neither an archive nor a program"
    return ""


def _lines(
    release: PublishedRelease, files: Sequence[PublishedFile], why: Mapping[str, str]
) -> Iterator[str]:
    yield f"version = {_text(release.version)}"
    if all(file.runs for file in files):
        yield f"executables = [{_text(_program(release))}]"
    missing = [platform for platform in PLATFORMS if why.get(platform, _ABSENT)]
    if missing:
        yield ""
        yield "[missing]"
        yield from (f"{platform} = {_text(why.get(platform, _ABSENT))}" for platform in missing)
    yield ""
    yield "[[source]]"
    if release.source == GITHUB:
        yield 'kind = "github"'
        yield f"repo = {_text(release.repository)}"
        yield f"tag = {_text(release.tag)}"
    else:
        yield 'kind = "url"'
    for file in files:
        yield from _platform(release, file)


def _platform(release: PublishedRelease, file: PublishedFile) -> Iterator[str]:
    yield ""
    yield f"[source.platforms.{file.platform}]"
    if release.source == GITHUB:
        yield f"asset = {_text(file.name)}"
    else:
        yield f"url = {_text(file.url)}"
    yield f"sha256 = {_text(file.sha256)}"
    if file.prefix:
        yield f"strip = {len([part for part in file.prefix.split('/') if part])}"
    elif not file.archive:
        yield f"file = {_text(_program(release))}"
    others = [who.removeprefix("registry:") for who in file.confirmed_by if ":" in who]
    if others:
        yield f"confirmed_by = [{', '.join(map(_text, others))}]"


def _program(release: PublishedRelease) -> str:
    return f"bin/{release.tool}{{exe}}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

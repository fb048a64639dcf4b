"""An attribute set of Nix.

fetchurl { inherit ((import ./tools.nix).wac.files.x86_64-linux) url hash name; }
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.checksums.published import PublishedFile, PublishedRelease

SYSTEMS: Final[Mapping[str, str]] = {
    "linux_amd64": "x86_64-linux",
    "linux_arm64": "aarch64-linux",
    "darwin_amd64": "x86_64-darwin",
    "darwin_arm64": "aarch64-darwin",
    "windows_amd64": "x86_64-windows",
    "windows_arm64": "aarch64-windows",
}
"""The systems of Nix by platform; others keep their name."""

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS: Final = {"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"}
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "\\${"}
_ESCAPED: Final = re.compile(r'["\\\n\r\t]|\$\{')


def render(releases: Sequence[PublishedRelease], left_out: list[str]) -> str:
    """Return the attributes, by tool; *left_out* stays as it is."""
    del left_out
    lines = ["{"]
    for release in releases:
        lines += _tool(release)
    return "\n".join([*lines, "}"]) + "\n"


def _tool(release: PublishedRelease) -> Iterator[str]:
    yield f"  {_name(release.tool)} = {{"
    yield f"    version = {_text(release.version)};"
    yield "    files = {"
    for file in release.files:
        yield from _file(file)
    yield "    };"
    yield "  };"


def _file(file: PublishedFile) -> Iterator[str]:
    hash_ = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    yield f"      {_name(SYSTEMS.get(file.platform, file.platform))} = {{"
    yield f"        name = {_text(_store_name(file.name))};"
    yield f"        url = {_text(file.url)};"
    yield f'        hash = "sha256-{hash_}";'
    yield "      };"


def _store_name(name: str) -> str:
    """Return *name* with each character replaced that a path of the Nix store cannot have."""
    return re.sub(r"[^A-Za-z0-9+._?=-]", "-", name).lstrip(".")


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _WORDS else _text(name)


def _text(text: str) -> str:
    return f'"{_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)}"'

"""What is recorded, in the formats of other tools; one module per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.checksums.formats import aqua, aqua_checksums, mise, nix, sha256sums, toolchain
from pipeline.checksums.published import PublishedRelease

Render = Callable[[Sequence[PublishedRelease], list[str]], str]
"""Returns the text; adds to the list what the format cannot hold, and why."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that releases are exported in.

    Attributes:
        about: What reads it.
        render: Writes it.
    """

    about: str
    render: Render


FORMATS: Final[Mapping[str, Format]] = {
    "sha256sums": Format("a file for `sha256sum --check`", sha256sums.render),
    "mise": Format("mise.lock, with the lines of mise.toml as a comment", mise.render),
    "aqua": Format("registry.yaml of an aqua registry", aqua.render),
    "aqua-checksums": Format("aqua-checksums.json", aqua_checksums.render),
    "nix": Format("attributes for fetchurl, by tool and system", nix.render),
    "toolchain": Format("toolchains/TOOL.toml of one tool", toolchain.render),
}

"""The kinds of sources; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.toolchain.sources.base import Source
from pipeline.toolchain.sources.crate import Crate
from pipeline.toolchain.sources.debian import Debian
from pipeline.toolchain.sources.github import GithubRelease
from pipeline.toolchain.sources.go_build import GoBuild
from pipeline.toolchain.sources.go_module import GoModule
from pipeline.toolchain.sources.pypi import PypiWheel
from pipeline.toolchain.sources.rustup import Rustup
from pipeline.toolchain.sources.url import Url

_ALL: Final = (GithubRelease, Url, PypiWheel, Crate, GoModule, GoBuild, Rustup, Debian)

KINDS: Final[Mapping[str, type[Source]]] = {kind.kind: kind for kind in _ALL}

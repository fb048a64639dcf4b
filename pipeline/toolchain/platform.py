"""The names of platforms in TOML files."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from pipeline.errors import DeclarationError
from pipeline.host import machine

PLATFORMS: Final = (
    "linux_amd64",
    "linux_arm64",
    "darwin_amd64",
    "darwin_arm64",
    "windows_amd64",
    "windows_arm64",
)

_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}

# What rustc calls each.
TRIPLES: Final[Mapping[str, str]] = {
    "linux_amd64": "x86_64-unknown-linux-gnu",
    "linux_arm64": "aarch64-unknown-linux-gnu",
    "darwin_amd64": "x86_64-apple-darwin",
    "darwin_arm64": "aarch64-apple-darwin",
    "windows_amd64": "x86_64-pc-windows-msvc",
    "windows_arm64": "aarch64-pc-windows-msvc",
}


def current() -> str:
    """Return the platform of this machine: one of `PLATFORMS`.

    Raises:
        DeclarationError: This machine is none of them.
    """
    system, known = sys.platform, machine()
    try:
        return f"{_SYSTEMS[system]}_{_MACHINES[known.lower()]}"
    except KeyError as error:
        raise DeclarationError(
            f"no toolchain is pinned for {system} on {known}",
            fix=f"build on one of {', '.join(PLATFORMS)}",
        ) from error


def libc() -> str:
    """Return the version of the C library that programs built here need, such as `glibc 2.36`.

    It is "" where it has no such version: programs built there run on any machine of the platform.
    """
    if sys.platform == "linux":
        with suppress(ValueError, OSError):
            return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return ""


def exe(name: str) -> str:
    """Return the suffix of program names on the platform *name*, which `{exe}` stands for."""
    return ".exe" if name.startswith("windows_") else ""

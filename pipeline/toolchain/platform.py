"""Name the platform that we run on, in the words of the TOML files."""

from __future__ import annotations

import platform

from pipeline.errors import DeclarationError

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def current() -> str:
    """Return `linux_amd64`, `linux_arm64`, `darwin_amd64` or `darwin_arm64`.

    Raises:
        DeclarationError: We run on something else.
    """
    system, machine = platform.system(), platform.machine()
    try:
        return f"{_SYSTEMS[system]}_{_MACHINES[machine.lower()]}"
    except KeyError as error:
        raise DeclarationError(
            f"no toolchain is pinned for {system} on {machine}",
            fix="build on Linux or macOS, on an x86-64 or 64-bit ARM processor",
        ) from error

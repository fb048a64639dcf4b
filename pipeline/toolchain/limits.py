"""How long and how large things may get."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a stranger's server or archive can make us do."""

    connect_seconds: float = 3.0  # name resolution included
    stall_seconds: float = 30.0  # without one byte
    redirects: int = 10
    chunk_bytes: int = 262_144
    download_bytes: int = 4 << 30
    unpacked_bytes: int = 8 << 30
    unpacked_ratio: int = 250  # what an archive may grow by; real ones stay below 20
    unpacked_floor_bytes: int = 16 << 20  # whatever its ratio
    members: int = 200_000
    quiet_seconds: float = 2.0  # before progress is shown

"""Bounds on time and size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a server or an archive can cost us."""

    connect_seconds: float = 3.0  # name resolution included
    stall_seconds: float = 30.0  # below stall_bytes_per_second
    stall_bytes_per_second: float = 1024.0
    total_seconds: float = 3600.0  # for one file, all attempts and waits together
    attempts: int = 5  # in a row that each deliver less than fruitful_bytes
    fruitful_bytes: int = 1 << 20
    backoff_seconds: float = 0.5  # before the second attempt, then doubled each time
    wait_seconds: float = 60.0  # the longest wait that a server may request
    redirects: int = 10
    chunk_bytes: int = 1 << 20
    document_bytes: int = 16 << 20  # the longest response of an API
    download_bytes: int = 4 << 30
    unpacked_bytes: int = 8 << 30
    unpacked_ratio: int = 250  # unpacked bytes per archive byte; real archives stay below 20
    unpacked_floor_bytes: int = 16 << 20  # always allowed, whatever the ratio
    members: int = 200_000
    quiet_seconds: float = 2.0  # before progress is shown
    kept_seconds: float = 86_400.0  # how long a complete download stays
    part_seconds: float = 30 * 86_400.0  # how long a partial download can be resumed

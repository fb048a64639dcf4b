"""How long and how large things may get."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a stranger's server or archive can make us do."""

    connect_seconds: float = 3.0  # name resolution included
    stall_seconds: float = 30.0  # with less than stall_bytes_per_second
    stall_bytes_per_second: float = 1024.0
    total_seconds: float = 3600.0  # for one file, all attempts and waits together
    attempts: int = 5  # in a row that bring less than fruitful_bytes
    fruitful_bytes: int = 1 << 20
    backoff_seconds: float = 0.5  # before the second attempt, then doubled each time
    wait_seconds: float = 60.0  # the longest wait that a server may ask for
    redirects: int = 10
    chunk_bytes: int = 1 << 20
    document_bytes: int = 16 << 20  # what an API may answer
    download_bytes: int = 4 << 30
    unpacked_bytes: int = 8 << 30
    unpacked_ratio: int = 250  # what an archive may grow by; real ones stay below 20
    unpacked_floor_bytes: int = 16 << 20  # whatever its ratio
    members: int = 200_000
    quiet_seconds: float = 2.0  # before progress is shown
    kept_seconds: float = 86_400.0  # how long a whole download is kept for others
    part_seconds: float = 30 * 86_400.0  # how long a part of one is kept to go on with

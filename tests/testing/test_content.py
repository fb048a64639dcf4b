"""Assets that are made while they are sent."""

import hashlib
from collections.abc import Callable

import requests

from pipeline.testing.github import FakeGitHub, Pattern, Repository

Get = Callable[..., requests.Response]


def test_a_pattern_of_a_gibibyte_needs_no_memory(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    size = 2**30
    (asset,) = repo.add_release("v1", assets={"huge": Pattern(size)}).assets
    asset.digest = None
    asset.served = Pattern(size, seed=1)
    url = get(f"{github.web_url}/o/r/releases/download/v1/huge").headers["Location"]
    reply = get(url, {"Range": f"bytes={size - 10}-"})
    assert reply.headers["Content-Range"] == f"bytes {size - 10}-{size - 1}/{size}"
    assert len(reply.content) == 10


def test_a_pattern_is_the_same_bytes_in_any_pieces() -> None:
    pattern, size = Pattern(1_000_000), 1_000_000
    whole = b"".join(pattern.pieces(0, size))
    assert len(whole) == pattern.size == size
    assert hashlib.sha256(whole).hexdigest() == pattern.sha256
    for start, stop in [(0, 1), (262_143, 262_145), (500_000, 900_000), (999_999, size), (5, 5)]:
        assert b"".join(pattern.pieces(start, stop)) == whole[start:stop]
    assert whole[:262_144] != whole[262_144:524_288]
    assert Pattern(1_000_000, seed=1).sha256 != pattern.sha256

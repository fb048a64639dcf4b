"""The action cache stays within its bound, whoever uses it at once."""

import os
import threading
from pathlib import Path

import pytest

from pipeline import tree
from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.result import Result


def put(cache: LocalCache, tmp_path: Path, key: str, size: int) -> None:
    """Put a result whose one output has *size* bytes."""
    output, said = tmp_path / f"made-{key}", tmp_path / "said"
    output.write_bytes(key.encode() * size)
    said.write_text("")
    result = Result.of(key, {"o": tree.seen(output)}, said)
    for digest, path in [*result.files({"o": output}), (result.said, said)]:
        cache.put_blob(digest, path)
    cache.put(key, result)


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, messages: list[str]) -> LocalCache:
    return LocalCache(tmp_path / "cache", 1000, messages.append)


def test_what_was_not_used_for_longest_goes_first(cache: LocalCache, tmp_path: Path) -> None:
    for key in "abc":
        put(cache, tmp_path, key, 300)
    assert cache.get("a") is not None  # used now
    put(cache, tmp_path, "d", 300)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]
    assert cache.bytes() == 900


def test_the_bound_holds_on_disk(cache: LocalCache, tmp_path: Path) -> None:
    for number in range(40):
        put(cache, tmp_path, f"{number:02}", 50 + 7 * number % 100)
        held = sum(path.stat().st_size for path in (tmp_path / "cache/blobs").glob("*/*"))
        assert held == cache.bytes() <= 1000
    assert cache.get("39") is not None


def test_a_result_larger_than_the_bound_is_not_kept(cache: LocalCache, tmp_path: Path) -> None:
    put(cache, tmp_path, "a", 2000)
    assert cache.get("a") is None
    assert list((tmp_path / "cache/blobs").glob("*/*")) == []


def test_a_blob_that_two_results_need_stays_while_one_is_left(
    cache: LocalCache, tmp_path: Path
) -> None:
    output, said = tmp_path / "made", tmp_path / "said"
    output.write_bytes(b"x" * 600)
    said.write_text("")
    shared = Result.of("s", {"o": tree.seen(output)}, said)
    cache.put_blob(shared.outputs["o"][0].content, output)
    cache.put("old", shared)
    cache.put("new", shared)
    put(cache, tmp_path, "b", 500)  # too much: `old` goes, and it is still too much: `new`
    assert [key for key in ("old", "new", "b") if cache.get(key)] == ["b"]
    cache.limit = 2000
    cache.put_blob(shared.outputs["o"][0].content, output)
    cache.put("old", shared)
    cache.put("new", shared)
    put(cache, tmp_path, "c", 500)
    cache.prune(1700)
    assert cache.get("new") is not None
    assert cache.get_blob(shared.outputs["o"][0].content, tmp_path / "copy")


def test_pruning_removes_what_killed_processes_left(cache: LocalCache, tmp_path: Path) -> None:
    put(cache, tmp_path, "a", 10)
    for name in ("tmp/abc", "blobs/ff/ffff"):
        left = tmp_path / "cache" / name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text("left")
        os.utime(left, (1, 1))
    young = tmp_path / "cache/tmp/young"
    young.write_text("being written")
    cache.prune(1000)
    assert not (tmp_path / "cache/tmp/abc").exists()
    assert not (tmp_path / "cache/blobs/ff/ffff").exists()
    assert young.exists()
    assert cache.get("a") is not None


def test_many_threads_and_processes_put_and_get_at_once(
    tmp_path: Path, messages: list[str]
) -> None:
    failures: list[BaseException] = []

    def work(mine: int) -> None:
        try:
            cache = LocalCache(tmp_path / "cache", 5000, messages.append)  # as a process has
            for number in range(30):
                key = f"{mine}-{number}"
                place = tmp_path / f"work-{mine}"
                place.mkdir(exist_ok=True)
                put(cache, place, key, 100)
                cache.get(f"{(mine + 1) % 4}-{number}")
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert messages == []
    assert LocalCache(tmp_path / "cache", 5000, messages.append).bytes() <= 5000


# What people see.

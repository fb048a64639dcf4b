"""Nothing that is wrong with the action cache does harm."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.caching import CHAIN, blobs, index
from engine.compiler import project_at, runs
from pipeline.testing.project import Project


def flip(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [flip, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"more" * 999)],
    ids=["one-bit", "truncated", "grown"],
)
def test_a_damaged_blob_is_dropped_with_a_message_and_built_again(
    chain: Project, marks: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    (blob,) = [path for path in blobs(tmp_path) if path.read_bytes() == b"FIRST\n"]
    damage(blob)
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, runs(marks)) == (0, ["one"]), run.text  # the same blob is what `two` makes
    assert "is damaged and was dropped" in run.err
    assert chain.read("out/two.txt") == "FIRST\n"
    shutil.rmtree(chain.root / "out")
    healed = chain.doit()
    assert (healed.code, healed.err, runs(marks)) == (0, "", [])


def test_a_missing_blob_is_built_again(chain: Project, marks: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "store/cache/blobs")
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", ["one", "two"])


def checkpoint(path: Path) -> None:
    """Have all that is in the index in one file."""
    with sqlite3.connect(path) as opened:
        opened.execute("pragma wal_checkpoint(truncate)")
    opened.close()


def no_database(path: Path) -> None:
    checkpoint(path)
    path.write_bytes(b"this is not a database at all, whatever its name says\n" * 100)


def broken_pages(path: Path) -> None:
    checkpoint(path)
    data = bytearray(path.read_bytes())
    data[200:] = b"\xa5" * (len(data) - 200)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [no_database, broken_pages])
def test_a_damaged_index_is_set_aside_with_a_message(
    chain: Project, marks: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(index(tmp_path))
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, runs(marks)) == (0, ["one", "two"]), run.text
    assert run.err.count("its index is damaged") == 1
    assert "Traceback" not in run.text
    assert index(tmp_path).with_suffix(".damaged").exists()
    shutil.rmtree(chain.root / "out")
    healed = chain.doit()
    assert (healed.code, healed.err, runs(marks)) == (0, "", [])


def test_a_result_that_the_disk_has_changed_is_no_result(
    chain: Project, marks: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(index(tmp_path)) as opened:
        changed = "update action set result = replace(result, 'one.txt', 'off.txt')"
        opened.execute(changed)
        opened.execute("update action set step = 'x' || step, result = result || ' '")
    opened.close()
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", ["one", "two"])
    assert sorted(path.name for path in (chain.root / "out").iterdir()) == ["one.txt", "two.txt"]


def test_an_index_without_content_is_begun_anew(
    chain: Project, marks: Path, tmp_path: Path
) -> None:
    for path in tmp_path.glob("store/cache/index*"):
        path.unlink()
    index(tmp_path).touch()
    shutil.rmtree(chain.root / "out")
    assert chain.doit().code == 0
    assert runs(marks) == ["one", "two"]
    shutil.rmtree(chain.root / "out")
    assert chain.doit().code == 0
    assert runs(marks) == []


def test_a_cache_that_cannot_be_made_is_reported_once_and_does_without(
    tmp_path: Path, marks: Path
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/cache").write_text("a file is in its place")
    made = project_at(tmp_path / "a", marks, *CHAIN)
    made.write("in.txt", "x\n")
    run = made.doit()
    assert (run.code, runs(marks)) == (0, ["one", "two"])
    assert run.err == "cache: not used in this run: File exists\n"

"""What doit remembers from run to run, and what becomes of it when a run is killed."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import compiled, project_at, runs
from engine.others import doit_as_someone
from engine.test_lock import WAITING, Background, wait_for
from pipeline import files
from pipeline.engine import digests, layout
from pipeline.engine.digests import DigestMemo
from pipeline.testing.project import Project


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


@pytest.fixture
def built(tmp_path: Path, marks: Path) -> Project:
    steps = [compiled(name, "in.txt", f"{name}.txt") for name in ("one", "two")]
    made = project_at(tmp_path / "a", marks, *steps)
    made.write("in.txt", "x\n")
    assert made.doit().code == 0
    assert sorted(runs(marks)) == ["one", "two"]
    return made


@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "3")], ids=["sequential", "parallel"])
def test_after_sigkill_finished_steps_do_not_run_again(
    tmp_path: Path, marks: Path, options: tuple[str, ...]
) -> None:
    early = [compiled(f"early{number}", "in.txt", f"{number}.txt") for number in range(4)]
    inputs = ", ".join(f'"{number}.txt"' for number in range(4))
    then = WAITING.replace("env=", f"inputs=[{inputs}], env=")
    late = compiled("late", "wait.txt", "late.txt")
    made = project_at(tmp_path / "a", marks, *early, then, late)
    made.write("in.txt", "x\n")
    killed = Background(made, *options)
    wait_for(lambda: marks.exists() and "wait" in marks.read_text())
    killed.process.kill()
    killed.end()
    assert sorted(runs(marks)) == ["early0", "early1", "early2", "early3", "wait"]
    (tmp_path / "marks.go").touch()
    run = made.doit(*options)
    assert (run.code, runs(marks)) == (0, ["wait", "late"]), run.text
    assert "4 cached" in run.out
    assert "6 fresh" in made.doit().out


def no_database(path: Path) -> None:
    path.write_bytes(b"whatever this is, it is no database\n" * 100)


def broken_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [no_database, broken_pages, cut_short])
@pytest.mark.parametrize("words", [(), ("list", "--status"), ("info", "one"), ("forget", "one")])
def test_a_damaged_state_is_set_aside_with_a_message_and_nothing_is_compiled(
    built: Project, marks: Path, damage: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    damage(built.root / "build/state.sqlite3")
    run = built.doit(*words)
    assert "build/state.sqlite3 is damaged" in run.err
    assert "set aside as build/state.damaged" in run.err
    assert "Traceback" not in run.text
    assert (built.root / "build/state.damaged").exists()
    again = built.doit()
    assert (again.code, again.err, runs(marks)) == (0, "", [])


def test_a_record_that_is_no_json_counts_as_none(built: Project, marks: Path) -> None:
    with sqlite3.connect(built.root / "build/state.sqlite3") as opened:
        opened.execute("update doit set task_data = '{\"_values_:\": {' where task_id = 'one'")
    opened.close()
    run = built.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", [])
    assert "1 cached, 1 fresh" in run.out


def test_an_empty_state_is_no_state(built: Project, marks: Path) -> None:
    (built.root / "build/state.sqlite3").write_bytes(b"")
    run = built.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", [])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"in.txt": 7}', '{"in.txt": [1]}'])
def test_a_damaged_memo_of_digests_counts_as_empty(built: Project, marks: Path, text: str) -> None:
    built.write("build/digests.json", text)
    run = built.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", []), run.text


# Digests: a file is hashed once, whoever asks and however often.

COUNTED = """
import threading
from pipeline import files
_hash = files.sha256
def counted(path):
    with open(HASHED, "a") as log:
        log.write(str(path) + chr(10))
    return _hash(path)
files.sha256 = counted
"""


def test_touching_a_large_file_of_many_steps_costs_one_hash_once(tmp_path: Path) -> None:
    steps = [
        f'step("s{number}", doc="d", argv=["echo", "{number}"], inputs=["large.bin"])'
        for number in range(5)
    ]
    made = project_at(tmp_path / "a", tmp_path / "marks", *steps)
    hashed = tmp_path / "hashed"
    made.write("dodo.py", f"HASHED = {str(hashed)!r}\n{COUNTED}{made.read('dodo.py')}")
    large = made.root / "large.bin"
    with large.open("wb") as file:
        file.truncate(256 << 20)

    def hashes() -> int:
        count = hashed.read_text().split().count("large.bin") if hashed.exists() else 0
        hashed.unlink(missing_ok=True)
        return count

    assert "5 run" in made.doit().out
    assert hashes() == 1
    os.utime(large)
    assert "5 fresh" in made.doit().out
    assert hashes() == 1
    assert "5 fresh" in made.doit().out
    assert hashes() == 0


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    found: list[Path] = []
    real = files.sha256

    def counted(path: Path) -> str:
        found.append(path)
        time.sleep(0.05)
        return real(path)

    monkeypatch.setattr(files, "sha256", counted)
    return found


def test_threads_that_want_one_file_at_once_have_it_hashed_once(
    tmp_path: Path, hashed: list[Path]
) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    time.sleep(0.05)
    memo = DigestMemo(tmp_path / "memo.json")
    threads = [threading.Thread(target=memo.of, args=(path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashed) == 1


def test_a_young_file_is_not_believed(tmp_path: Path, hashed: list[Path]) -> None:
    memo = DigestMemo(tmp_path / "memo.json")
    path = tmp_path / "file"
    path.write_text("one")
    first = memo.of(path)
    path.write_text("two")
    assert memo.of(path) != first
    assert len(hashed) == 2


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda path: path.write_bytes(b"b" * 10),
    "size": lambda path: path.write_bytes(b"a" * 11),
    "mtime": lambda path: os.utime(path, (1, 1)),
    "another-file": lambda path: (
        path.with_name("new").write_bytes(b"a" * 10), path.with_name("new").replace(path)
    ),
    "content-with-the-old-mtime": lambda path: (
        path.write_bytes(b"b" * 10), os.utime(path, (5, 5))
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_happened_to_a_file_it_is_hashed_again(
    tmp_path: Path, hashed: list[Path], change: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * 10)
    os.utime(path, (5, 5))
    time.sleep(digests.TICK_NS / 1e9)
    memo = DigestMemo(tmp_path / "memo.json")
    memo.of(path)
    memo.save()
    assert len(hashed) == 1
    again = DigestMemo(tmp_path / "memo.json")
    assert again.of(path) == memo.of(path)
    assert len(hashed) == 1
    change(path)
    assert again.of(path) == files.digest(path)
    assert len(hashed) == 2


def test_what_is_gone_leaves_the_memo(tmp_path: Path) -> None:
    for name in ("gone", "kept"):
        (tmp_path / name).write_text(name)
    time.sleep(0.05)
    memo = DigestMemo(tmp_path / "memo.json")
    memo.of(tmp_path / "gone")
    memo.of(tmp_path / "kept")
    (tmp_path / "gone").unlink()
    memo.save()
    text = (tmp_path / "memo.json").read_text()
    assert "/kept" in text
    assert "/gone" not in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_ended_run_keeps_what_it_had_finished(
    tmp_path: Path, marks: Path, number: signal.Signals
) -> None:
    first = compiled("first", "in.txt", "first.txt")
    made = project_at(
        tmp_path / "a", marks, first, WAITING.replace("env=", 'after=["first"], env=')
    )
    made.write("in.txt", "x\n")
    ended = Background(made)
    wait_for(lambda: marks.exists() and "wait" in marks.read_text())
    ended.process.send_signal(number)
    code, out, err = ended.end()
    assert code != 0
    assert "Traceback" not in out + err
    (tmp_path / "marks.go").touch()
    assert runs(marks) == ["first", "wait"]
    assert made.doit().code == 0
    assert runs(marks) == ["wait"]


ENDS_SLOWLY = """
import atexit, pathlib, time
atexit.register(lambda: [pathlib.Path("ending").touch(), time.sleep(30.5)])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_while_it_saves_shows_no_traceback(
    tmp_path: Path, marks: Path, number: signal.Signals
) -> None:
    made = project_at(tmp_path / "a", marks, compiled("first", "in.txt", "first.txt"))
    made.write("in.txt", "x\n")
    dodo = made.read("dodo.py")
    made.write("dodo.py", dodo + ENDS_SLOWLY)
    ended = Background(made)
    wait_for((made.root / "ending").exists)
    ended.process.send_signal(number)
    _, out, err = ended.end()
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in out + err
    made.write("dodo.py", dodo)
    assert made.doit().code == 0
    assert runs(marks) == ["first"]


# What else we keep in the build directory.


@pytest.mark.parametrize("name", [*(path.name for path in layout.FILES), "state.dev.sqlite3"])
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_in_the_place_of_a_file_of_ours_is_reported(
    built: Project, name: str, make: Callable[[Path], None]
) -> None:
    path = built.root / "build" / name
    path.unlink(missing_ok=True)
    make(path)
    profile = ["profile=dev"] if ".dev." in name else []
    run = built.doit(*profile, seconds=20)
    assert run.code == 3
    said = f"cannot build here: build/{name} is no file (help: remove it)"
    assert run.text == f"ERROR: {said} (see: doit-wasm help DW607)\n"


def test_a_file_of_ours_that_another_user_made_is_reported(
    tmp_path: Path, marks: Path, site: Path
) -> None:
    """As after `sudo doit`."""
    made = project_at(tmp_path / "a", marks, compiled("one", "in.txt", "one.txt"))
    made.write("in.txt", "x\n")
    assert doit_as_someone(made, site, "list").code == 0
    for name, code in (("digests.json", 0), ("lock", 3), ("state.sqlite3", 3)):
        path = made.root / "build" / name
        path.unlink(missing_ok=True)
        path.touch(0o600)
        run = doit_as_someone(made, site)
        assert run.code == code, run.text
        assert "Traceback" not in run.text
        assert f"build/{name}" in run.err
        path.unlink()

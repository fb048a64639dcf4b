"""The action cache: nothing is made twice, and nothing wrong with the cache does harm."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.compiler import compiled, project_at, runs

from pipeline.engine.cache import LocalCache
from pipeline.engine.result import Result
from pipeline.testing.project import Project

CHAIN = (compiled("one", "in.txt", "out/one.txt"), compiled("two", "out/one.txt", "out/two.txt"))


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


@pytest.fixture
def chain(tmp_path: Path, marks: Path) -> Project:
    made = project_at(tmp_path / "a", marks, *CHAIN)
    made.write("in.txt", "first\n")
    assert made.doit().code == 0
    assert runs(marks) == ["one", "two"]
    return made


def index(tmp_path: Path) -> Path:
    return tmp_path / "store/cache/index.sqlite3"


def blobs(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("store/cache/blobs/*/*"))


def test_after_clean_the_outputs_are_copied_and_nothing_is_compiled(
    chain: Project, marks: Path
) -> None:
    assert chain.doit("clean", "one", "two").code == 0
    assert not (chain.root / "out/two.txt").exists()
    run = chain.doit()
    assert (run.code, run.executed, runs(marks)) == (0, [], [])
    assert chain.read("out/two.txt") == "FIRST\n"
    assert "2 cached" in run.out


def test_a_branch_switched_to_and_back_is_not_compiled_again(chain: Project, marks: Path) -> None:
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=no"]

    def run(*words: str) -> None:
        subprocess.run([*git, *words], cwd=chain.root, check=True, capture_output=True)

    run("init", "--initial-branch=main")
    chain.write(".gitignore", "build/\nout/\n__pycache__/\n")
    run("add", ".")
    run("commit", "-m", "first")
    run("switch", "-c", "other")
    chain.write("in.txt", "second\n")
    run("commit", "-am", "second")
    assert chain.doit().code == 0
    assert runs(marks) == ["one", "two"]
    for branch, text in [("main", "FIRST\n"), ("other", "SECOND\n")]:
        run("switch", branch)
        assert chain.doit().code == 0
        assert chain.read("out/two.txt") == text
    assert runs(marks) == []


def test_a_second_clone_is_not_compiled(chain: Project, marks: Path, tmp_path: Path) -> None:
    clone = project_at(tmp_path / "b", marks, *CHAIN)
    clone.write("in.txt", "first\n")
    assert clone.doit().code == 0
    assert runs(marks) == []
    assert clone.read("out/two.txt") == "FIRST\n"
    assert clone.doit().out.startswith("2 fresh")


def test_another_input_is_another_key(chain: Project, marks: Path, tmp_path: Path) -> None:
    clone = project_at(tmp_path / "b", marks, *CHAIN)
    clone.write("in.txt", "other\n")
    assert clone.doit().code == 0
    assert runs(marks) == ["one", "two"]


def test_trees_come_back_with_run_bits_links_and_empty_directories(
    tmp_path: Path, marks: Path
) -> None:
    script = (
        'echo ran >> "$MARKS"; mkdir -p t/bin t/empty; echo "#!/bin/sh" > t/bin/tool; '
        "chmod 755 t/bin/tool; ln -s bin/tool t/link; ln -s bin t/dir; : > t/nothing"
    )
    step = (
        f'step("tree", doc="d", argv=["sh", "-c", {script!r}], outputs=[Out("t")],'
        ' env={"MARKS": MARKS})'
    )
    made = project_at(tmp_path / "a", marks, step)
    assert made.doit().code == 0
    shutil.rmtree(made.root / "t")
    assert made.doit().code == 0
    assert runs(marks) == ["ran"]
    tree = made.root / "t"
    assert os.access(tree / "bin/tool", os.X_OK)
    assert not os.access(tree / "nothing", os.X_OK)
    assert [str((tree / name).readlink()) for name in ("link", "dir")] == ["bin/tool", "bin"]
    assert (tree / "empty").is_dir()
    assert made.doit().out.startswith("1 fresh")


def test_what_a_step_shows_is_shown_again(tmp_path: Path, marks: Path) -> None:
    made = project_at(
        tmp_path / "a",
        marks,
        compiled("loud", "in.txt", "loud.txt", "shows=True"),
        compiled("calm", "in.txt", "calm.txt"),
    )
    made.write("in.txt", "x\n")
    assert made.doit().out.count("compiled") == 1
    (made.root / "loud.txt").unlink()
    (made.root / "calm.txt").unlink()
    again = made.doit().out
    assert "compiled loud" in again
    assert "compiled calm" not in again
    assert sorted(runs(marks)) == ["calm", "loud"]


def test_a_step_may_opt_out(tmp_path: Path, marks: Path) -> None:
    made = project_at(tmp_path / "a", marks, compiled("test", "in.txt", "o.txt", "cached=False"))
    made.write("in.txt", "x\n")
    assert made.doit().code == 0
    (made.root / "o.txt").unlink()
    assert made.doit().code == 0
    assert runs(marks) == ["test", "test"]
    assert blobs(tmp_path) == []


def test_always_execute_runs_what_is_fresh(chain: Project, marks: Path) -> None:
    assert chain.doit("--always-execute").code == 0
    assert runs(marks) == ["one", "two"]


def test_a_variable_turns_the_cache_off(chain: Project, marks: Path) -> None:
    (chain.root / "out/two.txt").unlink()
    off = Project(chain.root, {"DOIT_WASM_CACHE_BYTES": "0"})
    assert off.doit().code == 0
    assert runs(marks) == ["two"]


def test_the_config_bounds_the_cache_and_a_variable_comes_first(
    chain: Project, marks: Path, tmp_path: Path
) -> None:
    dodo = chain.read("dodo.py").replace("doit_config()", "doit_config(cache_bytes=0)")
    chain.write("dodo.py", dodo)
    (chain.root / "out/two.txt").unlink()
    assert chain.doit().code == 0
    assert runs(marks) == ["two"]
    (chain.root / "out/two.txt").unlink()
    assert Project(chain.root, {"DOIT_WASM_CACHE_BYTES": "1000000"}).doit().code == 0
    assert runs(marks) == []


# What is wrong with the cache, and what a person then reads.


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


def test_a_cache_that_cannot_be_made_is_told_once_and_does_without(
    tmp_path: Path, marks: Path
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/cache").write_text("a file is in its place")
    made = project_at(tmp_path / "a", marks, *CHAIN)
    made.write("in.txt", "x\n")
    run = made.doit()
    assert (run.code, runs(marks)) == (0, ["one", "two"])
    assert run.err == "cache: not used in this run: File exists\n"


# Its bound.


def put(cache: LocalCache, tmp_path: Path, key: str, size: int) -> None:
    """Put a result whose one output has *size* bytes."""
    output, said = tmp_path / f"made-{key}", tmp_path / "said"
    output.write_bytes(key.encode() * size)
    said.write_text("")
    result = Result.of(key, {"o": output}, said)
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
    shared = Result.of("s", {"o": output}, said)
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


def test_doit_cache_shows_what_is_held_and_prunes(chain: Project, tmp_path: Path) -> None:
    shown = chain.doit("cache")
    assert shown.code == 0
    assert shown.out.startswith("2 results, ")
    assert [line.split()[-1] for line in shown.out.splitlines()[1:]] == ["two", "one"]
    pruned = chain.doit("cache", "--prune", "0")
    assert pruned.code == 0
    assert "0 results, 0 B of 5.0 GiB" in pruned.out
    assert blobs(tmp_path) == []


BAD = {
    "no-size": (("cache", "--prune", "much"), "`much` is no size"),
    "argument": (("cache", "clear"), "cache takes no arguments: clear"),
}


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD.keys())
def test_doit_cache_refuses_what_it_does_not_understand(
    chain: Project, words: tuple[str, ...], message: str
) -> None:
    run = chain.doit(*words)
    assert run.code == 3
    assert message in run.err
    assert "Traceback" not in run.err


EDITED = """
from pathlib import Path
from pipeline.engine.sandbox import Sandbox
_copy = Sandbox.copy_in
def copy_in(self, inputs):
    if not Path("edited").exists():
        Path("edited").touch()
        Path("in.txt").write_text("new" + chr(10))
    _copy(self, inputs)
Sandbox.copy_in = copy_in
"""


def test_an_input_edited_while_it_is_copied_does_not_give_its_old_key_a_new_result(
    tmp_path: Path, marks: Path
) -> None:
    made = project_at(tmp_path / "a", marks, CHAIN[0])
    made.write("in.txt", "old\n")
    made.write("dodo.py", EDITED + made.read("dodo.py"))
    assert made.doit().code == 0
    assert made.read("out/one.txt") == "NEW\n"
    clone = project_at(tmp_path / "b", marks, CHAIN[0])
    clone.write("in.txt", "old\n")
    assert clone.doit().code == 0
    assert clone.read("out/one.txt") == "OLD\n"
    assert runs(marks) == ["one", "one"]


def test_an_input_outside_that_changes_while_it_is_read_gives_no_result(
    tmp_path: Path, marks: Path
) -> None:
    outside = tmp_path / "outside.txt"
    script = 'echo ran >> "$MARKS"; echo new > "$2"; cat "$2" > "$1"'
    step = (
        f'step("s", doc="d", argv=["sh", "-c", {script!r}, "sh", Out("o"), '
        f'In({str(outside)!r})], env={{"MARKS": MARKS}})'
    )
    made = project_at(tmp_path / "a", marks, step)
    outside.write_text("old\n")
    assert made.doit().code == 0
    outside.write_text("old\n")
    (made.root / "o").unlink()
    made.write("dodo.py", made.read("dodo.py"))
    assert made.doit().code == 0
    assert runs(marks) == ["ran", "ran"]

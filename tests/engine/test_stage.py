"""Steps hand on the directories of their sandboxes, and nothing that was in them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import tree
from pipeline.engine.stage import Stage
from pipeline.testing.project import Project

Make = Callable[..., Project]

# All that a step can see of its directories: names, kinds and modes.
LOOK = 'for d in . "$HOME" "$TMPDIR"; do find "$d" -printf "%d %P %y %m\\n" | sort; done'

LEAVES = {
    "files": "touch dir/left $HOME/.left $TMPDIR/left ../left $HOME/../left",
    "directories": "mkdir -p dir/left/deep $HOME/.cache/x $TMPDIR/x; touch dir/left/deep/x",
    "links": "ln -s .. dir/left; ln -s nowhere $HOME/left; ln -s /etc $TMPDIR/left",
    "modes": "chmod 700 . dir; chmod 500 $HOME; chmod 777 $TMPDIR",
    "closed": "touch dir/x; chmod 0 dir $HOME $TMPDIR; chmod 500 .",
    "nothing": 'rm -rf "$PWD" "$HOME" "$TMPDIR"',
    "files-instead": "rm -rf $HOME $TMPDIR dir/*; rmdir dir; touch dir $HOME $TMPDIR",
    "links-instead": "rm -rf $HOME dir; ln -s $TMPDIR $HOME; ln -s $TMPDIR dir; touch $TMPDIR/x",
    "fifo": "mkfifo dir/fifo $HOME/fifo",
}


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES.keys())
def test_a_step_sees_nothing_of_the_one_before(project: Make, leaves: str) -> None:
    made = project(
        f"""step("alone", doc="d", argv=["sh", "-c", {LOOK!r}], inputs=["dir/in"])""",
        f"""step("before", doc="d", argv=["sh", "-c", {leaves!r}], inputs=["dir/in"])""",
        f"""step("after", doc="d", argv=["sh", "-c", {LOOK!r}], inputs=["dir/in"])""",
    )
    made.write("dir/in", "1")
    listings = {}
    for name in ("alone", "before"):
        made.doit("-n", "0", "--always-execute", name, "after")
        listings[name] = made.read("build/log/after.log").partition("\n")[2]
    assert "0  d 755" in listings["alone"]
    assert listings["before"] == listings["alone"]
    assert list((made.root / "build/stage").iterdir()) == []


def test_directories_are_moved_and_not_made_anew(tmp_path: Path) -> None:
    stage = Stage()
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    stage.take(one, {"a", "a/b", "c"})
    for name in ("a/b", "c"):
        (tmp_path / "one" / name).mkdir(parents=True)
    inodes = {name: (tmp_path / "one" / name).stat().st_ino for name in ("", "a", "a/b")}
    stage.give(one, {"a", "a/b", "c"})
    stage.take(two, {"a", "a/b", "d"})
    assert inodes == {name: (tmp_path / "two" / name).stat().st_ino for name in inodes}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "two"]


def test_directories_that_somebody_has_removed_are_made_anew(tmp_path: Path) -> None:
    stage = Stage()
    one, two = tmp_path / "stage/one", tmp_path / "stage/two"
    for path in (one, two):
        stage.take(str(path), set())
    for path in (one, two):
        stage.give(str(path), set())
    shutil.rmtree(tmp_path / "stage")
    for path in (one, tmp_path / "stage/three"):
        stage.take(str(path), {"a"})
        assert path.is_dir()


def test_the_directory_that_fits_best_is_taken(tmp_path: Path) -> None:
    stage = Stage()
    for name in ("src", "lib", "out"):
        (tmp_path / name / name).mkdir(parents=True)
        stage.give(str(tmp_path / name), {name})
    stage.take(str(tmp_path / "new"), {"lib"})
    assert (tmp_path / "new/lib").is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out", "src"]


@pytest.mark.skipif(
    sys.platform != "linux", reason="files are handed on where nobody has them open"
)
@pytest.mark.parametrize("text", ["", "short", "longer than what was there before"])
def test_a_file_becomes_the_copy_of_another_one(tmp_path: Path, text: str) -> None:
    stage, left = Stage(), tmp_path / "one/left"
    left.parent.mkdir()
    left.write_text("of another step", encoding="utf-8")
    os.utime(left, (0, 0))
    inode = left.stat().st_ino
    stage.give(str(left.parent), ())
    assert list(left.parent.iterdir()) == []
    (tmp_path / "source").write_text(text, encoding="utf-8")
    before = time.time()
    for name in ("copy", "another"):
        tree.make(tree.seen(tmp_path / "source"), tmp_path / name, stage.copy_entry)
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        assert (tmp_path / name).stat().st_mtime > before - 1
    assert (tmp_path / "copy").stat().st_ino == inode
    assert {path.name for path in tmp_path.iterdir()} == {"one", "source", "copy", "another"}


def test_a_file_that_somebody_has_removed_is_made_anew(tmp_path: Path) -> None:
    stage = Stage()
    (tmp_path / "one").mkdir()
    (tmp_path / "one/left").touch()
    stage.give(str(tmp_path / "one"), ())
    for path in tmp_path.iterdir():
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "source").write_text("text", encoding="utf-8")
    tree.make(tree.seen(tmp_path / "source"), tmp_path / "copy", stage.copy_entry)
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "text"


# What a file looks like that no later step may get: its bytes are an output's, or it is not plain.
KEPT = {
    "an output": "ln dir/in out",
    "a file elsewhere": "ln dir/in $OUTSIDE/file && touch out",
    "of another mode": "chmod 600 dir/in && touch out",
}


@pytest.mark.parametrize("command", KEPT.values(), ids=KEPT.keys())
def test_a_file_that_is_not_as_it_was_made_is_not_handed_on(
    project: Make, tmp_path: Path, command: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    made = project(
        f"""step("before", doc="d", argv=["sh", "-c", {command!r}], inputs=["dir/in"],"""
        f""" outputs=[Out("out")], env={{"OUTSIDE": {str(outside)!r}}})""",
        """step("after", doc="d", argv=["sh", "-c","""
        """ "stat -c %a:%h dir/in2; cat dir/in2"], inputs=["dir/in2"])""",
    )
    made.write("dir/in", "before")
    made.write("dir/in2", "after")
    made.doit("-n", "0", "before", "after")
    assert made.read("build/log/after.log").partition("\n")[2] == "644:1\nafter"
    if command == KEPT["an output"]:
        assert made.read("out") == "before"
    if (outside / "file").exists():
        assert (outside / "file").read_text(encoding="utf-8") == "before"


SLOW = (
    """step("slow", doc="d", argv=["sh", "-c", "touch $HOME/x; exec sleep 30.5"], inputs=["in"])"""
)
QUICK = """step("quick", doc="d", argv=["true"], inputs=["in"])"""


def test_what_a_killed_run_has_left_is_removed_once_nobody_uses_it(project: Make) -> None:
    made = project(QUICK, """step("fails", doc="d", argv=["false"], inputs=["in"])""", SLOW)
    made.write("in", "1")
    stage = made.root / "build/stage"
    made.doit("quick", "fails")
    (stage / "ended/src").mkdir(parents=True)
    process = subprocess.Popen(
        made.command("-n", "0", "slow"), cwd=made.root, env=made.environment(),
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not (stage / ".slow/home/x").exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        assert made.doit("quick").out.startswith("1 fresh")
        assert _names(stage) == {".slow", "slow", "fails", "ended"}
    finally:
        process.kill()
        process.wait()
    assert made.doit("quick").out.startswith("1 fresh")
    assert _names(stage) == {"slow", "fails"}  # what has files may be of interest to people
    made.write("dodo.py", made.read("dodo.py").replace('"false"', '"true"').replace("30.5", "0"))
    assert made.doit().code == 0
    assert _names(stage) == set()


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}

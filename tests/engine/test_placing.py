"""Outputs come to their places, whatever was there; or their step has failed, for good."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.compiler import project_at, runs
from engine.others import doit_as_someone
from pipeline import files
from pipeline.testing.project import Project

FORMS = {
    "file": ("echo 1 > build/out", "build/out"),
    "tree": ("mkdir build/out; echo 1 > build/out/x", "build/out"),
    "below": ("mkdir -p build/out/d; echo 1 > build/out/d/x", "build/out/d/x"),
    "link": ("echo 1 > build/x; ln -s x build/out", "build/out"),
}


def form(script: str, out: str) -> str:
    script = f'echo ran >> "$MARKS"; {script}'
    return (
        f'step("make", doc="d", argv=["sh", "-c", {script!r}], outputs=[Out("{out}")], '
        'env={"MARKS": MARKS})'
    )


def seen(root: Path) -> dict[str, str]:
    """Return the text of each file of *root*."""
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


def outcome(made: Project) -> dict[str, str]:
    out = made.root / "build/out"
    return {"": out.read_text()} if out.is_file() else seen(out)


@pytest.mark.parametrize("before", FORMS)
@pytest.mark.parametrize("after", FORMS)
def test_an_output_takes_the_place_of_one_of_another_kind(
    tmp_path: Path, before: str, after: str
) -> None:
    fresh = project_at(tmp_path / "fresh", tmp_path / "marks", form(*FORMS[after]))
    assert fresh.doit().code == 0
    made = project_at(tmp_path / "a", tmp_path / "marks", form(*FORMS[before]))
    assert made.doit().code == 0
    project_at(tmp_path / "a", tmp_path / "marks", form(*FORMS[after]))
    run = made.doit()
    assert run.code == 0, run.text
    if (before, after) == ("tree", "below"):
        (made.root / "build/out/x").unlink()  # what a directory has besides stays
    assert outcome(made) == outcome(fresh)
    made.doit()
    assert "1 fresh" in made.doit().out


@pytest.mark.parametrize("kind", ["dangling", "link-to-tree", "link-to-file"])
@pytest.mark.parametrize("after", ["file", "tree"])
def test_an_output_takes_the_place_of_a_link_and_not_of_what_it_leads_to(
    tmp_path: Path, kind: str, after: str
) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", form(*FORMS[after]))
    (made.root / "build").mkdir()
    made.write("mine/x", "mine")
    target = {"dangling": "nowhere", "link-to-tree": "../mine", "link-to-file": "../mine/x"}[kind]
    (made.root / "build/out").symlink_to(target)
    run = made.doit()
    assert run.code == 0, run.text
    assert made.read("mine/x") == "mine"
    assert not (made.root / "build/out").is_symlink()
    assert made.read("build/out" if after == "file" else "build/out/x") == "1\n"


def test_a_file_of_the_user_in_the_way_stays_and_is_reported(tmp_path: Path) -> None:
    made = project_at(
        tmp_path / "a", tmp_path / "marks", form("mkdir gen; echo 1 > gen/x", "gen/x"),
    )  # fmt: skip
    made.write("gen", "mine")
    for _ in range(2):
        run = made.doit()
        assert run.code == 1
        assert "output gen/x cannot be put in its place: gen is no directory" in run.text
        assert "help: remove gen" in run.text
        assert made.read("gen") == "mine"
    (made.root / "gen").unlink()
    assert made.doit().executed == ["make"]  # nobody knew it
    assert made.read("gen/x") == "1\n"


@pytest.fixture
def common() -> Iterator[Path]:
    """Give a directory that others can come to: each pytest closes the one that it keeps its in."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)
        files.remove_tree(Path(place) / "a")


UNUSUAL = {
    "read-only tree": "mkdir -p out/d; echo 1 > out/d/x; chmod -R a-w out",
    "read-only top": "mkdir -p out/d; echo 1 > out/d/x; chmod 555 out",
    "no entering": "mkdir -p out/d; echo 1 > out/d/x; chmod 600 out/d",
    "no reading": "mkdir -p out/d; echo 1 > out/d/x; chmod 000 out/d/x; chmod 300 out/d",
    "nothing": "mkdir -p out/d; echo 1 > out/d/x; chmod 000 out/d/x out/d out",
    "file": "echo 1 > out; chmod 000 out",
}


@pytest.mark.parametrize("script", UNUSUAL.values(), ids=UNUSUAL.keys())
@pytest.mark.parametrize("root", [True, False], ids=["root", "someone"])
def test_an_output_that_its_owner_may_not_read_or_write_is_placed_and_replaced(
    common: Path, site: Path, script: str, *, root: bool
) -> None:
    text = (
        f'step("make", doc="d", argv=["sh", "-c", {script!r}], inputs=["v"], outputs=[Out("out")])'
    )
    made = project_at(common / "a", common / "marks", text)
    made.write("v", "1")
    (made.root / "build").mkdir()

    def doit() -> str:
        run = made.doit() if root else doit_as_someone(made, site)
        assert run.code == 0, run.text
        return run.out

    doit()
    made.write("v", "2")
    doit()
    assert list(seen(made.root / "out").values() or [made.read("out")]) == ["1\n"]
    assert all(
        stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644)
        for path in [made.root / "out", *(made.root / "out").rglob("*")]
    )
    files.remove_tree(made.root / "out")
    assert "1 cached" in doit()
    assert "1 fresh" in doit()
    assert not list((made.root / "build/stage").glob("*"))


def test_an_old_output_that_may_not_be_written_makes_way(common: Path, site: Path) -> None:
    made = project_at(common / "a", common / "marks", form("mkdir out; echo 1 > out/x", "out"))
    made.write("out/d/old", "old")
    for name, mode in (("out/d/old", 0o444), ("out/d", 0o555), ("out", 0o555)):
        (made.root / name).chmod(mode)
    made.write("dodo.py", made.read("dodo.py").replace(str(common), str(made.root)))
    run = doit_as_someone(made, site)
    assert run.code == 0, run.text
    assert seen(made.root / "out") == {"x": "1\n"}


# Other file systems.


ELSEWHERE = (
    form("mkdir -p gen/tree/empty; echo 1 > gen/tree/x; ln -s x gen/tree/l", "gen/tree"),
    'step("file", doc="d", argv=["cp", In("src"), Out("gen2/o")])',
    'step("inside", doc="d", argv=["cp", In("src"), Out("build/o")])',
    'step("both", doc="d", argv=["ls", In("gen/tree"), In("gen2/o"), In("build/o")])',
)


@pytest.mark.parametrize("where", ["build", "gen2", "gen"])
def test_build_and_outputs_may_be_on_file_systems_of_their_own(
    tmp_path: Path, mounted: Callable[..., Path], where: str
) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", *ELSEWHERE)
    mounted(f"a/{where}", "size=64m")
    for number in range(3):
        made.write("src", f"{number}\n")
        if number == 2:
            made.write("gen/tree/x", "changed")
        run = made.doit()
        assert run.code == 0, run.text
        assert seen(made.root / "gen") == {"tree/x": "1\n", "tree/l": "1\n"}
        assert (made.root / "gen/tree/l").is_symlink()
        assert (made.root / "gen/tree/empty").is_dir()
        assert made.read("gen2/o") == made.read("build/o") == f"{number}\n"
        assert [path.name for path in (made.root / "gen2").iterdir()] == ["o"]
        assert [path.name for path in (made.root / "gen").iterdir()] == ["tree"]
    assert "4 fresh" in made.doit().out


def test_a_step_whose_output_could_not_be_placed_failed_for_the_next_run_too(
    tmp_path: Path, mounted: Callable[..., Path]
) -> None:
    marks = tmp_path / "marks"
    after = 'step("after", doc="d", argv=["cp", "-R", In("gen"), Out("copy")])'
    made = project_at(tmp_path / "a", marks, form("mkdir gen; echo 1 > gen/x", "gen"), after)
    place = mounted("a/gen", "size=1m")  # it cannot be moved aside
    (place / "mine").write_text("mine")
    for _ in range(2):
        run = made.doit()
        assert run.code == 1
        assert "output gen was made but cannot be put in its place: gen: Device or resource" in (
            run.text
        )
        assert "Traceback" not in run.text
        assert runs(marks) == ["ran"]
        assert not (made.root / "copy").exists()
        assert [path.name for path in place.iterdir()] == ["mine"]
    subprocess.run(["umount", place], check=True)
    run = made.doit()
    assert (run.code, run.executed) == (0, ["make", "after"])
    assert seen(made.root / "copy") == {"x": "1\n"}
    assert sorted(path.name for path in made.root.iterdir()) == ["build", "copy", "dodo.py", "gen"]


# Durability.


def test_all_that_is_placed_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, final = tmp_path / "new", tmp_path / "final"
    for number in range(100):
        (new / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (new / f"d{number % 7}/{number}").write_text("x")
    names = {os.fspath(path.relative_to(new)) for path in [new, *new.rglob("*")]}
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        assert not final.exists() or synced.count("..") == 0
        path = Path(f"/proc/self/fd/{handle}").readlink()
        synced.append(".." if path == tmp_path else os.fspath(path.relative_to(new)))

    monkeypatch.setattr(os, "fsync", fsync)
    files.place(new, final)
    assert synced[-1] == ".."
    assert set(synced[:-1]) == names
    assert len(synced) == len(names) + 1


def test_a_step_that_removes_its_sandbox_gets_a_message_about_it(tmp_path: Path) -> None:
    step = """step({!r}, doc="d", argv=["sh", "-c", {!r}], outputs=[Out("build/o{}")])"""
    made = project_at(
        tmp_path / "a", tmp_path / "marks",
        step.format("fails", 'rm -rf "$PWD"; exit 3', 1),
        step.format("ends", 'rm -rf "$PWD"', 2),
        step.format("home", 'echo 1 > build/o3; rm -rf "$HOME"', 3),
    )  # fmt: skip
    run = made.doit("--continue")
    assert "sh ended with code 3" in run.out
    assert "the command succeeded but did not make build/o2" in run.out
    assert "1 run, 2 failed" in run.out
    assert list((made.root / "build/stage").iterdir()) == []


def test_a_full_file_system_is_reported_with_the_remedy(
    tmp_path: Path, mounted: Callable[..., Path]
) -> None:
    made = project_at(
        tmp_path / "a", tmp_path / "marks", form("head -c 3000000 /dev/zero > gen/x", "gen/x")
    )
    place = mounted("a/gen", "size=1m")
    for _ in range(2):
        run = made.doit()
        assert run.code == 1
        assert "output gen/x was made but cannot be put in its place" in run.text
        assert "help: make room on that file system" in run.text
        assert list(place.iterdir()) == []


def test_what_killed_runs_have_left_makes_way_whatever_it_is(tmp_path: Path) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", form(*FORMS["file"]))
    stage = made.root / "build/stage"
    for name, make in [("make", os.mkfifo), (".make", os.mkfifo), ("make", Path.touch)]:
        stage.mkdir(parents=True, exist_ok=True)
        make(stage / name)
        assert made.doit("-a").code == 0
    for name in ("make", ".make"):
        (stage / name).symlink_to("nowhere")
    assert made.doit("-a").code == 0

"""What another user may have planted is not run: the updater, the store, a dodo.py above."""

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.conftest import Place
from pipeline.errors import StoreError
from pipeline.ownership import doubt
from pipeline.settings import store_root
from pipeline.testing.project import Project
from pipeline.updater.launcher import LaunchError, build, command
from pipeline.updater.line import Line
from workshop import REPOSITORY

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


def given_away(path: Path) -> None:
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)


def opened(path: Path) -> None:
    path.chmod(path.stat().st_mode | 0o002)


def shared(path: Path) -> None:
    """Let a group write that has another member: the group that is nobody's own."""
    os.chown(path, -1, NOBODY.pw_gid)
    path.chmod(path.stat().st_mode | 0o020)


WAYS = {
    "another-owner": (given_away, "belongs to another user (nobody)"),
    "everybody-writes": (opened, "other users can write to"),
    "a-group-writes": (shared, "other users can write to"),
}
PLACES = ["build/updater.wasmtime", "build/updater.cwasm", "build", ".", "tools/wasmtime", "tools"]


@as_root
@pytest.mark.parametrize("place_name", PLACES)
@pytest.mark.parametrize(("plant", "why"), WAYS.values(), ids=WAYS)
def test_an_updater_that_others_could_have_planted_is_not_run(
    place: Place, plant: Callable[[Path], None], why: str, place_name: str
) -> None:
    plant(place.root / place_name)
    run = place.run("list", GITHUB_TOKEN="s3cret")
    assert (run.code, run.out) == (1, "")
    error, remedy, see = run.err.splitlines()
    assert see == "  see:  doit-wasm help DW406"
    assert error.startswith("error: not run: ")
    assert str(place.root / place_name) in error
    assert why in error
    assert "`chmod go-w`" in remedy
    assert "DOIT_WASM_UPDATER" in remedy


@as_root
def test_a_link_of_another_user_is_not_followed(place: Place, tmp_path: Path) -> None:
    real = tmp_path / "real"
    (place.root / "build").rename(real)
    link = place.root / "build"
    link.symlink_to(real)
    assert place.run("list").code == 0
    os.lchown(link, NOBODY.pw_uid, NOBODY.pw_gid)
    run = place.run("list")
    assert run.err.startswith(f"error: not run: {link} belongs to another user")


def test_a_link_into_a_directory_of_all_is_not_followed(place: Place, tmp_path: Path) -> None:
    open_to_all = tmp_path / "all"
    open_to_all.mkdir()
    opened(open_to_all)
    (place.root / "build").rename(open_to_all / "build")
    (place.root / "build").symlink_to(open_to_all / "build")
    assert f"other users can write to {open_to_all}\n" in place.run("list").err


@as_root
def test_what_root_or_a_group_without_others_owns_is_run(place: Place) -> None:
    (place.root / "build").chmod(0o775)  # the group is root's own
    assert place.run("list").code == 0


@as_root
def test_a_user_trusts_own_files_and_those_of_root() -> None:
    program = (
        f"import os, sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from pipeline.ownership import doubt\n"
        f"os.setgid({NOBODY.pw_gid}); os.setuid({NOBODY.pw_uid})\n"
        "print(*(doubt(path) or 'none' for path in sys.argv[1:]), sep='\\n')"
    )
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        paths = [home / name for name in ("own", "roots", "anothers")]
        for path, owner in zip(paths, [NOBODY.pw_uid, 0, 1], strict=True):
            path.touch()
            os.chown(path, owner, owner)
        given_away(home)
        done = subprocess.run(
            [sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True
        )
    assert done.stdout.splitlines()[:2] == ["none", "none"]
    assert done.stdout.splitlines()[2].startswith(f"{paths[2]} belongs to another user (")


@as_root
def test_a_build_above_is_taken_only_from_a_project_of_ours(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = place.root / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    monkeypatch.setattr("pipeline.updater.launcher.__file__", str(below / "a/b/c/launcher.py"))
    with pytest.raises(LaunchError, match="the updater is not built"):
        build({})  # no project says so
    (place.root / "dodo.py").touch()
    line = Line(["--help"])
    assert command(line, build({}), {})[0] == str(place.root / "tools/wasmtime")
    given_away(place.root)
    with pytest.raises(LaunchError, match="belongs to another user"):
        command(line, build({}), {})


@as_root
@pytest.mark.parametrize(("plant", "why"), WAYS.values(), ids=WAYS)
def test_a_store_that_others_can_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Path], None], why: str
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    monkeypatch.setenv("DOIT_WASM_STORE", str(store))
    assert store_root() == store
    plant(store)
    with pytest.raises(StoreError) as caught:
        store_root()
    assert why in str(caught.value)
    assert "name another in DOIT_WASM_STORE" in str(caught.value)


@pytest.mark.parametrize("mode", [0o777, 0o1777], ids=oct)
def test_a_store_below_a_directory_of_all_is_judged_by_the_sticky_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    above = tmp_path / "above"
    (above / "store").mkdir(parents=True)
    above.chmod(mode)
    monkeypatch.setenv("DOIT_WASM_STORE", str(above / "store"))
    assert bool(doubt(str(above / "store"))) == (mode == 0o777)
    monkeypatch.setenv("DOIT_WASM_STORE", str(above))
    with pytest.raises(StoreError):  # with the bit too: others add what is looked up by name
        store_root()


STEP = """
from pipeline import Out, doit_config, step

DOIT_CONFIG = doit_config()

def task_all():
    yield step("one", doc="d", argv=["sh", "-c", "echo 1 > one"], outputs=[Out("one")])
"""


def test_each_program_tells_that_the_store_is_not_used(place: Place) -> None:
    store = place.root / "store"
    store.mkdir()
    opened(store)
    said = f"the store is not used: other users can write to {store}\n"
    polled = place.run("check")
    assert (polled.code, polled.out) == (1, "")
    assert polled.err.startswith(f"error: {said}")
    project = Project(place.root, {"DOIT_WASM_STORE": str(store)})
    project.write("dodo.py", STEP)
    for words in (["store"], ["run"]):
        run = project.doit(*words)
        assert run.code != 0
        assert said in run.text
        assert "Traceback" not in run.text


@as_root
@pytest.mark.parametrize("program", ["pipeline", "pipeline-lists"])
def test_a_dodo_file_above_that_others_could_have_planted_is_not_run(
    tmp_path: Path, program: str
) -> None:
    project = Project(tmp_path / "above")
    project.write("dodo.py", f"{STEP}\nopen('ran', 'w').close()\n")
    project.write("pyproject.toml", "[tool.doit]\ndodoFile = 'other.py'\n")
    project.write("other.py", "open('ran', 'w').close()\n")
    below = project.root / "below"
    below.mkdir()
    given_away(project.root)
    words = ["plan"] if program == "pipeline" else ["list"]

    def run(cwd: Path, *more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-P", "-m", "pipeline", *words, *more], cwd=cwd,
            env=project.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = run(below)
    assert (done.returncode, done.stdout) == (3, "")
    error, remedy, see = done.stderr.splitlines()
    assert error == (
        f"ERROR: {project.root}/dodo.py is not run: {project.root} belongs to another user (nobody)"
    )
    assert remedy.startswith(f"  help: go to {project.root}, or name it with `-f ")
    assert see == "  see:  doit-wasm help DW603"
    assert not list(project.root.rglob("ran"))
    assert run(below, "-f", f"{project.root}/dodo.py").returncode == 0

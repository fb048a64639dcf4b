"""Whatever lies where a step reads or writes: an answer in words, for that step alone."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.compiler import project_at
from engine.others import doit_as_someone
from pipeline import files
from pipeline.testing.project import Project

SECONDS = 20
OTHER = 'step("other", doc="d", argv=["touch", Out("other.txt")])'
READ = (
    'step("read", doc="d", argv=["sh", "-c", "ls in > out.txt"], inputs=["{}"], '
    'outputs=[Out("out.txt")])'
)
PLAIN = '{{"basename": "plain", "actions": ["ls in > plain.txt"], "file_dep": ["{}"]}}'


@pytest.fixture
def short() -> Iterator[Path]:
    """Give a directory with a short name that others can come to: a socket's has a limit."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)
        files.remove_tree(Path(place) / "a")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device")
    os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero has no end


KINDS = {fifo: "FIFO", bound: "socket", device: "device"}


def failed(made: Project, message: str) -> None:
    """Check that a step fails with *message*, each time, and no other."""
    for _ in range(2):
        run = made.doit("--continue", seconds=SECONDS)
        assert run.code in {1, 2}, run.text
        assert message in run.text
        assert run.text.count("error: ") == 1
        assert "Traceback" not in run.text
        assert (made.root / "other.txt").exists()


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
@pytest.mark.parametrize("inside", [False, True])
def test_an_input_that_is_no_file_is_reported(
    short: Path, kind: Callable[[Path], None], name: str, *, inside: bool
) -> None:
    made = project_at(short / "a", short / "marks", READ.format("in"), OTHER)
    if inside:
        made.write("in/deep/file", "x")
    place = made.root / ("in/deep/bad" if inside else "in")
    kind(place)
    failed(made, f"input in{'/deep/bad' if inside else ''} is a {name}")
    place.unlink()
    made.write("in/good", "x")
    assert made.doit(seconds=SECONDS).code == 0


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
@pytest.mark.parametrize("inside", [False, True])
def test_what_comes_to_a_step_that_was_fresh_is_reported(
    short: Path, kind: Callable[[Path], None], name: str, *, inside: bool
) -> None:
    made = project_at(short / "a", short / "marks", READ.format("in"), OTHER)
    made.write("in/file", "x")
    assert made.doit().code == 0
    if inside:
        kind(made.root / "in/bad")
    else:
        files.remove_tree(made.root / "in")
        kind(made.root / "in")
    explained = made.doit("explain", "read", seconds=SECONDS)
    assert "Traceback" not in explained.text
    assert "input in" in explained.text
    failed(made, f"input in{'/bad' if inside else ''} is a {name}")


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
@pytest.mark.parametrize("inside", [False, True])
def test_an_output_that_is_no_file_is_reported(
    short: Path, kind: Callable[[Path], None], name: str, *, inside: bool
) -> None:
    out = "out/deep/bad" if inside else "out"
    make = {
        fifo: f"os.mkfifo({out!r})",
        bound: f"__import__('socket').socket(__import__('socket').AF_UNIX).bind({out!r})",
        device: f"os.mknod({out!r}, 0o020666, os.makedev(1, 5))",
    }[kind]
    if kind is device and os.geteuid() != 0:
        pytest.skip("only root can make a device")
    text = f"import os; os.makedirs('out/deep'); {make}" if inside else f"import os; {make}"
    step = f'step("make", doc="d", argv=["python3", "-c", {text!r}], outputs=[Out("out")])'
    made = project_at(short / "a", short / "marks", step, OTHER)
    failed(made, f"output {out} is a {name}")
    assert not os.path.lexists(made.root / "out")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inside", [False, True])
def test_what_lies_where_an_output_belongs_makes_way(
    short: Path, kind: Callable[[Path], None], *, inside: bool
) -> None:
    script = "mkdir out; echo 1 > out/x"
    step = f'step("make", doc="d", argv=["sh", "-c", {script!r}], outputs=[Out("out")])'
    made = project_at(short / "a", short / "marks", step)
    if inside:
        assert made.doit().code == 0
    place = made.root / ("out/bad" if inside else "out")
    kind(place)
    run = made.doit(seconds=SECONDS)
    assert run.code == 0, run.text
    assert [path.name for path in (made.root / "out").iterdir()] == ["x"]
    assert "1 fresh" in made.doit().out


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_task_with_such_a_dependency_neither_hangs_nor_ends_the_run(
    short: Path, kind: Callable[[Path], None]
) -> None:
    made = project_at(short / "a", short / "marks", PLAIN.format("in"), OTHER)
    made.write("in/file", "x")
    kind(made.root / "in/bad")
    run = made.doit("--continue", seconds=SECONDS)
    assert "Traceback" not in run.text
    assert (made.root / "other.txt").exists()


@pytest.mark.parametrize("name", ["in/x/y", "in/x/y/z"])
def test_a_path_through_a_file_is_no_file(short: Path, name: str) -> None:
    made = project_at(short / "a", short / "marks", READ.format(name), OTHER)
    made.write("in/x", "file")
    failed(made, f"input {name} of read does not exist: no task makes it")
    (made.root / "in/x").unlink()
    made.write(name, "file")
    assert made.doit().code == 0
    files.remove_tree(made.root / "in/x")
    made.write("in/x", "file")
    failed(made, f"input {name} of read does not exist: no task makes it")


@pytest.mark.parametrize(
    ("mode", "path", "message"),
    [
        (0o000, "in/file", "cannot read in/file: Permission denied"),
        (0o000, "in/deep", "cannot read in/deep: Permission denied"),
        (0o444, "in/deep", "cannot read in/deep/x: Permission denied"),
        (0o000, "in", "cannot read in: Permission denied"),
    ],
)
def test_what_may_not_be_read_is_reported(
    short: Path, site: Path, mode: int, path: str, message: str
) -> None:
    made = project_at(short / "a", short / "marks", READ.format("in"), OTHER)
    made.write("in/file", "x")
    made.write("in/deep/x", "x")
    first = doit_as_someone(made, site)
    assert first.code == 0, first.text
    (made.root / "other.txt").unlink()
    (made.root / path).chmod(mode)
    run = doit_as_someone(made, site, "--continue")
    assert run.code == 1, run.text
    assert message in run.text
    assert "Traceback" not in run.text
    assert (made.root / "other.txt").exists()
    (made.root / path).chmod(0o755)
    (made.root / "in/new").touch()
    assert doit_as_someone(made, site).code == 0


@pytest.mark.parametrize("raw", [b"caf\xe9", b"new\nline", b"\x1b[31mred", b"tab\t", b"-n", b"a b"])
def test_a_bad_file_of_any_name_is_named_in_printable_text(short: Path, raw: bytes) -> None:
    made = project_at(short / "a", short / "marks", READ.format("in"), OTHER)
    (made.root / "in").mkdir()
    fifo(made.root / "in" / os.fsdecode(raw))
    run = made.doit("--continue", seconds=SECONDS)
    (line,) = [line for line in run.text.splitlines() if "is a FIFO" in line]
    assert line.isprintable()
    assert "Traceback" not in run.text
    assert (made.root / "other.txt").exists()


@pytest.mark.parametrize("raw", [b"caf\xe9", b"new\nline", b"a b"])
def test_an_input_and_an_output_may_have_any_name(short: Path, raw: bytes) -> None:
    name = os.fsdecode(raw)
    step = f'step("s", doc="d", argv=["cp", In("in/" + {name!r}), Out("out/" + {name!r})])'
    made = project_at(short / "a", short / "marks", step)
    (made.root / "in").mkdir()
    (made.root / "in" / name).write_text("1")
    for text in ("1", "2"):
        (made.root / "in" / name).write_text(text)
        run = made.doit()
        assert run.code == 0, run.text
        assert (made.root / "out" / name).read_text() == text
    assert "1 fresh" in made.doit().out
    assert "Traceback" not in made.doit("explain", "s").text

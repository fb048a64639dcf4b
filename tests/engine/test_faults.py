"""Bad input and a failing machine lead to a clear message, and nothing wrong counts as done."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import compiled, project_at, runs
from engine.others import SOMEONE, opened
from engine.test_lock import Background, wait_for
from pipeline.testing.project import Project

COPY = 'step("{0}", doc="d", argv=["cp", In("{1}"), Out("{2}")])'

DECLARED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "two-steps-with-one-target": (
        (COPY.format("a", "x", "z"), COPY.format("b", "y", "z")),
        3,
        "ERROR: a and b both make z\n",
    ),
    "one-target-under-two-names": (
        (COPY.format("a", "x", "z"), COPY.format("b", "y", "./d/../z")),
        3,
        "ERROR: a and b both make z\n",
    ),
    "two-steps-with-one-name": ((COPY.format("a", "x", "y"),) * 2, 3, "a is declared twice"),
    "a-cycle": (
        (COPY.format("a", "x", "y"), COPY.format("b", "y", "x")),
        3,
        "wait for each other: b -> a -> b",
    ),
    "a-cycle-of-one": ((COPY.format("a", "x", "x"),), 3, "x and the input x overlap\n"),
    "a-step-after-one-that-is-not-there": (
        ('step("a", doc="d", argv=["true"], after=["gone"])',),
        3,
        "'gone' does not exist",
    ),
}


@pytest.mark.parametrize(("steps", "code", "message"), DECLARED.values(), ids=DECLARED.keys())
def test_what_cannot_be_is_reported_in_words(
    tmp_path: Path, steps: tuple[str, ...], code: int, message: str
) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", *steps)
    for name in ("x", "y"):
        made.write(name, name)
    run = made.doit(seconds=20)
    assert message in run.text
    assert run.code == code, run.text
    assert "Traceback" not in run.text


def test_a_dodo_that_raises_shows_where_and_leaves_what_was_built(tmp_path: Path) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", COPY.format("a", "x", "y"))
    made.write("x", "x")
    assert made.doit().code == 0
    good = made.read("dodo.py")
    made.write("dodo.py", good + "    raise ValueError('from a helper')\n")
    run = made.doit()
    assert run.code == 3
    assert "ValueError: from a helper" in run.err
    assert 'dodo.py", line' in run.err
    made.write("dodo.py", good)
    assert "1 fresh" in made.doit().out


# Trees and disks that refuse.


def read_only(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


@pytest.mark.parametrize("built", [True, False], ids=["built-before", "never-built"])
@pytest.mark.parametrize("words", [(), ("list",), ("clean",)])
def test_a_read_only_tree_is_reported_in_one_line(
    mounted: Callable[..., Path], tmp_path: Path, words: tuple[str, ...], *, built: bool
) -> None:
    place = mounted("disk", "size=8m")
    made = project_at(place / "project", tmp_path / "marks", COPY.format("a", "x", "y"))
    made.write("x", "x")
    if built:
        assert made.doit().code == 0
    read_only(place)
    run = made.doit(*words)
    assert run.code == 3
    assert run.err.startswith("ERROR: cannot build here: ")
    assert "Read-only file system (help: make " in run.err
    assert run.err.count("\n") == 1


def test_a_database_that_does_not_fit_on_the_disk_is_reported_in_words(
    mounted: Callable[..., Path], tmp_path: Path
) -> None:
    place = mounted("disk", "size=1m")
    made = project_at(place / "project", tmp_path / "marks", COPY.format("a", "x", "y"))
    made.write("x", "x")
    assert made.doit().code == 0
    subprocess.run(["sh", "-c", f"cat /dev/zero >{place}/fill"], check=False, stderr=-1)
    forget = [sys.executable, "-m", "pipeline", "forget", "a"]
    done = subprocess.run(
        forget, check=False, cwd=made.root, env=made.environment(), stderr=-1, text=True
    )
    assert done.stderr.startswith("ERROR: build/state.sqlite3 cannot be written: ")
    assert "help: make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 3
    (place / "fill").unlink()
    assert "1 fresh" in made.doit().out


def test_a_read_only_cache_is_reported_in_one_line_and_the_build_succeeds(
    mounted: Callable[..., Path], tmp_path: Path
) -> None:
    place = mounted("disk", "size=8m")
    read_only(place)
    marks = tmp_path / "marks"
    made = project_at(tmp_path / "a", marks, compiled("one", "in.txt", "one.txt"))
    made = Project(made.root, {"DOIT_WASM_STORE": str(place)})
    made.write("in.txt", "x\n")
    run = made.doit()
    assert (run.code, runs(marks)) == (0, ["one"])
    assert run.err == "cache: not used in this run: Read-only file system\n"


def test_a_full_cache_disk_is_reported_in_one_line_and_the_build_succeeds(
    mounted: Callable[..., Path], tmp_path: Path
) -> None:
    place = mounted("disk", "size=1m")
    marks = tmp_path / "marks"
    steps = [compiled(name, f"{name}.in", f"{name}.out") for name in ("one", "two")]
    made = project_at(tmp_path / "a", marks, *steps)
    made = Project(made.root, {"DOIT_WASM_STORE": str(place)})
    for name in ("one", "two"):
        made.write(f"{name}.in", name * 700_000)
    run = made.doit()
    assert (run.code, sorted(runs(marks))) == (0, ["one", "two"])
    assert run.err == "cache: not used in this run: No space left on device\n"
    assert made.read("two.out") == "TWO" * 700_000
    assert list(place.glob("cache/tmp/*")) == []


FILL = (
    'step("fill", doc="d", argv=["sh", "-c", "head -c $SIZE /dev/zero > $1; cat small >> $1",'
    ' "sh", Out("big")], inputs=["small"], env={"SIZE": "%s"})'
)


def test_a_disk_that_is_full_in_the_middle_of_a_step_is_reported_and_harms_nothing(
    mounted: Callable[..., Path], tmp_path: Path
) -> None:
    place = mounted("disk", "size=20m")
    store = tmp_path / "store"
    step = FILL % (8 << 20)
    made = project_at(place / "project", tmp_path / "marks", COPY.format("a", "small", "b"), step)
    made = Project(made.root, {"DOIT_WASM_STORE": str(store)})
    made.write("small", "small\n")
    assert made.doit().code == 0
    size = (made.root / "big").stat().st_size
    made.write("dodo.py", made.read("dodo.py").replace(str(8 << 20), str(30 << 20)))
    run = made.doit()
    assert run.code in (1, 2), run.text
    assert "No space left on device" in run.text
    assert "Traceback" not in run.text
    assert (made.root / "big").stat().st_size == size  # the old one, whole
    made.write("dodo.py", made.read("dodo.py").replace(str(30 << 20), str(8 << 20)))
    again = made.doit()
    assert again.code == 0, again.text
    assert "Traceback" not in again.text
    assert (made.root / "big").stat().st_size == size


def test_inputs_that_do_not_fit_are_reported(mounted: Callable[..., Path], tmp_path: Path) -> None:
    place = mounted("disk", "size=4m")
    made = project_at(place / "project", tmp_path / "marks", COPY.format("a", "large", "b"))
    made.write("large", "x" * (3 << 20))
    run = made.doit()
    assert run.code in (1, 2)
    assert "No space left on device" in run.text
    assert "Traceback" not in run.text
    assert not (made.root / "b").exists()


def test_a_tree_of_someone_else_is_reported_in_one_line(tmp_path: Path, site: Path) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", COPY.format("a", "x", "y"))
    opened(made.root)
    can = [*SOMEONE, "test", "-r", str(made.root), "-a", "!", "-w", str(made.root)]
    if shutil.which("setpriv") is None or subprocess.run(can, check=False).returncode != 0:
        pytest.skip("only root, with setpriv, can be someone else")
    done = subprocess.run(
        [*SOMEONE, *made.command()], capture_output=True, text=True, check=False,
        cwd=made.root, env={**os.environ, "PYTHONPATH": str(site), "HOME": "/nonexistent"},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("ERROR: cannot build here: build: Permission denied")
    assert done.stderr.count("\n") == 1


# Ends: no child outlives doit.

NAP = f"77.{os.getpid()}"  # seconds: no other run of these tests sleeps as long
FAMILY = (
    'step("family", doc="d", argv=["sh", "-c", '
    f'"sleep {NAP}1 & sleep {NAP}2 & (sleep {NAP}3 & wait) & wait"])'
)


def alive() -> list[str]:
    words = ["pgrep", "-f", f"^sleep {NAP}[123]$"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.split()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2")], ids=["sequential", "parallel"])
def test_whatever_ends_doit_ends_all_that_it_started_within_a_second(
    tmp_path: Path, number: signal.Signals, options: tuple[str, str]
) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", FAMILY)
    run = Background(made, *options)
    wait_for(lambda: len(alive()) == 3)
    run.process.send_signal(number)
    begun = time.monotonic()
    wait_for(lambda: alive() == [], 1)
    code, _, err = run.end()
    assert time.monotonic() - begun < 1
    assert code != 0
    assert "Traceback" not in err


def test_a_command_that_ignores_termination_is_ended_all_the_same(tmp_path: Path) -> None:
    script = f"trap : TERM INT HUP; sleep {NAP}1; sleep {NAP}2"
    step = f'step("s", doc="d", argv=["sh", "-c", "{script}"])'
    run = Background(project_at(tmp_path / "a", tmp_path / "marks", step))
    wait_for(alive)
    run.process.terminate()
    wait_for(lambda: alive() == [], 1)
    run.end()
    time.sleep(0.1)
    assert alive() == []


def test_heavy_steps_do_not_run_at_once_and_light_ones_do(tmp_path: Path) -> None:
    script = 'echo "+$1" >> "$MARKS"; sleep 0.3; echo "-$1" >> "$MARKS"'
    steps = [
        f'step("{name}", doc="d", argv=["sh", "-c", {script!r}, "sh", "{name}"],'
        f' env={{"MARKS": MARKS}}, pool="{pool}")'
        for name, pool in [("h1", "heavy"), ("h2", "heavy"), ("l1", ""), ("l2", "")]
    ]
    marks = tmp_path / "marks"
    made = project_at(tmp_path / "a", marks, *steps)
    # On two cores there is one place for heavy steps; the machine of a test may have more.
    made.write(
        "dodo.py", "import os\nos.sched_getaffinity = lambda _: {0, 1}\n" + made.read("dodo.py")
    )
    assert made.doit("-n", "4").code == 0
    marked = [line for line in marks.read_text().split() if "h" in line]
    assert marked in (["+h1", "-h1", "+h2", "-h2"], ["+h2", "-h2", "+h1", "-h1"])
    light = [line[0] for line in marks.read_text().split() if "l" in line]
    assert light == ["+", "+", "-", "-"]

"""Links in outputs: kept, replaced by what they lead to, or refused; and outputs behind links."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.linked import READ, project_in
from pipeline.testing.project import Project

MAKE = 'step("make", doc="d", argv=["sh", "-c", {script!r}], outputs=[Out("{out}")])'


def maker(tmp_path: Path, script: str, out: str = "out") -> Project:
    return project_in(tmp_path, MAKE.format(script=script, out=out))


def twice(made: Project, check: Callable[[], None]) -> None:
    """Check what a step made, what the cache has of it, and that a further run has no work."""
    for _ in range(2):
        run = made.doit()
        assert run.code == 0, run.text
        check()
        (made.root / "out").rename(made.root / f"old{len(list(made.root.iterdir()))}")
    made.doit()
    assert "1 fresh" in made.doit().out
    check()


def test_links_inside_of_an_output_stay(tmp_path: Path) -> None:
    made = maker(
        tmp_path, 'mkdir -p out/bin out/pkg; echo 1 > out/pkg/x; ln -s ../pkg/x out/bin/x; '
        'ln -s pkg out/p; ln -s "$PWD/out/pkg/x" out/absolute; ln -s bin/x out/twice'
    )  # fmt: skip

    def check() -> None:
        texts = {
            name: str((made.root / "out" / name).readlink()) for name in ("bin/x", "p", "twice")
        }
        assert texts == {"bin/x": "../pkg/x", "p": "pkg", "twice": "bin/x"}
        assert [made.read(f"out/{name}") for name in ("p/x", "absolute", "twice")] == ["1\n"] * 3
        assert str((made.root / "out/absolute").readlink()) == "pkg/x"

    twice(made, check)


@pytest.mark.parametrize(
    ("script", "file"),
    [
        ("echo 1 > real; ln -s real out", "out"),
        ('echo 1 > real; ln -s "$PWD/real" out', "out"),
        ("mkdir real; echo 1 > real/a; ln -s real out", "out/a"),
        ("mkdir real out; echo 1 > real/a; ln -s ../real out/d", "out/d/a"),
        ("mkdir out; echo 1 > real; ln -s real two; ln -s ../two out/f", "out/f"),
    ],
)
def test_a_link_to_what_is_no_output_becomes_what_it_leads_to(
    tmp_path: Path, script: str, file: str
) -> None:
    made = maker(tmp_path, script)

    def check() -> None:
        assert made.read(file) == "1\n"
        assert not (made.root / file).is_symlink()
        assert not (made.root / "real").exists()

    twice(made, check)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("ln -s /nowhere out", "output out is a link that leads nowhere: /nowhere"),
        ("ln -s out out", "output out is a link that leads nowhere: out: too many levels"),
        ("mkdir out; ln -s x out/l", "output out/l is a link that leads nowhere: x"),
        ("ln -s /etc out", "output out is a link that leaves the step's directory: it leads to"),
        ("ln -s /etc/passwd out", "output out is a link that leaves the step's directory"),
        ("mkdir out; ln -s / out/root", "output out/root is a link that leaves"),
        ("mkdir out; ln -s /etc out/etc", "output out/etc is a link that leaves"),
        ("mkdir out; ln -s .. out/up", "output out/up is a link to a directory that it is in"),
    ],
)
def test_an_output_that_leads_away_is_refused_each_time(
    tmp_path: Path, script: str, message: str
) -> None:
    made = maker(tmp_path, script)
    for _ in range(2):
        run = made.doit(seconds=20)
        assert run.code != 0
        assert message in run.text
        assert "Traceback" not in run.text
        assert not os.path.lexists(made.root / "out")


MAKES = (
    'step("make", doc="d", argv=["cp", In("src"), Out("linked/x")])',
    'step("use", doc="d", argv=["cp", In("real/x"), Out("copy")])',
)


@pytest.mark.parametrize("order", [1, -1])
def test_an_output_behind_a_link_is_made_before_it_is_read(tmp_path: Path, order: int) -> None:
    made = project_in(tmp_path, *MAKES[::order])
    (made.root / "real").mkdir()
    (made.root / "linked").symlink_to("real")
    for number in "12":
        made.write("src", number)
        run = made.doit("-n", "3")
        assert (run.code, made.read("copy")) == (0, number), run.text
        assert "2 fresh" in made.doit().out


def test_outputs_that_links_make_one_place_are_refused(tmp_path: Path) -> None:
    other = 'step("other", doc="d", argv=["cp", In("src"), Out("real/x")])'
    made = project_in(tmp_path, MAKES[0], other)
    (made.root / "real").mkdir()
    (made.root / "linked").symlink_to("real")
    run = made.doit()
    assert (run.code, "make and other both make real/x" in run.err) == (3, True)


@pytest.mark.parametrize("link", ["../out.txt", "../out.d", "../way"])
def test_a_step_that_reads_what_it_makes_through_a_link_is_refused(
    tmp_path: Path, link: str
) -> None:
    more = READ.replace('Out("out.txt")', 'Out("out.txt"), Out("out.d/x")')
    made = project_in(tmp_path, more)
    (made.root / "in").mkdir()
    (made.root / "in/link").symlink_to(link)
    (made.root / "way").symlink_to("out.d")
    run = made.doit()
    assert run.code == 3
    assert "read makes out." in run.err
    assert "and reads it through a link" in run.err

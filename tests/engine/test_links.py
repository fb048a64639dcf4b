"""Links in inputs: read through, copied so that they lead there, or refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.linked import READ, project_in, reader, reads


def relative_directory(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in/clock").symlink_to("../common/clock")


def absolute_directory(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in/clock").symlink_to(root / "common/clock")


def relative_file(root: Path) -> None:
    (root / "in/deep/er").mkdir(parents=True)
    (root / "in/deep/er/clock.wit").symlink_to("../../../common/clock/clock.wit")


def absolute_file(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in/clock.wit").symlink_to(root / "common/clock/clock.wit")


def the_input_itself(root: Path) -> None:
    (root / "in").symlink_to("common/clock")


def the_input_itself_a_file(root: Path) -> None:
    (root / "in").symlink_to(root / "common/clock/clock.wit")


def link_to_link(root: Path) -> None:
    (root / "in").mkdir()
    (root / "one").symlink_to("two")
    (root / "two").symlink_to(root / "three")
    (root / "three").symlink_to("common")
    (root / "in/clock").symlink_to("../one/clock")


def link_behind_a_link(root: Path) -> None:
    (root / "in").mkdir()
    (root / "other").mkdir()
    (root / "other/clock").symlink_to("../common/clock/clock.wit")
    (root / "in/other").symlink_to("../other")


def inside(root: Path) -> None:
    (root / "in/a").mkdir(parents=True)
    shutil.move(root / "common", root / "in/a/common")
    (root / "common").symlink_to("in/a/common")
    (root / "in/b").symlink_to("a/common")
    (root / "in/c").symlink_to(root / "in/b")


def back_and_forth(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in/here").write_text("here\n")
    (root / "in/clock").symlink_to("../common/clock")
    (root / "common/clock/back").symlink_to("../../in/here")
    (root / "common/clock/around").symlink_to(".")


LINKS = (
    relative_directory, absolute_directory, relative_file, absolute_file, the_input_itself,
    the_input_itself_a_file, link_to_link, link_behind_a_link, inside,
)  # fmt: skip


@pytest.mark.parametrize("build", LINKS)
def test_a_link_is_read_through_and_an_edit_behind_it_counts(
    tmp_path: Path, build: Callable[[Path], None]
) -> None:
    made = reader(tmp_path)
    build(made.root)
    first = made.doit()
    assert first.code == 0, first.text
    assert set(made.read("out.txt").split()) == {"old"}
    assert made.doit().executed == []
    made.write("common/clock/clock.wit", "new\n")
    assert made.doit().code == 0
    assert set(made.read("out.txt").split()) == {"new"}


def test_a_link_to_what_is_in_the_same_input_stays_a_link(tmp_path: Path) -> None:
    made = project_in(tmp_path, reads("readlink in/b in/c in/d/up", "in"))
    made.write("in/a", "1")
    (made.root / "in/d").mkdir()
    (made.root / "in/b").symlink_to("a")
    (made.root / "in/c").symlink_to(made.root / "in/a")
    (made.root / "in/d/up").symlink_to("..")
    assert made.doit().code == 0
    assert made.read("out.txt") == "a\na\n..\n"


def test_links_back_and_forth_end(tmp_path: Path) -> None:
    made = reader(tmp_path, reads("cat in/clock/back in/clock/around/clock.wit", "in"))
    back_and_forth(made.root)
    assert made.doit().code == 0
    assert made.read("out.txt") == "here\nold\n"
    made.write("in/here", "there\n")
    assert made.doit().code == 0
    assert made.read("out.txt") == "there\nold\n"


def test_a_link_and_its_target_are_both_inputs(tmp_path: Path) -> None:
    made = project_in(tmp_path, reads("cat d/x d/l l", "l", "d", "d/l", "d/x"))
    made.write("d/x", "1\n")
    (made.root / "d/l").symlink_to("x")
    (made.root / "l").symlink_to("d/l")
    assert made.doit().code == 0
    assert made.read("out.txt") == "1\n1\n1\n"
    made.write("d/x", "2\n")
    assert made.doit().code == 0
    assert made.read("out.txt") == "2\n2\n2\n"


def dangling(root: Path) -> Path:
    return Path("not-there")


def loop(root: Path) -> Path:
    (root / "b").symlink_to("in/bad")
    return root / "b"


def itself(root: Path) -> Path:
    return Path("bad")


def outside(root: Path) -> Path:
    (root.parent / "secret").write_text("secret\n")
    return Path("../../secret")


def outside_directory(root: Path) -> Path:
    (root.parent / "secrets").mkdir()
    return root.parent / "secrets"


def everything(root: Path) -> Path:
    return Path("/")


def above(root: Path) -> Path:
    return Path("..")


def through_a_file(root: Path) -> Path:
    return Path("../dodo.py/x")


REFUSED = {
    dangling: "input in/bad is a link that leads nowhere: not-there: no such file or directory",
    loop: "input in/bad is a link that leads nowhere",
    itself: "input in/bad is a link that leads nowhere: bad: too many levels of symbolic links",
    outside: "input in/bad is a link that leaves the project: it leads to",
    outside_directory: "input in/bad is a link that leaves the project: it leads to",
    everything: "input in/bad is a link that leaves the project: it leads to /",
    above: "input in/bad is a link to a directory that it is in: it leads to ..",
    through_a_file: "input in/bad is a link that leads nowhere: ../dodo.py/x: not a directory",
}


@pytest.mark.parametrize(("build", "message"), REFUSED.items())
def test_a_link_that_no_step_can_follow_fails_that_step_alone(
    tmp_path: Path, build: Callable[[Path], Path], message: str
) -> None:
    made = project_in(
        tmp_path,
        READ,
        'step("other", doc="d", argv=["touch", Out("other.txt")])',
    )
    (made.root / "in").mkdir()
    (made.root / "in/bad").symlink_to(build(made.root))
    run = made.doit("--continue", seconds=20)
    assert run.code != 0
    assert message in run.text
    assert "help: " in run.text
    assert "Traceback" not in run.text
    assert (made.root / "other.txt").exists()
    for path in (made.root / "in").iterdir():
        path.unlink()
    made.write("in/good", "good\n")
    assert made.doit().code == 0
    assert made.read("out.txt") == "good\n"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere", "is a link that leads nowhere"),
        ("in", "is a link that leads nowhere"),
        ("/etc/passwd", "input in is a link that leaves the project"),
    ],
)
def test_an_input_that_is_such_a_link_is_refused(tmp_path: Path, target: str, message: str) -> None:
    made = reader(tmp_path)
    (made.root / "in").symlink_to(target)
    run = made.doit()
    assert run.code != 0
    assert message in run.text
    assert "Traceback" not in run.text


def test_a_build_directory_elsewhere_is_part_of_the_project(tmp_path: Path) -> None:
    made = project_in(
        tmp_path,
        'step("one", doc="d", argv=["sh", "-c", "echo 1 > build/one"], outputs=[Out("build/one")])',
        'step("two", doc="d", argv=["cp", In("build/one"), Out("build/two")])',
        'step("all", doc="d", argv=["cp", "-R", In("in"), Out("out")])',
    )
    (tmp_path / "elsewhere").mkdir()
    (made.root / "build").symlink_to(tmp_path / "elsewhere")
    (made.root / "in").mkdir()
    (made.root / "in/one").symlink_to("../build/one")
    for _ in range(2):
        run = made.doit()
        assert run.code == 0, run.text
        assert made.read("out/one") == "1\n"
    assert "3 fresh" in run.out


INTO = {
    "file": ("in/one", "../build/one"),
    "directory": ("in/all", "../build"),
    "the-input": ("in", "build/tree"),
    "below": ("in/x", "../build/tree/x"),
}


@pytest.mark.parametrize(("link", "target"), INTO.values(), ids=INTO.keys())
@pytest.mark.parametrize("order", [1, -1], ids=["reader-last", "reader-first"])
def test_a_link_into_what_another_step_makes_is_an_edge(
    tmp_path: Path, link: str, target: str, order: int
) -> None:
    target = target.replace("build", "made")
    steps = [
        'step("one", doc="d", argv=["cp", In("src"), Out("made/one")])',
        """step("tree", doc="d", argv=["sh", "-c", "mkdir -p made/tree; cp src made/tree/x"],
            inputs=["src"], outputs=[Out("made/tree")])""",
        READ,
    ][::order]
    made = project_in(tmp_path, *steps)
    if "/" in link:
        (made.root / "in").mkdir()
    (made.root / link).symlink_to(target)
    for text in ("1\n", "2\n"):
        made.write("src", text)
        run = made.doit()
        assert run.code == 0, run.text
        assert set(made.read("out.txt").split()) == {text.strip()}
        assert made.doit().executed == []


@pytest.mark.parametrize("order", [1, -1], ids=["reader-last", "reader-first"])
def test_a_path_through_a_link_into_what_another_step_makes_is_an_edge(
    tmp_path: Path, order: int
) -> None:
    steps = [
        'step("one", doc="d", argv=["cp", In("src"), Out("made/one")])',
        'step("two", doc="d", argv=["cp", In("l/one"), Out("out.txt")])',
    ][::order]
    made = project_in(tmp_path, *steps)
    (made.root / "l").symlink_to("made")
    for text in ("1\n", "2\n"):
        made.write("src", text)
        run = made.doit()
        assert run.code == 0, run.text
        assert made.read("out.txt") == text
        assert made.doit().executed == []


@pytest.mark.parametrize("link", ["../build", "../build/log", "../build/state.sqlite3"])
def test_a_link_to_what_we_write_ourselves_is_refused(tmp_path: Path, link: str) -> None:
    made = reader(tmp_path)
    (made.root / "in").mkdir()
    (made.root / "build/log").mkdir(parents=True)
    (made.root / "in/link").symlink_to(link)
    run = made.doit(seconds=20)
    assert run.code == 1
    assert "input in/link is a link to what doit-wasm itself writes" in run.out


@pytest.mark.parametrize("link", ["../other", "../other/file"])
def test_a_directory_outside_of_the_project_is_read_through_its_links(
    tmp_path: Path, link: str
) -> None:
    there, other = tmp_path / "there", tmp_path / "other"
    there.mkdir()
    other.mkdir()
    (other / "file").write_text("1\n")
    (there / "link").symlink_to(link)
    (there / "around").symlink_to("..")
    step = f"""step("read", doc="d", argv=["grep", "-rh", "", In("{there}/link")],
        inputs=["{there}"], shows=True)"""
    made = project_in(tmp_path, step)
    assert made.doit().code == 0
    assert "1 fresh" in made.doit().out
    (other / "file").write_text("2\n")
    assert "2\n" in made.doit().out

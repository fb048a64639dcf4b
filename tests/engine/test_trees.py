"""What a tree is: run bits, empty directories, links and names count, and nothing can be forged."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import project_at, runs
from pipeline import files, tree
from pipeline.engine.cache.result import Result
from pipeline.engine.digests import DigestMemo

WHETHER = 'echo ran >> "$MARKS"; if [ -x "$1" ]; then echo run; else echo plain; fi > out.txt'


def use(path: str) -> str:
    """Return a step that tells whether *path* may be executed."""
    return (
        f'step("use", doc="d", argv=["sh", "-c", {WHETHER!r}, "sh", In("{path}")], '
        'outputs=[Out("out.txt")], env={"MARKS": MARKS})'
    )


def make(kind: str) -> str:
    """Return a step that makes `prog` with the mode that the file `mode` says."""
    script = "cp in prog; chmod $(cat mode) prog"
    return (
        f'step("{kind}", doc="d", argv=["sh", "-c", {script!r}], inputs=["in", "mode"], '
        'outputs=[Out("prog")])'
    )


def test_the_run_bit_of_an_input_decides(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    made = project_at(tmp_path / "a", marks, use("in"))
    made.write("in", "x").chmod(0o644)
    assert made.doit().code == 0
    assert made.read("out.txt") == "plain\n"
    (made.root / "in").chmod(0o755)
    assert made.doit().code == 0
    assert made.read("out.txt") == "run\n"
    (made.root / "in").chmod(0o700)  # nothing else of a mode does
    assert made.doit().executed == []


def test_the_run_bit_of_an_output_decides_and_comes_back_from_the_cache(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    made = project_at(tmp_path / "a", marks, make("make"), use("prog"))
    made.write("in", "x")
    made.write("mode", "755")
    assert made.doit().code == 0
    assert (made.read("out.txt"), runs(marks)) == ("run\n", ["ran"])
    made.write("mode", "644")
    assert made.doit().code == 0
    assert (made.read("out.txt"), runs(marks)) == ("plain\n", ["ran"])
    made.write("mode", "755")
    run = made.doit()
    assert "2 cached" in run.out
    assert made.read("out.txt") == "run\n"
    assert os.access(made.root / "prog", os.X_OK)
    (made.root / "prog").chmod(0o644)
    assert made.doit().code == 0
    assert os.access(made.root / "prog", os.X_OK)


@pytest.mark.parametrize("mode", ["600", "444", "777", "4755", "711"])
def test_outputs_have_one_of_two_modes_made_or_restored(tmp_path: Path, mode: str) -> None:
    made = project_at(tmp_path / "a", tmp_path / "marks", make("make"))
    made.write("in", "x")
    made.write("mode", mode)
    modes = []
    for _ in range(2):
        assert made.doit().code == 0
        modes.append(stat.S_IMODE((made.root / "prog").stat().st_mode))
        (made.root / "prog").unlink()
    assert modes == [0o755 if int(mode, 8) & 0o100 else 0o644] * 2


def test_an_empty_directory_counts(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    script = 'echo ran >> "$MARKS"; mkdir -p d/empty; ls in > d/list'
    step = (
        f'step("list", doc="d", argv=["sh", "-c", {script!r}], inputs=["in"], '
        'outputs=[Out("d")], env={"MARKS": MARKS})'
    )
    made = project_at(tmp_path / "a", marks, step)
    made.write("in/f", "1")
    assert made.doit().code == 0
    (made.root / "in/new").mkdir()
    assert made.doit().code == 0
    assert made.read("d/list") == "f\nnew\n"
    (made.root / "d/empty").rmdir()
    assert made.doit().code == 0
    assert (made.root / "d/empty").is_dir()
    assert runs(marks) == ["ran", "ran"]


def plain(root: Path) -> None:
    (root / "a").write_text("1")


def empty_directory(root: Path) -> None:
    (root / "a").mkdir()


def nothing(root: Path) -> None:
    del root


def executable(root: Path) -> None:
    plain(root)
    (root / "a").chmod(0o755)


def link(root: Path) -> None:
    (root / "a").symlink_to("b")


def newline(root: Path) -> None:
    (root / "a\n1 b file").write_text("1")


def latin1(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9")).write_text("1")


def escaped(root: Path) -> None:
    (root / "caf\\xe9").write_text("1")


def nested(root: Path) -> None:
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/c").write_text("1")


def forged(root: Path) -> None:
    """Make the tree whose first digest was that of `two_links`."""
    (root / "a").symlink_to("b\n1 c link d")


def two_links(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "c").symlink_to("d")


TREES = (
    plain, empty_directory, nothing, executable, link, newline, latin1, escaped, nested,
    forged, two_links,
)  # fmt: skip


@pytest.mark.parametrize("digest", [files.digest, DigestMemo(Path("none")).of], ids=["it", "seen"])
def test_no_two_trees_have_one_digest(tmp_path: Path, digest: Callable[[Path], str]) -> None:
    found = {}
    for build in TREES:
        root = tmp_path / build.__name__
        root.mkdir()
        build(root)
        found[build.__name__] = digest(root)
        file = tmp_path / "file"
        file.write_text(found[build.__name__])
        found[f"file with the digest of {build.__name__}"] = digest(file)
    assert len(set(found.values())) == len(found)


def test_a_file_can_not_pass_for_a_directory_nor_for_an_executable(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("x")
    program.chmod(0o755)
    assert files.digest(program) == f"run:{files.sha256(program)}"
    assert files.digest(tmp_path).startswith("tree2:")
    program.chmod(0o644)
    assert files.digest(program) == files.sha256(program)


@pytest.mark.parametrize("build", TREES)
def test_what_is_described_is_made_again_and_has_the_same_digest(
    tmp_path: Path, build: Callable[[Path], None]
) -> None:
    root, said = tmp_path / "tree", tmp_path / "said"
    root.mkdir()
    build(root)
    said.write_text("")
    if build in {link, forged, two_links}:  # a tree with them is no output
        (root / "b").write_text("2")
        (root / "d").write_text("2")
        (root / "b\n1 c link d").write_text("2")
    result = Result.of("s", {"o": tree.seen(root)}, said)
    kept = {digest: path.read_bytes() for digest, path in result.files({"o": root})}
    again = Result.from_json(json.loads(json.dumps(result.as_json())))
    copy = tmp_path / "copy"
    assert again.make({"o": copy}, lambda digest, to: bool(to.write_bytes(kept[digest])))
    memo = DigestMemo(tmp_path / "memo")
    assert again.digests() == {"o": memo.of(copy)} == {"o": memo.of(root)}
    assert tree.digest(again.outputs["o"]) == files.digest(copy)


def test_a_step_reads_and_makes_names_that_are_no_text(tmp_path: Path) -> None:
    script = "mkdir d; cp in/* d; touch d/$(printf 'caf\\351') \"d/$(printf 'a\\nb')\""
    step = f'step("s", doc="d", argv=["sh", "-c", {script!r}], inputs=["in"], outputs=[Out("d")])'
    made = project_at(tmp_path / "a", tmp_path / "marks", step)
    (made.root / "in").mkdir()
    (made.root / "in" / os.fsdecode(b"\xff\xfe")).write_text("x")
    for _ in range(2):
        run = made.doit()
        assert run.code == 0, run.text
        names = {os.fsencode(path.name) for path in (made.root / "d").iterdir()}
        assert names == {b"caf\xe9", b"a\nb", b"\xff\xfe"}
        shutil.rmtree(made.root / "d")
    made.doit()
    assert "1 fresh" in made.doit().out

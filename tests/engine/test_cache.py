"""The action cache: nothing is made twice."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.caching import CHAIN, blobs
from engine.compiler import compiled, project_at, runs
from pipeline.testing.project import Project


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


def test_doit_cache_shows_what_is_held_and_prunes(chain: Project, tmp_path: Path) -> None:
    shown = chain.doit("cache")
    assert shown.code == 0
    assert shown.out.startswith("2 results, ")
    assert [line.split()[-1] for line in shown.out.splitlines()[1:]] == ["two", "one"]
    pruned = chain.doit("cache", "--prune", "0")
    assert pruned.code == 0
    assert "0 results, 0 B of 5.0 GB" in pruned.out
    assert blobs(tmp_path) == []


BAD = {
    "no-size": (("cache", "--prune", "much"), "`much` is not a size"),
    "argument": (("cache", "clear"), "`doit-wasm cache` takes no arguments: clear"),
}


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD.keys())
def test_doit_cache_refuses_what_it_does_not_understand(
    chain: Project, words: tuple[str, ...], message: str
) -> None:
    run = chain.doit(*words)
    assert run.code == 2
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

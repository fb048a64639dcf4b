"""Versions of the package with other formats share a store and leave each other's entries alone."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.caching import CHAIN, index
from engine.compiler import project_at, runs
from pipeline.testing.project import Project

ROOT = Path(__file__).parents[2]


class Version(Project):
    """A project that a copy of the package drives."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(self.root.parent / "package")}


def results(place: Path, tmp_path: Path) -> None:
    """Make the copy one whose results are other lists than ours, in a format of their own."""
    edit(place / "local.py", "FORMAT: Final = 3", "FORMAT: Final = 4")
    edit(place / "result.py", '"said": [self.said, self.said_size]}', '"printed": [self.said, 0]}')
    edit(place / "result.py", 'data["said"]', 'data["printed"]')


def schema(place: Path, tmp_path: Path) -> None:
    """Make the copy one whose index has another schema."""
    edit(place / "local.py", "Schema(\n    2,", "Schema(\n    3,")
    edit(place / "local.py", "create table need (", "create table need_of (")
    edit(place / "local.py", "on need (digest)", "on need_of (digest)")
    text = (place / "local.py").read_text()
    for old in ("from need ", "from need)", "into need "):
        assert old in text
        text = text.replace(old, old.replace("need", "need_of"))
    (place / "local.py").write_text(text)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize("change", [results, schema])
def test_two_versions_take_turns_and_each_finds_what_it_made(
    tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    marks = tmp_path / "marks"
    versions = [version(tmp_path / "one", marks), version(tmp_path / "two", marks)]
    change(tmp_path / "two/package/pipeline/engine/cache", tmp_path)
    for made in versions:
        assert made.doit().code == 0
        assert runs(marks) == ["one", "two"]  # each builds once, for it cannot read the other's
    for words in ((), ("cache",), ("cache", "--prune", "1G")):
        for made in versions:
            run = made.doit(*words)
            assert (run.code, run.err) == (0, ""), run.text
        for made in versions:
            shutil.rmtree(made.root / "out")
            run = made.doit()
            assert (run.code, run.err, runs(marks)) == (0, "", [])
            assert made.read("out/two.txt") == "X\n"


def version(place: Path, marks: Path) -> Version:
    shutil.copytree(ROOT / "pipeline", place / "package/pipeline")
    project_at(place / "project", marks, *CHAIN).write("in.txt", "x\n")
    return Version(place / "project")


def test_an_index_of_an_unknown_schema_stays_as_it_is(
    chain: Project, marks: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(index(tmp_path)) as opened:
        opened.execute("pragma user_version = 9")
    opened.close()
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, runs(marks)) == (0, ["one", "two"])
    assert run.err.startswith("cache: not used in this run: ")
    assert run.err.endswith("index.sqlite3 has schema 9, this doit-wasm knows 2\n")
    with sqlite3.connect(index(tmp_path)) as opened:
        opened.execute("pragma user_version = 2")
    opened.close()
    shutil.rmtree(chain.root / "out")
    run = chain.doit()
    assert (run.code, run.err, runs(marks)) == (0, "", [])

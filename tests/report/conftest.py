import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.conftest import DODO, install_tool
from pipeline.testing.project import Project

STEPS = """
    yield dict(basename="toolchain:shout", actions=None)
    yield step("upper", doc="d", argv=["sh", "-c", "tr a-z A-Z < in.txt > upper.txt"],
        inputs=["in.txt"], outputs=[Out("upper.txt")], env={"LANG": "C"})
    yield step("first", doc="d", argv=["sh", "-c", "cut -c1 upper.txt > first.txt"],
        inputs=["upper.txt"], outputs=[Out("first.txt")])
    yield step("loud", doc="d", argv=[Tool("shout"), "-v", In("first.txt"), Out("loud.txt")])
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    """Give a project whose task function has the given body."""

    def make(body: str) -> Project:
        made = Project(tmp_path / "project", env={"DOIT_WASM_CACHE_BYTES": "0"})
        made.write("dodo.py", DODO + body)
        return made

    return make


@pytest.fixture
def chain(project: Callable[[str], Project]) -> Project:
    """Give three steps that have run, each reading what the one before made."""
    made = project(STEPS)
    made.write("in.txt", "hello\n")
    install_tool(made, "shout", 'cp "$2" "$3"', digest="d1")
    assert made.doit().executed == ["upper", "first", "loud"]
    return made


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """Give a project of plain doit, which has run and knows nothing of ours."""
    made = Project(tmp_path / "project")
    made.write(
        "dodo.py",
        "def task_copy():\n"
        '    return {"actions": ["cp a.txt b.txt"], "file_dep": ["a.txt"], "targets": ["b.txt"]}\n'
        "def task_use():\n"
        '    return {"actions": ["cat b.txt"], "file_dep": ["b.txt"]}\n'
        "def task_always():\n"
        '    return {"actions": ["true"], "uptodate": [False]}\n',
    )
    made.write("a.txt", "1")
    assert made.doit("copy", "use").code == 0
    return made


def short(text: str) -> str:
    """Return the digest of a file with this text as people are shown it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def replace(project: Project, old: str, new: str) -> None:
    """Edit dodo.py."""
    text = project.read("dodo.py")
    assert old in text
    project.write("dodo.py", text.replace(old, new, 1))


def tree(project: Project) -> dict[str, tuple[bytes, int]]:
    """Return the content and time of every file of the project, but for compiled modules."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in project.root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def json_of(project: Project, *args: str) -> dict[str, object]:
    """Return what a command prints with --json."""
    data = json.loads(project.doit(*args, "--json").out)
    assert isinstance(data, dict)
    return data

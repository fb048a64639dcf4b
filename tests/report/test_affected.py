"""`doit-wasm affected`: what a change since a commit can reach, by git and the declared inputs."""

import json
import subprocess
from pathlib import Path

import pytest

from engine.conftest import DODO
from pipeline.testing.project import Project

TASKS = """
    yield from toolchains("toolchains")
    yield step("component:cli", doc="d", argv=[Tool("lower"), In("cli"), Out("cli.wasm")])
    yield step("component:db", doc="d", argv=["cp", In("db.txt"), Out("db.wasm")])
    yield step("compose:app", doc="d",
        argv=["sh", "-c", "cat cli.wasm db.wasm > app.wasm"],
        inputs=["cli.wasm", "db.wasm"], outputs=[Out("app.wasm")])
    yield step("docs", doc="d", argv=["cp", In("docs/a.md"), Out("docs.html")])
    yield dict(basename="list", doc="d", actions=["true"], file_dep=sorted(glob("parts/*.txt")))
    yield dict(basename="all", doc="d", actions=None, task_dep=["compose:app"])
"""
TOOL = """version = "1"
executables = ["lower"]
needs = {}
[[source]]
kind = "github"
repo = "o/r"
tag = "v1"
[source.platforms.linux_amd64]
asset = "lower.tar.gz"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Project:
    made = Project(tmp_path / "repo/project")
    imports = "from glob import glob\nfrom helper import LIST\nfrom pipeline import toolchains\n"
    made.write("dodo.py", imports + DODO + TASKS)
    made.write("helper.py", "LIST = 1\n")
    made.write(".gitignore", "build/\n*.wasm\n__pycache__/\n")
    for name in ("cli/main.rs", "db.txt", "docs/a.md", "parts/a.txt", "parts/b.txt", "unread.txt"):
        made.write(name, name)
    made.write("toolchains/lower.toml", TOOL.format(["base"]))
    made.write("toolchains/base.toml", TOOL.format([]))
    git(made, "init", "-q", "-b", "main", "..")
    commit(made)
    git(made, "checkout", "-q", "-b", "topic")
    return made


def git(project: Project, *words: str) -> None:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *name, *words], cwd=project.root, check=True, capture_output=True)


def commit(project: Project) -> None:
    git(project, "add", "-A", "..")
    git(project, "commit", "-q", "-m", "m")


def affected(project: Project, *words: str) -> list[str]:
    done = project.doit("affected", "--since", "main", *words)
    assert done.code == 0, done.err
    return done.out.splitlines()


def test_nothing_has_changed(repository: Project) -> None:
    assert affected(repository) == []
    assert json.loads(affected(repository, "--matrix")[0]) == {"include": []}


@pytest.mark.parametrize(
    ("path", "tasks"),
    [
        ("cli/main.rs", ["component:cli", "compose:app"]),
        ("cli/new.rs", ["component:cli", "compose:app"]),
        ("db.txt", ["component:db", "compose:app"]),
        ("docs/a.md", ["docs"]),
        ("parts/c.txt", ["list"]),
        ("unread.txt", []),
        ("../elsewhere.txt", []),
        ("toolchains/lower.toml", ["toolchain:lower", "component:cli", "compose:app"]),
        (
            "toolchains/base/go.sum",
            ["toolchain:base", "toolchain:lower", "component:cli", "compose:app"],
        ),
    ],
)
def test_a_change_reaches_readers_and_what_needs_them(
    repository: Project, path: str, tasks: list[str]
) -> None:
    repository.write(path, TOOL.format(["base"]) + "# edited")
    assert affected(repository) == tasks


def test_a_committed_change(repository: Project) -> None:
    repository.write("cli/main.rs", "edited")
    commit(repository)
    assert affected(repository) == ["component:cli", "compose:app"]


def test_a_removed_and_a_renamed_file(repository: Project) -> None:
    git(repository, "mv", "cli/main.rs", "cli/lib.rs")
    assert affected(repository) == ["component:cli", "compose:app"]
    git(repository, "rm", "-q", "parts/b.txt")  # the list of dodo.py no longer has it
    assert affected(repository) == ["component:cli", "compose:app", "list"]


@pytest.mark.parametrize("path", ["dodo.py", "helper.py"])
def test_a_change_of_the_declarations_reaches_all_tasks(repository: Project, path: str) -> None:
    text = (repository.root / path).read_text(encoding="utf-8")
    repository.write(path, f"{text}# edited\n")
    every = {"component:cli", "component:db", "compose:app", "docs", "list", "toolchain:lower"}
    assert every <= set(affected(repository))


def test_what_a_link_leads_to(repository: Project) -> None:
    repository.write("common/code.rs", "1")
    (repository.root / "cli/code.rs").symlink_to("../common/code.rs")
    commit(repository)
    git(repository, "branch", "-f", "main")
    repository.write("common/code.rs", "2")
    assert affected(repository) == ["component:cli", "compose:app"]


def test_only_what_this_branch_changed(repository: Project) -> None:
    git(repository, "checkout", "-q", "main")
    repository.write("db.txt", "of others")
    commit(repository)
    git(repository, "checkout", "-q", "topic")
    repository.write("docs/a.md", "ours")
    assert affected(repository) == ["docs"]


def test_json_and_matrix(repository: Project) -> None:
    repository.write("cli/main.rs", "edited")
    data = json.loads("\n".join(affected(repository, "--json")))
    assert len(data.pop("base")) == 40
    assert data == {
        "files": ["cli/main.rs"],
        "tasks": [
            {"task": "component:cli", "files": ["cli/main.rs"], "needs": []},
            {"task": "compose:app", "files": [], "needs": ["component:cli"]},
        ],
        "components": ["cli", "app"],
    }
    assert json.loads(affected(repository, "--matrix")[0]) == {
        "include": [
            {"component": "cli", "task": "component:cli"},
            {"component": "app", "task": "compose:app"},
        ]
    }


def test_named_tasks_and_what_they_need(repository: Project) -> None:
    repository.write("cli/main.rs", "edited")
    repository.write("docs/a.md", "edited")
    assert affected(repository, "all") == ["component:cli", "compose:app"]
    assert affected(repository, "docs") == ["docs"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "name a commit: --since origin/main"),
        (["--since", "nowhere"], "there is no revision 'nowhere' here"),
        (["--since", "--output=x"], "there is no revision '--output=x' here"),
    ],
)
def test_wrong_revisions(repository: Project, words: list[str], what: str) -> None:
    done = repository.doit("affected", *words)
    assert done.code == 3
    assert what in done.err
    assert done.err.count("doit-wasm help DW608") == 1
    assert done.err.count("see:") == 1
    assert "Traceback" not in done.err
    assert not (repository.root / "x").exists()


def test_no_repository(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    project.write("dodo.py", DODO + '    yield step("a", doc="d", argv=["true"], outputs=[])\n')
    done = project.doit("affected", "--since", "main")
    assert done.code == 3
    assert "this is not in a git repository" in done.err


def test_a_shallow_clone(repository: Project, tmp_path: Path) -> None:
    repository.write("docs/a.md", "2")
    commit(repository)
    source = (repository.root / "..").resolve().as_uri()
    words = ["clone", "-q", "--depth", "1", "--branch", "topic", source, str(tmp_path / "clone")]
    git(repository, *words)
    clone = Project(tmp_path / "clone/project")
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:main")
    done = clone.doit("affected", "--since", "main")
    assert done.code == 3
    assert "have no commit in common here" in done.err
    assert "git fetch --unshallow" in done.err

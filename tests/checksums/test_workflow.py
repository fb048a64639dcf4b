"""The workflow that opens pull requests is valid, asks for little, and its scripts work."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from checksums import sample
from workshop import REPOSITORY

WORKFLOW = REPOSITORY / ".github/workflows/checksums.yml"
PAGE = REPOSITORY / "docs/howto/automate-updates.md"
TEXT = WORKFLOW.read_text(encoding="utf-8")
JOBS: dict[str, Any] = YAML(typ="safe").load(TEXT)["jobs"]
# GitHub runs a step with `bash -e`, and one that names bash with pipefail, too.
COMMAND = r"^ *(?:if |\w+=\$\()?([\w.\[-]+)"
BASH = ["bash", "--noprofile", "--norc", "-e", "-c"]

# A stand-in for gh, which would need GitHub: it writes its words, one call per line.
GH = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["CALLS"], "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1:3] == ["pr", "list"]:
    print(os.environ.get("OPEN", ""))
"""


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in JOBS.items():
        yield from ((name, step) for step in job["steps"])


def script(name: str) -> str:
    (found,) = [step["run"] for _, step in steps() if step.get("name") == name]
    return found


@pytest.mark.registry
def test_actionlint_finds_nothing_and_finds_what_is_wrong(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    actionlint = program("actionlint")
    done = subprocess.run([actionlint, WORKFLOW], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(TEXT.replace("steps.summary.outputs", "steps.other.outputs"))
    done = subprocess.run([actionlint, wrong], capture_output=True, text=True, check=False)
    assert 'property "other" is not defined' in done.stdout


def check(schema: str, file: Path) -> subprocess.CompletedProcess[str]:
    words = ["-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", file]
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)


def test_the_schema_of_workflows_accepts_it_and_refuses_a_wrong_one(tmp_path: Path) -> None:
    assert check("github-workflows", WORKFLOW).returncode == 0
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(TEXT.replace("runs-on: ubuntu-24.04", "runs-of: ubuntu-24.04"))
    assert check("github-workflows", wrong).returncode == 1


def test_each_action_is_pinned_by_commit_and_names_its_version() -> None:
    used = re.findall(r"uses: (.*)", TEXT)
    assert len(used) == 5
    for line in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_what_may_write_runs_no_code_of_the_project_and_what_runs_it_may_not_write() -> None:
    whole = YAML(typ="safe").load(TEXT)
    assert whole["permissions"] == {}
    assert JOBS["update"]["permissions"] == {"contents": "read"}
    assert JOBS["update"]["steps"][0]["with"] == {"persist-credentials": False}
    writes = {"contents": "write", "pull-requests": "write"}
    assert JOBS["pull-request"]["permissions"] == writes
    assert JOBS["outcome"]["permissions"] == {}
    for name, step in steps():
        if name == "pull-request":
            commands = re.findall(COMMAND, step.get("run", ""), re.MULTILINE)
            assert {*commands} <= {"git", "gh", "cat", "[", "else", "fi", "--body-file"}
        # What a server or a person writes reaches a script as a variable or a file, never as code.
        assert "${{" not in step.get("run", "")
        uses_token = "github.token" in json.dumps(step.get("env", {}))
        assert uses_token == (step.get("name") in {"Poll", "Record", "Open the pull request"})


class Place:
    """A clone with what an update has left, and the repository that it is of."""

    def __init__(self, root: Path) -> None:
        self.root = root / "clone"
        self.origin = root / "origin.git"
        self.update = self.root / "update"
        self.temp = root / "temp"
        self.temp.mkdir()
        programs = root / "programs"
        programs.mkdir()
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        self.env = {
            **os.environ,
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": str(REPOSITORY),
            "HOME": str(self.temp),
            "CALLS": str(self.temp / "calls"),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "UPDATE": str(self.temp / "update"),
            "BRANCH": "checksums/update",
            "BASE": "main",
        }
        self.git("init", "-q", "--bare", "-b", "main", str(self.origin), cwd=root)
        self.git("clone", "-q", str(self.origin), str(self.root), cwd=root)
        sample.fill(self.root / "checksums")
        (self.root / ".venv/bin").mkdir(parents=True)
        (self.root / ".venv/bin/activate").touch()
        (self.root / ".gitignore").write_text("/.venv/\n/update/\n")
        self.git("config", "user.name", "t")
        self.git("config", "user.email", "t@t.test")
        self.git("add", "-A")
        self.git("commit", "-qm", "recorded")
        self.git("push", "-q", "origin", "HEAD:main")

    def git(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(["git", *words], cwd=cwd or self.root, env=self.env, check=True,
                              capture_output=True, text=True)  # fmt: skip
        return done.stdout

    def run(self, name: str, **env: str) -> None:
        subprocess.run([*BASH, script(name)], cwd=self.root, env=self.env | env, check=True)

    def record(self, version: str) -> None:
        text = json.dumps(sample.document("plain")).replace("1.2.0", version)
        whole = sample.document("plain")
        whole["latest_version"] = version
        whole["versions"] |= json.loads(text)["versions"]
        sample.write(self.root / "checksums", "plain", whole)

    def handed_over(self) -> None:
        """Do what the artifact does: give the files to the other job, in a clean clone."""
        shutil.copytree(self.update, self.temp / "update", dirs_exist_ok=True)
        self.git("reset", "-q", "--hard", "origin/main")
        self.git("clean", "-qfd")
        shutil.rmtree(self.update)

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.temp / "calls").read_text().splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_update_becomes_a_pull_request_and_the_next_one_renews_it(place: Place) -> None:
    place.record("1.3.0")
    sample.write(place.root / "checksums", "new", {**sample.document("plain"), "tool_name": "new"})
    place.run("Summarize")
    assert "changed=true\n" in (place.temp / "output").read_text()
    place.handed_over()
    place.run("Open the pull request")
    changed = place.git("diff", "--name-only", "main", "checksums/update", cwd=place.origin)
    assert changed.split() == ["checksums/tools/new.json", "checksums/tools/plain.json"]
    listed, created = place.calls()
    assert listed[:4] == ["pr", "list", "--head", "checksums/update"]
    title = "checksums: record new 1.2.0, plain 1.3.0"
    assert created[:8] == [
        *["pr", "create", "--base", "main", "--head", "checksums/update", "--title"],
        title,
    ]
    assert "| `plain` | `1.2.0` | `1.3.0`" in Path(created[9]).read_text()

    place.git("reset", "-q", "--hard", "origin/main")
    place.record("1.4.0")
    place.run("Summarize")
    place.handed_over()
    place.run("Open the pull request", OPEN="7")
    assert place.calls()[-1][:3] == ["pr", "edit", "7"]
    assert "1.4.0" in place.git(
        "show", "checksums/update:checksums/tools/plain.json", cwd=place.origin
    )


def test_tampering_is_proposed_with_a_title_that_says_so(place: Place) -> None:
    whole = sample.document("plain")
    whole["versions"]["1.2.0"]["platforms"]["linux_amd64"]["sha256"] = "b" * 64
    sample.write(place.root / "checksums", "plain", whole)
    place.run("Summarize")
    assert (place.update / "body.md").read_text().startswith("> [!CAUTION]")
    place.handed_over()
    place.run("Open the pull request")
    assert "checksums: POSSIBLE TAMPERING; no new release" in place.calls()[-1]


def test_without_a_change_there_is_nothing_to_propose(place: Place) -> None:
    place.run("Summarize")
    assert (place.temp / "output").read_text() == "changed=false\n"


def test_a_patch_of_anything_but_checksums_is_not_applied(place: Place) -> None:
    (place.root / "dodo.py").write_text("evil")
    place.record("1.3.0")
    place.run("Summarize")
    place.git("add", "-A")
    (place.update / "changes.patch").write_text(place.git("diff", "--cached", "--binary"))
    place.handed_over()
    place.run("Open the pull request")
    changed = place.git("diff", "--name-only", "main", "checksums/update", cwd=place.origin)
    assert changed.split() == ["checksums/tools/plain.json"]


CODES = {
    ("0", "0"): 0,
    ("3", "0"): 0,
    ("5", "5"): 0,
    ("3", "1"): 1,
    ("1", "0"): 1,
    ("4", "4"): 1,
}


@pytest.mark.parametrize(("codes", "wanted"), CODES.items(), ids=map("-".join, CODES))
def test_the_run_fails_in_the_end_if_a_person_is_needed(
    codes: tuple[str, str], wanted: int
) -> None:
    env = {"PATH": os.environ["PATH"], "POLL": codes[0], "RECORD": codes[1]}
    words = [*BASH, script("Report what needs a person")]
    assert subprocess.run(words, env=env, check=False).returncode == wanted


@pytest.mark.parametrize("name", ["Poll", "Record"])
@pytest.mark.parametrize(
    ("code", "wanted"), [(0, 0), (1, 0), (2, 1), (3, 0), (4, 0), (5, 0), (137, 1)]
)
def test_what_could_be_polled_and_recorded_is_proposed(
    place: Place, name: str, code: int, wanted: int
) -> None:
    doit = place.root.parent / "programs/doit"
    doit.write_text(f"#!/bin/sh\nexit {code}\n")
    doit.chmod(0o755)
    done = subprocess.run([*BASH, script(name)], cwd=place.root, env=place.env, check=False)
    assert done.returncode == wanted
    assert (place.temp / "output").read_text() == f"code={code}\n"


def recipe() -> dict[str, Any]:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(block)


def test_the_recipe_for_renovate_fits_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "renovate.json"
    file.write_text(json.dumps(recipe()))
    assert check("renovate", file).returncode == 0
    file.write_text(json.dumps(recipe() | {"customManagers": [{"customType": "other"}]}))
    assert check("renovate", file).returncode == 1


@pytest.mark.parametrize(
    "file", sorted((REPOSITORY / "checksums/tools").glob("*.json")), ids=lambda f: f.stem
)
def test_the_recipe_for_renovate_finds_our_tools(file: Path) -> None:
    (manager,) = recipe()["customManagers"]
    (files,), (pattern,) = manager["managerFilePatterns"], manager["matchStrings"]
    assert re.search(files.strip("/"), file.relative_to(REPOSITORY).as_posix())
    document = json.loads(file.read_text())
    found = re.search(pattern.replace("(?<", "(?P<"), file.read_text())
    if "github_repo" not in document:
        assert found is None
        return
    assert found
    assert found.groupdict() == {
        "packageName": document["github_repo"],
        "currentValue": document["latest_version"],
        "depName": document["tool_name"],
    }
    tag = document["versions"][document["latest_version"]]["tag"]
    version = re.search(manager["extractVersionTemplate"].replace("(?<", "(?P<"), tag)
    assert version
    assert version["version"] == document["latest_version"]

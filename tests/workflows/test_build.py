"""The workflows that build projects of others are valid, and their scripts work."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.scaffold.templates import Component, greeting, project
from workshop import REPOSITORY

GITHUB = REPOSITORY / ".github/workflows/build.yml"
GITLAB = REPOSITORY / ".gitlab/build.yml"
BUILD: dict[str, Any] = YAML(typ="safe").load(GITHUB)["jobs"]["build"]
JOB: dict[str, Any] = YAML(typ="safe").load(GITLAB)[".doit-wasm"]
STEPS = {step["name"]: step for step in BUILD["steps"] if "name" in step}

DODO = """
from pipeline import Out, doit_config, step

DOIT_CONFIG = doit_config()


def task_all():
    yield step("good", doc="d", argv=["sh", "-c", "echo 1 > good"], outputs=[Out("good")])
    yield step("bad", doc="d", argv=["sh", "-c", "echo wrong; exit 1"])
"""


@pytest.fixture
def workflows(tmp_path: Path) -> list[Path]:
    """Give all workflows of this repository, and the one that `doit-wasm init` writes."""
    written = tmp_path / "written.yml"
    texts = project(greeting(Component("hello", "rust")))
    written.write_bytes(texts[".github/workflows/build.yml"])
    return [*sorted(GITHUB.parent.glob("*.yml")), written]


@pytest.mark.registry
def test_actionlint_finds_nothing_and_finds_what_is_wrong(
    program: Callable[[str], Path], workflows: list[Path]
) -> None:
    written = workflows[-1]
    text = written.read_text()
    for content, said in [(text, ""), (text.replace("runner.os", "runner.so"), '"so" is not')]:
        written.write_text(content)
        words = [program("actionlint"), "-no-color", *workflows]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert said in done.stdout
        assert (done.returncode, bool(done.stdout)) == (int(bool(said)), bool(said))


def test_the_schema_accepts_all_workflows(workflows: list[Path]) -> None:
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    assert len(workflows) == 4
    assert subprocess.run([sys.executable, *words, *workflows], check=False).returncode == 0


@pytest.mark.parametrize(
    ("schema", "file", "right", "wrong"),
    [
        ("github-workflows", GITHUB, "runs-on:", "runs-of:"),
        ("gitlab-ci", GITLAB, "when: always", "when: ever"),
    ],
    ids=["github", "gitlab"],
)
def test_the_schema_accepts_it_and_refuses_a_wrong_one(
    tmp_path: Path, schema: str, file: Path, right: str, wrong: str
) -> None:
    text = file.read_text().replace(".doit-wasm:", "build:")  # GitLab leaves hidden jobs unchecked
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    for name, content, code in [("right", text, 0), ("wrong", text.replace(right, wrong), 1)]:
        copy = tmp_path / f"{name}.yml"
        copy.write_text(content)
        assert subprocess.run([*words, copy], check=False).returncode == code


def test_each_action_is_pinned_by_commit_and_names_its_version() -> None:
    used = re.findall(r"uses: (.*)", GITHUB.read_text())
    assert len(used) == 2
    for line in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_what_a_caller_or_a_server_says_reaches_a_script_as_a_variable() -> None:
    assert YAML(typ="safe").load(GITHUB)["permissions"] == {"contents": "read"}
    for step in STEPS.values():
        assert "${{" not in step["run"]


def evaluated(expression: str, **known: object) -> object:
    """Evaluate an expression of GitHub that uses no more than ours do."""
    code = expression.removeprefix("${{").removesuffix("}}").strip()
    code = code.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    code = re.sub(r"startsWith\(([^,]*),\s*('[^']*')\)", r"(\1).startswith(\2)", code)
    code = re.sub(r"\b(?:github|secrets)\.([a-z_-]+)", lambda m: m[1].replace("-", "_"), code)
    return eval(code, {"__builtins__": {}}, known)


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "push", "schedule"])
@pytest.mark.parametrize("reads", ["", "reads"])
@pytest.mark.parametrize("writes", ["", "writes"])
def test_a_pull_request_reads_the_remote_cache_and_never_writes(
    event: str, reads: str, writes: str
) -> None:
    env = STEPS["Build"]["env"]
    known = {"event_name": event, "cache_read_token": reads, "cache_write_token": writes}
    mode = evaluated(env["DOIT_WASM_REMOTE_MODE"], **known)
    token = evaluated(env["DOIT_WASM_REMOTE_TOKEN"], **known)
    if event.startswith("pull_request"):
        assert (mode, token) == ("read", reads)
    else:
        assert (mode, token) == ("read-write", writes or reads)


def test_a_merge_request_of_gitlab_reads_the_remote_cache_and_never_writes() -> None:
    assert JOB["variables"]["DOIT_WASM_REMOTE_MODE"] == "read"
    first, *rest = JOB["rules"]
    assert first == {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}
    writing = [rule["if"] for rule in rest if "variables" in rule]
    assert writing == ['$CI_COMMIT_REF_PROTECTED == "true"']


class Place:
    """A project as a machine of CI has it after its set-up, and what its scripts write."""

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.summary = root / "summary.md"
        (self.root / ".venv/bin").mkdir(parents=True)
        (self.root / ".venv/bin/activate").write_text(f'PATH="{root}/bin:$PATH"\n')
        (root / "bin").mkdir()
        command = root / "bin/doit-wasm"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n')
        command.chmod(0o755)
        (self.root / "dodo.py").write_text(DODO)
        self.env = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "DOIT_WASM_STORE": str(root / "store"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.root),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        # As both run a script: it ends at the first command that fails.
        words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(words, cwd=self.root, env=self.env | env, check=False,
                              capture_output=True, text=True)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_second_job_gets_what_the_first_has_saved_and_says_so(place: Place) -> None:
    build, summarize = STEPS["Build"]["run"], STEPS["Summarize"]["run"]
    first = place.run(build, TASKS="good")
    assert first.returncode == 0, first.stdout + first.stderr
    (place.root / "good").unlink()
    assert place.run(build, TASKS="good").returncode == 0
    done = place.run(summarize, RESTORED="doit-wasm-Linux-X64-1")
    assert done.returncode == 0, done.stderr
    written = place.summary.read_text()
    assert "Action cache: 1 of 1 stale task (100%)" in written
    assert written.endswith("Store restored from: doit-wasm-Linux-X64-1\n")
    assert place.run(STEPS["Prune"]["run"]).returncode == 0


def test_a_failed_build_is_annotated_and_summarized(place: Place) -> None:
    done = place.run(STEPS["Build"]["run"], TASKS="")
    assert done.returncode == 1
    assert "::error title=bad::" in done.stdout
    assert place.run(STEPS["Summarize"]["run"], RESTORED="").returncode == 0
    written = place.summary.read_text()
    assert "`bad` failed" in written
    assert "Action cache: 0 of 1 stale task (0%)" in written
    assert written.endswith("Store restored from: nothing\n")


def test_tasks_are_words_and_no_shell(place: Place) -> None:
    done = place.run(STEPS["Build"]["run"], TASKS="good $(touch planted) *")
    assert done.returncode != 0
    assert not (place.root / "planted").exists()


@pytest.mark.parametrize(("tasks", "code"), [("good", 0), ("", 1)])
def test_the_script_of_gitlab_builds_and_reports(place: Place, tasks: str, code: int) -> None:
    ready = JOB["before_script"][2]  # what precedes it installs, what follows it too
    done = place.run("\n".join([ready, *JOB["script"]]), TASKS=tasks)
    assert done.returncode == code, done.stdout + done.stderr
    after = place.run("\n".join(JOB["after_script"]))
    assert after.returncode == 0, after.stderr
    assert "## Build of `project`" in after.stdout
    assert (place.root / JOB["artifacts"]["paths"][0]).is_file()

"""A build goes on without a tool that it can do without, and says so."""

from __future__ import annotations

import pytest

from pipeline.testing.project import Project

DODO = """
from pipeline import doit_config, toolchains

DOIT_CONFIG = doit_config()

def task_tools():
    yield from toolchains("toolchains")

def task_all():
    yield {"basename": "all", "actions": ["echo went on"], "task_dep": ["toolchain:t"]}
"""
TOML = """version = "1"
{}
[[source]]
kind = "url"
url = "http://127.0.0.1:9/t"
sha256 = "{}"
"""


@pytest.fixture
def made(tmp_path) -> Project:
    made = Project(tmp_path)
    made.write("dodo.py", DODO)
    return made


def test_without_an_optional_tool_the_build_goes_on_and_says_so(made: Project) -> None:
    made.write("toolchains/t.toml", TOML.format('optional = "`doit lint`"', "a" * 64))
    made.write("build/toolchain/t.json", "of a tool that was there once")
    run = made.doit("all")
    assert (run.code, "went on" in run.text) == (0, True)
    assert "t: skipped, because it is only for `doit lint`" in run.err.splitlines()
    assert not (made.root / "build/toolchain/t.json").exists()


def test_without_any_other_tool_it_does_not(made: Project) -> None:
    made.write("toolchains/t.toml", TOML.format("", "a" * 64))
    run = made.doit("all")
    assert run.code == 1
    assert "went on" not in run.text
    assert "cannot install t 1" in run.text


def test_an_optional_tool_that_is_not_what_was_pinned_ends_the_build(made: Project, server) -> None:
    url, _ = server.put("t", b"evil")
    text = TOML.format('optional = "nobody"', "a" * 64)
    made.write("toolchains/t.toml", text.replace("http://127.0.0.1:9/t", url))
    run = made.doit("all")
    assert run.code == 1
    assert "is not the file that was pinned" in run.text

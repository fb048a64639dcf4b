"""`validate:TOOL` depends on its tool file and its own table of tools.toml, not on all of it."""

from collections.abc import Iterator

import pytest

from pipeline.testing.project import Project

TABLES = "checksums/tools.toml"
WAC = "checksums/tools/wac.json"


@pytest.fixture
def checked(workshop: Project) -> Iterator[Project]:
    """Give the workshop after all tool files were checked; what a test edits is put back."""
    before = {name: workshop.read(name) for name in (TABLES, WAC)}
    run = workshop.doit("validate")
    assert run.code == 0, run.text
    yield workshop
    for name, text in before.items():
        workshop.write(name, text)


def test_an_edit_of_one_table_or_tool_file_checks_that_tool_alone(checked: Project) -> None:
    assert checked.doit("validate").executed == []
    tables = checked.read(TABLES)
    checked.write(TABLES, tables.replace("[wkg]\n", "# a comment\n[wkg]\ncooldown = 1\n"))
    run = checked.doit("validate")
    assert (run.code, run.executed) == (0, ["validate:wkg"]), run.text
    assert checked.doit("explain", "validate:wac").out == "validate:wac: fresh\n"


def test_an_invalid_tool_file_is_named_and_fails_its_task_alone(checked: Project) -> None:
    broken = checked.read(WAC).replace('"latest_version": "0.9.0"', '"latest_version": "9"')
    checked.write(WAC, broken)
    run = checked.doit("validate")
    assert (run.code, run.executed) == (1, ["validate:wac"]), run.text
    assert "  file: checksums/tools/wac.json\n" in run.text
    assert "latest_version: " in run.text
    assert checked.read(WAC) == broken


def test_a_table_that_breaks_a_rule_fails_the_tool_that_it_is_about(checked: Project) -> None:
    tables = checked.read(TABLES)
    checked.write(TABLES, tables.replace("[wkg]\n", '[wkg]\ninterval = "6 parsecs"\n'))
    run = checked.doit("validate")
    assert (run.code, run.executed) == (1, ["validate:wkg"]), run.text
    assert "wkg.interval: must be such as" in run.text

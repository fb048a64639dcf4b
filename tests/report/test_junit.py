"""Test results are read from what runners write, and nothing in them is trusted."""

from pathlib import Path

import pytest

from pipeline.report.page import junit
from pipeline.report.page.junit import FailedTest

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" tests="4">
<testcase classname="test_a" name="test_one" time="0.25" />
<testcase classname="test_a" name="test_two" time="1,000.5">
  <failure message="assert 1 == 2">def test_two():\n&gt; assert 1 == 2</failure>
  <system-out>not the message</system-out></testcase>
<testcase classname="test_a" name="test_three" time="0.0"><skipped message="no"/></testcase>
<testcase name="alone" time="nan"><error message="broke"/><failure message="twice"/></testcase>
</testsuite></testsuites>"""


def read(tmp_path: Path, text: str | bytes) -> junit.ResultFile:
    path = tmp_path / "r.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return junit.read(path)


def test_cases_are_counted_and_failures_listed(tmp_path: Path) -> None:
    found = read(tmp_path, PYTEST)
    assert (found.tests, found.failed, found.skipped, found.seconds) == (4, 2, 1, 1000.75)
    assert found.problem == ""
    assert found.failures == [
        FailedTest("test_a.test_two", "assert 1 == 2\ndef test_two():\n> assert 1 == 2"),
        FailedTest("alone", "broke"),
    ]


def test_a_single_suite_may_be_the_root(tmp_path: Path) -> None:
    found = read(tmp_path, '<testsuite><testcase name="a"/></testsuite>')
    assert (found.tests, found.failed, found.problem) == (1, 0, "")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><testsuite><testcase name="&a;"/></testsuite>'
WRONG = {
    "entities": (BOMB, "it has a document type"),
    "external": ('<!DOCTYPE x SYSTEM "/etc/passwd"><testsuite/>', "it has a document type"),
    "other-root": ("<html/>", "the root is <html>"),
    "cut-off": (PYTEST[:300], "no JUnit results: "),
    "empty": ("", "no JUnit results: "),
    "binary": (b"\0\xff\xfe", "no JUnit results: "),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_file_without_results_has_a_problem(tmp_path: Path, text: str, problem: str) -> None:
    found = read(tmp_path, text)
    assert problem in found.problem
    assert (found.tests, found.failures) == (0, [])


def test_a_missing_file_has_a_problem(tmp_path: Path) -> None:
    assert "No such file" in junit.read(tmp_path / "none.xml").problem


def test_long_messages_and_lists_are_cut_off_but_counted(tmp_path: Path) -> None:
    case = f'<testcase name="a"><failure message="{"m" * 5000}">{"t" * 5000}</failure></testcase>'
    found = read(tmp_path, f"<testsuite>{case * 300}</testsuite>")
    assert (found.tests, found.failed, len(found.failures)) == (300, 300, 200)
    assert {len(failure.message) for failure in found.failures} == {2000}

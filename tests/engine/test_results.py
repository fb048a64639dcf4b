"""The results of tests are the one output that is kept when the command of a step fails."""

from pathlib import Path

from report.runs import make

SCRIPT = "if test -s in; then mkdir -p made; cp in made/r.xml; cp in other; fi; exit 1"
CASE = "<testsuite><testcase name='a'><failure>because</failure></testcase></testsuite>"


def test_a_failed_step_leaves_its_results_and_none_of_an_earlier_run(tmp_path: Path) -> None:
    outputs = '[Out("build/tests/t.xml", "made/r.xml"), Out("other")]'
    project = make(tmp_path, f"""sh("test:t", {SCRIPT!r}, inputs=["in"], outputs={outputs})""")
    project.write("in", CASE)
    assert project.doit().code == 1
    assert project.read("build/tests/t.xml") == CASE
    assert not (tmp_path / "other").exists()
    report = project.doit("report", "--markdown")
    assert "### Tests: 1, 1 failed" in report.out
    assert "because" in report.out
    project.write("in", "")
    assert project.doit().code == 1
    assert not (tmp_path / "build/tests/t.xml").exists()


def test_a_link_is_no_result(tmp_path: Path) -> None:
    out = '[Out("build/tests/t.xml")]'
    script = "ln -s /etc/hostname build/tests/t.xml; exit 1"
    project = make(tmp_path, f"""sh("test:t", {script!r}, outputs={out})""")
    run = project.doit()
    assert run.code == 1
    assert "sh ended with code 1" in run.text
    assert not (tmp_path / "build/tests/t.xml").is_symlink()

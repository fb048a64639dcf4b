"""`doit-wasm report`: the data, the page that is made from it, and the summary."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.binaries import world
from report.conftest import replace
from report.pages import STRANGE, data, page
from report.runs import FAILED, make


@pytest.fixture
def edited(chain: Project) -> Project:
    replace(chain, "cut -c1 ", "cut -c2 ")
    return chain


def test_data_has_tasks_with_states_and_reasons_and_the_last_run(edited: Project) -> None:
    found = data(edited)
    assert [(task["task"], task["state"], task["why"]) for task in found["tasks"]] == [
        ("upper", "fresh", ""),
        ("first", "stale", "command word 3 changed"),
        ("loud", "maybe", "may become stale, if the output of first changes"),
    ]
    assert found["edges"] == [["upper", "first"], ["first", "loud"]]
    (run,) = found["runs"]
    assert [task["task"] for task in run["tasks"]] == ["upper", "first", "loud"]
    assert run["counts"] == {"run": 3}
    assert found["tasks"][0]["log"] == "build/log/upper.log"


def test_the_page_shows_what_is_stale_and_why_before_anything_else(edited: Project) -> None:
    read = page(edited)
    assert read.text.index("command word 3 changed") < read.text.index("Graph of tasks")
    tables = [table for table in ("All 3 tasks", "The 3 tasks of this run") if table in read.text]
    assert tables == ["All 3 tasks", "The 3 tasks of this run"]
    classes = [link.get("class") or "" for link in read.all("a")]
    boxes = [words for words in classes if words.startswith("box")]
    assert boxes == ["box fresh", "box stale", "box maybe"]
    ids = {attributes.get("id") for _, attributes in read.elements}
    assert {str(link["href"])[1:] for link in read.all("a")} <= ids


def test_the_page_asks_nobody_for_anything(edited: Project) -> None:
    read = page(edited)
    names = {name for _, attributes in read.elements for name in attributes}
    assert names.isdisjoint({"src", "srcset", "action", "onclick", "style", "xlink:href"})
    assert {tag for tag, _ in read.elements}.isdisjoint({"img", "iframe", "link", "object", "form"})
    assert all(str(link["href"]).startswith("#") for link in read.all("a"))
    (rules,) = [meta["content"] for meta in read.all("meta") if "http-equiv" in meta]
    assert rules is not None
    assert "default-src 'none'" in rules
    assert "connect-src 'none'" in rules
    assert "unsafe" not in rules
    assert re.search(r"@import|url\(", (edited.root / "build/report.html").read_text()) is None


def test_names_of_a_project_are_never_markup(tmp_path: Path) -> None:
    tasks = [
        f"dict(basename={STRANGE!r}.replace('=', '-'), doc={STRANGE!r}, actions=['false'])",
        f"dict(basename='said', actions=['true'], uptodate=[False], doc={STRANGE!r})",
        f"had('x' + {STRANGE!r}.replace('=', '-'))",
    ]
    made = make(tmp_path / "<b>", *tasks)
    made.doit("run", "--continue")
    case = "<testcase name='&lt;script>'><failure/></testcase>"
    results = made.write("r.xml", f"<testsuite>{case}</testsuite>")
    read = page(made, "--junit", str(results), "--junit", "</script>")
    shown = STRANGE.replace("=", "-").replace("\u202e", "\\u202e")
    assert read.text.count(shown) >= 4
    assert "<script>" in read.text
    assert "<b>" in read.text
    assert len(read.all("script")) == 1
    assert len(read.all("style")) == 1
    assert {tag for tag, _ in read.elements}.isdisjoint({"img", "b"})
    assert "\u202e" not in (made.root / "build/report.html").read_text()


def test_the_document_survives_what_json_and_utf8_cannot_say(tmp_path: Path) -> None:
    made = make(tmp_path, r"""dict(basename="a", doc="\ud800 \0 \x1b", actions=["true"])""")
    assert data(made)["tasks"][0]["task"] == "a"
    assert "\\ud800 \\x00 \\x1b" in page(made).text


def test_the_failures_of_the_last_run_are_shown(tmp_path: Path) -> None:
    made = make(tmp_path, FAILED, 'shell("after", "true", "bad")')
    made.doit()
    run = data(made)["runs"][0]
    assert (run["outcome"], run["counts"]) == ("failed", {"failed": 1, "not-run": 1})
    text = page(made).text
    assert "1 failed, 1 not run" in text
    assert "more" in text
    summary = made.doit("report", "--markdown").out
    assert "- `bad` failed: `" in summary


def test_components_are_listed_with_what_their_parts_take_from_each_other(tmp_path: Path) -> None:
    poll = "wasi:io/poll@0.2.0"
    files = {
        "one": world(["a:b/c@1.0.0", poll], ["a:b/run"]),
        "two": world(["wasi:io/poll@0.2.12", "x:y/z"], ["a:b/c@1.0.0"]),
        "all": world(["wasi:io/poll@0.2.12"], ["a:b/run"]),
    }
    parts = {"all": ["one.wasm", "two.wasm"]}
    copies = [
        f'sh("{name}", "cp {name}.in {name}.wasm", outputs=[Out("{name}.wasm")], '
        f"inputs={[f'{name}.in', *parts.get(name, [])]})"
        for name in files
    ]
    made = make(tmp_path, *copies)
    for name, content in files.items():
        (tmp_path / f"{name}.in").write_bytes(content)
    made.doit()
    size = len(files["all"])
    made.write("build/check/all.json", json.dumps(
        {"component": "all.wasm", "bytes": size, "capabilities": ["clocks"]}))  # fmt: skip
    found = {each["task"]: each for each in data(made)["components"]}
    assert found["one"]["imports"] == ["a:b/c@1.0.0", poll]
    assert found["one"]["parts"] == []
    whole = found["all"]
    assert (whole["bytes"], whole["capabilities"], whole["parts"]) == (
        *(size, ["clocks"]),
        ["one", "two"],
    )
    assert [(link["name"], link["provider"], link["user"]) for link in whole["links"]] == [
        ("a:b/c@1.0.0", "two", "one"),
        (poll, "host", "one"),
        ("wasi:io/poll@0.2.12", "host", "two"),
        ("x:y/z", "", "two"),
    ]
    text = page(made).text
    assert "1 import of parts found no part by name." in text
    made.write("build/check/all.json", json.dumps(
        {"component": "all.wasm", "bytes": size + 1, "capabilities": ["clocks"]}))  # fmt: skip
    assert data(made, "all")["components"][2]["capabilities"] is None


def test_sizes_and_durations_have_a_history(tmp_path: Path) -> None:
    made = make(tmp_path, 'sh("w", "cp w.in w.wasm", inputs=["w.in"], outputs=[Out("w.wasm")])')
    for size in (1000, 1500):
        made.write("w.in", "x" * size)
        made.doit()
    assert [run["bytes"] for run in data(made)["runs"]] == [{"w.wasm": 1000}, {"w.wasm": 1500}]
    text = page(made).text
    assert "1.5 kB1.0 kB+50.0 %" in text
    assert "The last 2 runs that did something" in text
    assert "| `w.wasm` | 1.5 kB | +50.0 % |" in made.doit("report", "--markdown").out


RESULTS = (
    "<testsuite><testcase name='t'><failure message='because'/></testcase>"
    "<testcase name='u'/></testsuite>"
)


BROKEN = 'sh("test:x", "echo \'<a/>\' > x.xml", outputs=[Out("x.xml")])'


def test_results_of_tests_are_shown_wherever_they_come_from(tmp_path: Path) -> None:
    leaves = 'sh("leaves", "cp r.in r.xml", inputs=["r.in"], outputs=[Out("r.xml")])'
    other = 'sh("other", "echo \'<a/>\' > o.xml", outputs=[Out("o.xml")])'
    made = make(tmp_path, leaves, other, BROKEN, 'group("test", "test:x")')
    made.write("r.in", RESULTS)
    made.write("named.xml", RESULTS)
    made.doit()
    found = data(made, "--junit", "named.xml", "--junit", "none.xml")["tests"]
    assert [(one["task"], one["outcome"], len(one["files"])) for one in found] == [
        ("leaves", "run", 1),
        ("test:x", "run", 1),
        ("", "", 2),
    ]
    assert found[1]["files"][0]["problem"] == "no JUnit results: the root is <a>"
    (results,) = found[0]["files"]
    assert results["failures"] == [{"name": "t", "message": "because"}]
    assert found[2]["files"][1]["problem"] == "No such file or directory"
    text = page(made, "--junit", "named.xml", "--junit", "none.xml").text
    assert "4 tests2 failed" in text
    assert "unreadable No such file or directory" in text
    summary = made.doit("report", "--markdown", "--junit", "none.xml").out
    assert "### Tests: 2, 1 failed, 0 skipped" in summary
    assert "- `t`: `because`" in summary


def test_a_project_without_runs_has_a_page(project: Callable[[str], Project]) -> None:
    made = project('    yield dict(basename="a", actions=["true"])\n')
    text = page(made).text
    assert "No run has been recorded yet." in text
    assert "The selected tasks need no pinned tool." in text
    assert page(project("    yield from ()\n")).text.count("No task is selected.") == 1


def test_a_plain_project_of_doit_has_a_page(plain: Project) -> None:
    assert "file b.txt" not in page(plain, "-o", "out.html").text
    assert (plain.root / "out.html").is_file()
    assert not (plain.root / "build").exists()


def test_what_is_no_plain_file_keeps_nobody_waiting(plain: Project) -> None:
    targets = ["a.wasm", "r.xml", "d.wasm"]
    task = {"actions": ["true"], "targets": targets}
    plain.write("dodo.py", f"def task_a():\n    return {task}\n")
    (plain.root / "build/check").mkdir(parents=True)
    for name in ("a.wasm", "r.xml", "build/runs.jsonl", "build/check/x.json"):
        os.mkfifo(plain.root / name)
    (plain.root / "d.wasm").mkdir()
    found = data(plain)
    assert [each["bytes"] for each in found["components"]] == [None, None]
    assert (found["runs"], found["tests"]) == ([], [])


REFUSED = {
    "two-forms": (["--json", "--markdown"], "exclude each other"),
    "unknown-task": (["nothing"], "nothing"),
    "no-directory": (["-o", "in.txt/report.html"], "cannot write in.txt/report.html: "),
    "unknown-option": (["--jason"], "jason"),
    "served-and-file": (["--serve", "-o", "x"], "--serve writes no file"),
    "served-broken": (["--serve", "nothing"], "nothing"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_reported_is_one_message(
    tmp_path: Path, words: list[str], said: str
) -> None:
    made = make(tmp_path, 'fresh("x")')
    made.write("in.txt", "")
    run = made.doit("report", *words, seconds=60)
    assert run.code == 3
    assert said in run.err
    assert "Traceback" not in run.text
    assert not (tmp_path / "build/report.html").exists()


def test_the_report_runs_nothing_and_changes_no_record(edited: Project) -> None:
    def files() -> dict[str, bytes]:
        paths = (path for path in edited.root.rglob("*") if path.is_file())
        return {str(p): p.read_bytes() for p in paths if "__pycache__" not in p.parts}

    before = files()
    page(edited)
    after = files()
    assert after.pop(str(edited.root / "build/report.html"))
    assert after == before

"""The benchmark itself, at a size that takes no time; no time is judged here."""

import re
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import graphs, noop
from tests.bench.timing import Times, interleaved


def test_the_table_has_a_line_for_each_size_and_a_verdict_for_each_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "--sizes",
        "3,12",
        "--rounds",
        "1",
        "--steps",
        "2",
        "--files",
        "40",
        "--tools",
        "2",
        "--directory",
        str(tmp_path),
    ]
    code = bench.main(words)
    out = capsys.readouterr().out
    assert re.search(r"^ +3 +\d+ / \d+ .*(PASS|FAIL)", out, re.MULTILINE)
    assert re.search(r"^ +12 +\d+ / \d+ .*(PASS|FAIL)", out, re.MULTILINE)
    cpu = r"^ +of CPU +[1-9]\d* / [1-9]\d* .* \d\.\d\d / \d\.\d\d$"
    assert len(re.findall(cpu, out, re.MULTILINE)) == 2
    verdicts = re.findall(r"PASS|FAIL", out)
    assert len(verdicts) == 5
    assert code == int("FAIL" in verdicts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [tool.name for tool in graphs.tools()])
def test_every_tool_builds_the_same_graph(tmp_path: Path, name: str) -> None:
    (tool,) = [tool for tool in graphs.tools() if tool.name == name]
    graphs.write(tool, 12, tmp_path / "p")
    bench.noop.execute(tool.argv, tmp_path / "p")
    made = {path.name: path.read_text() for path in (tmp_path / "p/out").iterdir()}
    assert made == {str(number): f"first {number}\n" * 50 for number in range(12)}


@pytest.mark.parametrize("name", [tool.name for tool in graphs.tools()])
def test_every_tool_knows_the_edges(tmp_path: Path, name: str) -> None:
    (tool,) = [tool for tool in graphs.tools() if tool.name == name]
    root = tmp_path / "p"
    graphs.write(tool, 12, root)
    bench.noop.execute(tool.argv, root)
    (root / "src/3").unlink()
    with pytest.raises(SystemExit, match="ended with"):
        bench.noop.execute(tool.argv, root)


def test_a_tool_that_does_something_where_nothing_is_to_be_done_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = graphs.Tool("busy", ["sh", "-c", "for n in 0 1 2; do cp src/$n out/$n; done"], "none")
    monkeypatch.setattr(noop, "tools", lambda: [busy])
    with pytest.raises(SystemExit, match="busy ran a step"):
        noop.measure(3, 1, tmp_path)


def test_works_are_timed_in_turns_and_none_is_always_first() -> None:
    order: list[str] = []
    works = {name: lambda name=name: order.append(name) for name in ("a", "b", "c")}
    times = interleaved(works, 3)
    assert order == [*"abc", *"bca", *"cab"]
    assert {name: len(found.seconds) for name, found in times.items()} == {"a": 3, "b": 3, "c": 3}


def test_what_tools_add_is_judged_by_the_fastest_runs() -> None:
    def judged(with_them: float) -> tuple[str, bool]:
        return bench.judged_tools(25, {"with": Times([0.9, with_them]), "without": Times([0.1])})

    assert "29 ms of a no-op  PASS" in judged(0.129)[0]
    assert "31 ms of a no-op  FAIL" in judged(0.131)[0]
    assert [judged(one)[1] for one in (0.129, 0.131)] == [True, False]


PROMISES = {
    "kept": (0.11, 0.10, 1000, "PASS PASS"),
    "ratio-broken": (0.13, 0.10, 1000, "FAIL PASS"),
    "seconds-broken": (0.26, 0.25, 1000, "PASS FAIL"),
    "no-promise-in-seconds": (0.9, 0.8, 10_000, "PASS"),
}


@pytest.mark.parametrize(
    ("ours", "plain", "size", "verdicts"), PROMISES.values(), ids=PROMISES.keys()
)
def test_a_promise_is_judged(ours: float, plain: float, size: int, verdicts: str) -> None:
    found = noop.Noop(size, {}, {"ours": Times([ours]), "plain doit": Times([plain])})
    lines = list(bench.judged_noop(found))
    assert re.findall("PASS|FAIL", "".join(line for line, _ in lines)) == verdicts.split()
    assert all(ok for _, ok in lines) == ("FAIL" not in verdicts)

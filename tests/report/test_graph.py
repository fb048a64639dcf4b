"""`doit-wasm graph`, in each of its formats."""

import itertools
import json
import random
import xml.etree.ElementTree as ET

import pytest

from pipeline.report.query.graph import TaskGraph
from pipeline.report.query.graph_layout import BEND, apart, layout
from pipeline.report.query.survey import Standing
from pipeline.report.query.table import table
from pipeline.testing.project import Project
from report.conftest import replace

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def edited(chain: Project) -> Project:
    replace(chain, "cut -c1 ", "cut -c2 ")
    chain.write("build/durations.json", '{"upper": 12.345}')
    return chain


def test_mermaid_has_state_and_seconds_of_each_task(edited: Project) -> None:
    lines = edited.doit("graph").out.splitlines()
    assert lines[:6] == [
        "flowchart LR",
        '    n0["upper<br/>fresh · 12.3 s"]:::fresh',
        *(
            f'    n{number}["{name}<br/>{state}{seconds}"]:::{state}'
            for number, name, state, seconds in (
                (1, "first", "stale", ""),
                (2, "loud", "maybe", ""),
            )
        ),
        "    n0 --> n1",
        "    n1 --> n2",
    ]
    assert any(line.startswith("    classDef stale ") for line in lines)


def test_dot_has_classes_reasons_and_edges(edited: Project) -> None:
    text = edited.doit("graph", "--format", "dot").out
    assert text.startswith("digraph tasks {\n")
    assert '"upper" [label="upper\\nfresh · 12.3 s"' in text
    assert 'tooltip="command word 3 changed"' in text
    assert 'class="stale"];' in text
    assert '    "upper" -> "first";\n    "first" -> "loud";\n}\n' in text


def test_json_has_nodes_and_edges(edited: Project) -> None:
    data = json.loads(edited.doit("graph", "--format=json", "loud").out)
    assert [(node["task"], node["state"], node["seconds"]) for node in data["nodes"]] == [
        ("upper", "fresh", 12.345),
        ("first", "stale", None),
        ("loud", "maybe", None),
    ]
    assert data["edges"] == [["upper", "first"], ["first", "loud"]]


def test_the_table_tells_what_took_how_long_and_waited_for_what(edited: Project) -> None:
    edited.write("build/durations.json", '{"upper": 12.345, "first": 70, "loud": 0.04}')
    whole, chained = "1 min 22 s", "upper 12.3 s > first 70.0 s"
    assert edited.doit("graph", "--format", "table").out.splitlines() == [
        "TASK     TOOK    FROM  WAITS LONGEST FOR  AND FOR",
        "upper  12.3 s   0.0 s",
        "first  70.0 s  12.3 s  upper",
        "loud    0.0 s  82.3 s  first",
        f"3 tasks took {whole} in all; the longest chain takes {whole}: {chained}",
    ]


def test_the_table_names_first_what_ended_last_and_counts_what_is_not_known() -> None:
    seconds = {"slow": 9.0, "quick": 1.0, "never": None, "last": 2.0}
    nodes = [Standing(task, "fresh", seconds=of) for task, of in seconds.items()]
    edges = [(one, "last") for one in ("quick", "never", "slow")]
    lines = table(TaskGraph(nodes, edges)).splitlines()
    (row,) = [line.split() for line in lines if line.startswith("last")]
    assert row == ["last", "2.0", "s", "9.0", "s", "slow", "quick,", "never"]
    assert any(line.startswith("never  not known") for line in lines)
    assert lines[-2] == (
        "3 tasks took 12 s in all; the longest chain takes 11 s: slow 9.0 s > last 2.0 s"
    )
    assert lines[-1].startswith("1 not known")


def test_svg_is_a_picture_with_a_box_a_task(edited: Project) -> None:
    run = edited.doit("graph", "--format=svg", "-o", "build/graph.svg")
    assert (run.code, run.out) == (0, "")
    picture = ET.fromstring(edited.read("build/graph.svg"))
    groups = picture.findall(f"{SVG}g")
    assert [group.get("class") for group in groups] == ["fresh", "stale", "maybe"]
    assert [group.findtext(f"{SVG}text") for group in groups] == ["upper", "first", "loud"]
    assert groups[1].findtext(f"{SVG}title") == "first: command word 3 changed"
    assert len(picture.findall(f"{SVG}path")) == 2
    width, height = (float(picture.get(side, "0")) for side in ("width", "height"))
    for group in groups:
        box = group.find(f"{SVG}rect")
        assert box is not None
        x, y, w, h = (float(box.get(name, "-1")) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height


def test_groups_are_dissolved_and_implied_edges_left_out(plain: Project) -> None:
    plain.write(
        "dodo.py",
        "def task_all():\n"
        "    yield dict(basename='a', actions=['true'])\n"
        "    yield dict(basename='b', actions=['true'], task_dep=['a'])\n"
        "    yield dict(basename='group', actions=None, task_dep=['a', 'b'])\n"
        "    yield dict(basename='c', actions=['true'], task_dep=['group', 'a'])\n",
    )
    data = json.loads(plain.doit("graph", "--format=json").out)
    assert [node["task"] for node in data["nodes"]] == ["a", "b", "c"]
    assert data["edges"] == [["a", "b"], ["b", "c"]]


def test_names_are_quoted_as_each_format_wants(plain: Project) -> None:
    name = 'a"b<c>&\\d'
    plain.write("dodo.py", f"def task_x():\n    yield dict(basename={name!r}, actions=['true'])\n")
    assert 'n0["a#quot;b<c>&\\d<br/>stale"]' in plain.doit("graph").out
    assert '"a\\"b<c>&\\\\d" [' in plain.doit("graph", "--format=dot").out
    picture = ET.fromstring(plain.doit("graph", "--format=svg").out)
    assert picture.findtext(f"{SVG}g/{SVG}text") == name


def test_nothing_to_draw_is_a_picture_still(plain: Project) -> None:
    plain.write("dodo.py", "def task_x():\n    yield dict(basename='g', actions=None)\n")
    for form in ("mermaid", "dot", "json", "svg"):
        run = plain.doit("graph", f"--format={form}")
        assert run.code == 0, run.err
    assert ET.fromstring(run.out).tag == f"{SVG}svg"


def test_a_format_that_is_none_is_refused(chain: Project) -> None:
    run = chain.doit("graph", "--format=png")
    assert run.code == 3
    assert "available choices are: 'mermaid', 'dot', 'svg', 'json'" in run.err


def test_a_file_that_cannot_be_written_is_reported(chain: Project) -> None:
    run = chain.doit("graph", "-o", "in.txt/graph.svg")
    assert run.code == 3
    assert run.err.startswith("ERROR: cannot write in.txt/graph.svg: ")


@pytest.mark.parametrize("seed", range(20))
def test_edges_lead_right_and_nothing_overlaps(seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"n{number}" for number in range(30)]
    pairs = list(itertools.combinations(nodes, 2))
    edges = sorted(chance.sample(pairs, 45))
    placed = layout(nodes, edges)
    columns: dict[int, list[tuple[float, float]]] = {}
    for node in nodes:
        columns.setdefault(placed.column[node], []).append((placed.row[node], 1.0))
    for (begin, end), rows in placed.routes.items():
        first, last = placed.column[begin], placed.column[end]
        assert first < last
        assert len(rows) == last - first + 1
        assert (rows[0], rows[-1]) == (placed.row[begin], placed.row[end])
        for offset, row in enumerate(rows[1:-1], start=1):
            columns[first + offset].append((row, BEND))
    for places in columns.values():
        for (row, size), (below, other) in itertools.pairwise(sorted(places)):
            assert below - row >= (size + other) / 2 - 1e-9


def test_neighbours_that_want_one_place_share_it_around_its_middle() -> None:
    assert apart([5.0, 5.0, 5.0], [1.0, 1.0, 1.0]) == [4.0, 5.0, 6.0]
    assert apart([1.0, 9.0], [1.0, 1.0]) == [1.0, 9.0]
    assert apart([3.0, 1.0], [1.0, 1.0]) == [1.5, 2.5]

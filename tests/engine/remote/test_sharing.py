"""What one machine has built, another one fetches; with real servers."""

import json
import os
from pathlib import Path

import pytest

from engine.compiler import compiled
from engine.remote.conftest import Team, built

ALL = ["one", "ran-tree", "two"]


def test_a_second_machine_builds_nothing_and_a_third_may_only_read(team: Team) -> None:
    first = built(team.clone("a"))
    assert team.ran() == ALL
    assert "remote cache: 0 of 3 results found (0%), 3 uploaded" in first.out
    second = team.clone("b")
    run = built(second)
    assert team.ran() == []
    assert "remote cache: 3 of 3 results found (100%), 100.0 kB not built" in run.out
    assert "3 cached in" in run.out
    assert second.read("out/two.txt") == "FIRST\n"
    assert second.doit().out.startswith("3 fresh")
    require_tree(second.root / "t")

    third = team.clone("c", DOIT_WASM_REMOTE_MODE="read")
    third.write("in.txt", "edited\n")
    run = built(third)
    assert team.ran() == ["one", "two"]
    assert "uploaded" not in run.out
    fourth = team.clone("d")
    fourth.write("in.txt", "edited\n")
    built(fourth)
    assert team.ran() == ["one", "two"]  # nobody had uploaded it


def require_tree(tree: Path) -> None:
    """Require that a tree has its run bits, links and empty directories."""
    assert os.access(tree / "bin/x", os.X_OK)
    assert not os.access(tree / "nothing", os.X_OK)
    assert [str((tree / name).readlink()) for name in ("link", "dir")] == ["bin/x", "bin"]
    assert list((tree / "empty").iterdir()) == []
    assert (tree / "zeros").read_bytes() == bytes(100_000)


def test_bytes_are_compressed_on_the_wire_where_the_server_can(team: Team) -> None:
    built(team.clone("a"), "tree")
    events = team.root / "events"
    built(team.clone("b", DOIT_WASM_EVENTS=str(events)), "tree")
    counts = json.loads(events.read_text().splitlines()[-1])["remote_cache"]
    assert (counts["hits"], counts["misses"], counts["hit_rate"]) == (1, 0, 1.0)
    assert counts["restored"] == 100_006
    assert (counts["received"] < 2_000) == team.zstd


def test_many_uploads_are_compressed_where_the_server_can(team: Team) -> None:
    script = "for n in $(seq 8); do yes $n | head -c 50000 > $1-$n; done"
    outs = ", ".join(f'Out("m-{n}")' for n in range(1, 9))
    many = f'step("m", doc="d", argv=["sh", "-c", {script!r}, "sh", "m"], outputs=[{outs}])'
    events = team.root / "events"
    built(team.clone("a", many, DOIT_WASM_EVENTS=str(events)))
    counts = json.loads(events.read_text().splitlines()[-1])["remote_cache"]
    assert (counts["uploads"], counts["dropped"]) == (1, 0)
    assert (counts["sent"] < 100_000) == team.zstd  # of 400,000; the first one shows what it can
    second = team.clone("b", many)
    assert "1 cached" in built(second).out
    assert second.read("m-8") == "8\n" * 25_000


def test_a_large_output_arrives_whole(team: Team) -> None:
    script = "for n in $(seq 400000); do echo $n; done > $1"
    large = f'step("large", doc="d", argv=["sh", "-c", {script!r}, "sh", Out("large")])'
    first = team.clone("a", large)
    built(first)
    second = team.clone("b", large)
    assert "1 cached" in built(second).out
    assert second.read("large") == first.read("large")


def test_without_a_local_cache_the_remote_one_works_and_nothing_stays(pair: Team) -> None:
    off = {"DOIT_WASM_CACHE_BYTES": "0"}
    built(pair.clone("a", **off))
    pair.ran()
    second = pair.clone("b", **off)
    built(second)
    assert pair.ran() == []
    assert not (second.root / "build/passing").exists()
    assert not (pair.root / "store-b/cache").exists()


def test_a_project_says_which_steps_are_uploaded(pair: Team) -> None:
    built(pair.clone("a", config="remote_upload=['t*']"))
    pair.ran()
    built(pair.clone("b", config="remote_upload=['t*']"))
    assert pair.ran() == ["one"]


def test_a_step_says_that_it_is_not_uploaded(pair: Team) -> None:
    private = compiled("private", "in.txt", "private.txt", "shared=False")
    built(pair.clone("a", private, compiled("open", "in.txt", "open.txt")))
    pair.ran()
    built(pair.clone("b", private, compiled("open", "in.txt", "open.txt")))
    assert pair.ran() == ["private"]


def test_explain_and_plan_say_where_outputs_are(pair: Team) -> None:
    built(pair.clone("a"))
    second = pair.clone("b")
    said = second.doit("explain").out
    assert said.count("stale, but its outputs are in the remote cache") == 3
    assert (
        json.loads(second.doit("explain", "--json").out)["tasks"][0]["cached_in"] == "remote cache"
    )
    assert second.doit("plan").out.count("cached") >= 3
    second.write("in.txt", "edited\n")
    assert "  not from the remote cache: no machine has shared it" in second.doit("explain").out
    off = pair.clone("c", DOIT_WASM_REMOTE_MODE="off")
    assert "remote cache" not in off.doit("explain").out


def test_the_address_in_the_config_yields_to_the_variable(pair: Team, tmp_path: Path) -> None:
    inside = Team(tmp_path, "")
    built(inside.clone("a", config=f"remote_cache={pair.address!r}"))
    pair.ran()
    built(inside.clone("b", config=f"remote_cache={pair.address!r}"))
    assert pair.ran() == []
    off = inside.clone("c", config="remote_cache='http://127.0.0.1:9'", DOIT_WASM_REMOTE_MODE="off")
    assert "remote cache" not in built(off).text
    assert pair.ran() == ALL
    third = inside.clone(
        "d", config="remote_cache='http://127.0.0.1:9'", DOIT_WASM_REMOTE_CACHE=pair.address
    )
    built(third)
    assert pair.ran() == []


@pytest.mark.parametrize("name", ["é.txt", "a b.txt", "x\ty"])
def test_names_survive(pair: Team, name: str) -> None:
    script = 'mkdir o; echo x > "o/$1"'
    made = f'step("s", doc="d", argv=["sh", "-c", {script!r}, "sh", {name!r}], outputs=[Out("o")])'
    built(pair.clone("a", made))
    second = pair.clone("b", made)
    assert "1 cached" in built(second).out
    assert (second.root / "o" / name).read_text() == "x\n"


@pytest.mark.parametrize("words", [("-n", "2", "-P", "process"), ("-r", "zero")], ids=" ".join)
def test_results_are_uploaded_in_every_way_to_run(pair: Team, words: tuple[str, ...]) -> None:
    built(pair.clone("a"), *words)
    pair.ran()
    built(pair.clone("b"), *words)
    assert pair.ran() == []

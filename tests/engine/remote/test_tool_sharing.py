"""What a machine shares of its tools, and what it makes of those that others share."""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.remote.faulty import Answer
from engine.remote.go_tool import write_tool
from engine.remote.tool_team import HERE, Team, as_before, first_machine
from pipeline.engine.cache.remote.codec import INLINED
from pipeline.engine.cache.remote.remote_cache import ABSENT, BULK_AT_ONCE, NoResultError
from pipeline.engine.cache.remote.requests import AT_ONCE
from pipeline.toolchain.install.build_cache import MANIFEST
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.spec.tool_files import ToolFiles


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with first_machine(tmp_path_factory.mktemp("team")) as team:
        yield team


@pytest.fixture
def team(first: Team) -> Iterator[Team]:
    """Give the team with a server that is as the first machine has left it."""
    with as_before(first):
        yield first


@pytest.mark.parametrize("why", ["read-only", "no-key", "not-asked", "others"])
def test_a_machine_uploads_only_what_it_should(team: Team, tmp_path: Path, why: str) -> None:
    team.server.kept.clear()
    changes = {"read-only": {"sign": team.ours, "writes": False}, "no-key": {"writes": True}}
    changes["others"] = {"sign": team.ours, "uploads": ("component:*",)}
    second = team.machine(str(tmp_path / "store"), **changes.get(why, {"sign": team.ours}))
    if why == "not-asked":
        second.installer = lambda: Installer(ToolFiles((second.tools,)), store=second.store)
    assert second.install().source == HERE
    assert team.server.kept == {}
    assert team.server.count("PUT") == 0


def test_what_was_built_earlier_is_shared_and_what_others_built_is_not(
    team: Team, tmp_path: Path
) -> None:
    def share_again(store: str) -> None:
        machine = team.machine(store, sign=team.ours)
        machine.installer().share("t")
        machine.remote.finish(60)

    team.machine(str(tmp_path / "b")).install()
    team.server.kept.clear()
    share_again(str(tmp_path / "b"))  # it was fetched: its builder is another one
    assert team.server.kept == {}
    share_again("first")
    assert len(team.server.of("ac")) == 1
    team.server.log.clear()
    share_again("first")
    assert team.server.count("PUT") == 0


def test_a_source_that_compiles_nothing_comes_first_and_from_its_own_place(
    team: Team, tmp_path: Path
) -> None:
    program = b"#!/bin/sh\n"
    team.server.kept["/t"] = program
    second = team.machine(str(tmp_path / "store"), sign=team.ours)
    second.tools = tmp_path / "tools"
    write_tool(second.tools, "h1:of no module")
    toml = second.tools / "t.toml"
    url = f'url = "{team.server.address}/t"\nsha256 = "{hashlib.sha256(program).hexdigest()}"'
    first = f'[[source]]\nkind = "url"\nfile = "bin/t"\n{url}\n[[source]]'
    toml.write_text(toml.read_text().replace("[[source]]", first))
    assert second.install().source == f"{team.server.address}/t"
    assert team.server.count("GET", "ac") == team.server.count("PUT") == 0


# --- what somebody with a trusted key may do ------------------------------------------------------


def odd_case(tree: Path) -> None:
    (tree / "a").write_text("x")
    (tree / "A").write_text("x")


def device(tree: Path) -> None:
    (tree / "aux").write_text("x")


def bare(tree: Path) -> None:
    (tree / "bin/t").chmod(0o644)


def nested(tree: Path) -> None:
    (tree.parent / MANIFEST).write_text("[" * 40_000)


def no_notes(tree: Path) -> None:
    (tree.parent / MANIFEST).write_text('{"notes": 5}')


def long(tree: Path) -> None:
    (tree.parent / MANIFEST).write_text(f'{{"notes": [{" " * 70_000}]}}')


ODD = {
    "case": (odd_case, "it is the same as"),
    "device": (device, "is a device of Windows"),
    "no-program": (bare, "lacks the program bin/t"),
    "nested": (nested, "has no readable manifest"),
    "no-notes": (no_notes, "has no readable manifest"),
    "long-manifest": (long, "has no readable manifest: it is too large"),
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Give a tree with the program of the tool, and a manifest beside it."""
    tree = tmp_path / "made/tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/t").write_text("#!/bin/sh\n")
    (tree / "bin/t").chmod(0o755)
    (tree.parent / MANIFEST).write_text('{"notes": []}')
    return tree


@pytest.mark.parametrize(("change", "why"), ODD.values(), ids=ODD.keys())
def test_what_is_signed_is_held_to_the_rules_for_archives(
    team: Team, tmp_path: Path, made: Path, change: Callable[[Path], None], why: str
) -> None:
    change(made)
    team.machine(str(tmp_path / "a"), sign=team.ours).share(made)
    second = team.machine(str(tmp_path / "b"))
    assert second.install().source == HERE
    (line,) = [line for line in second.said if line.startswith("t: not as ")]
    assert team.ours.public in line
    assert why in line


def test_a_tree_that_no_other_machine_could_use_is_not_uploaded(
    team: Team, tmp_path: Path, made: Path
) -> None:
    (made / "link").symlink_to("/etc/passwd")
    machine = team.machine(str(tmp_path / "a"), sign=team.ours)
    machine.share(made)
    assert team.server.count("PUT") == 0
    (line,) = machine.remarks()
    assert line.startswith("toolchain:t is not uploaded: ")
    assert machine.traffic.counts()["unfit"] == 1


def test_notes_of_the_builder_are_kept_and_cannot_act_on_a_terminal(
    team: Team, tmp_path: Path, made: Path
) -> None:
    (made.parent / MANIFEST).write_text('{"notes": ["b 2 in place of 1 \\u001b[2J"]}')
    team.machine(str(tmp_path / "a"), sign=team.ours).share(made)
    second = team.machine(str(tmp_path / "b"))
    entry = second.store.read(second.install().root.parent)
    assert entry is not None
    assert entry.notes == ["b 2 in place of 1 \\x1b[2J"]
    assert entry.builder == team.ours.public


# --- while it is fetched --------------------------------------------------------------------------


def test_a_long_download_shows_bytes_and_rate(
    team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = team.machine(str(tmp_path / "store"), limits=Limits(quiet_seconds=0.0))
    second.install()
    assert re.search(r"^t: \d+ of \d+ MB, \d+\.\d MB/s", capsys.readouterr().err, re.MULTILINE)


def test_no_step_waits_behind_the_blobs_of_a_tool(team: Team, tmp_path: Path, made: Path) -> None:
    for number in range(10 * AT_ONCE):
        (made / f"{number}").write_text(f"{number}")
    (made / "large").write_bytes(bytes(INLINED))  # so that no file comes with the message
    team.machine(str(tmp_path / "a"), sign=team.ours).share(made)
    named = set(team.server.of("cas"))
    asked, over = threading.Semaphore(0), threading.Event()

    def hold(_method: str, path: str, answer: Answer) -> Answer:
        if path in named and len(answer.body) < 10:
            asked.release()
            over.wait(30)
        return answer

    team.server.bend = hold
    second = team.machine(str(tmp_path / "b"))
    thread = threading.Thread(target=second.install)
    thread.start()
    try:
        for _ in range(BULK_AT_ONCE):
            assert asked.acquire(timeout=30)
        time.sleep(0.1)  # were there room for more requests, they would come now
        with pytest.raises(NoResultError, match=f"^{ABSENT}$"):
            second.remote.lookup("of a step", ["out"], 1)
    finally:
        over.set()
        thread.join()

"""A server that is slow, dead, full or something else costs a run little, and is mentioned once."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import compiled
from engine.remote.attacks import strip
from engine.remote.conftest import Team, built
from engine.remote.faulty import Answer, Faulty
from engine.remote.servers import free_port

ALL = ["one", "ran-tree", "two"]
CHAIN = [compiled(f"s{n}", f"{n - 1}.txt" if n else "in.txt", f"{n}.txt") for n in range(8)]


def remarks(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("remote cache http")]


Bend = Callable[[str, str, Answer], Answer]


def on(method: str, answer: Answer, kind: str = "/") -> Bend:
    return lambda how, path, usual: answer if how == method and kind in path else usual


def html(how: str, path: str, usual: Answer) -> Answer:
    return Answer(200, b"<html>hello</html>", {"Content-Type": "text/html; charset=utf-8"})


FAULTS: dict[str, tuple[Bend, str]] = {
    "silent": (on("GET", Answer(200, b"x", wait=5)), "it does not answer in time"),
    "trickling": (
        on("GET", Answer(200, b"x" * 50, pieces=50, pause=0.1)),
        "does not answer in time",
    ),
    "unauthorized": (on("GET", Answer(401)), "it refuses the token or password"),
    "forbidden": (on("GET", Answer(403)), "it forbids the request"),
    "web-page": (html, "it answers with a web page: it is not a cache"),
    "redirects": (
        on("GET", Answer(302, headers={"Location": "/ac/again"})),
        "it redirects in a circle",
    ),
    "elsewhere": (
        on("GET", Answer(302, headers={"Location": "ftp://example.org/x"})),
        "it redirects to something that is not http",
    ),
    "broken": (on("GET", Answer(500)), "it answers with status 500"),
    "cut": (on("GET", Answer(200, b"x", claims=100)), "it ends an answer too early"),
}


@pytest.mark.parametrize(("bend", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_server_that_fails_is_left_alone_and_named_once(
    victims: Team, server: Faulty, bend: Bend, message: str
) -> None:
    server.bend = bend
    begun = time.monotonic()
    run = built(victims.clone("a", *CHAIN))
    assert len(victims.ran()) == 8
    (remark,) = [line for line in remarks(run.err) if "not used any more" in line]
    assert message in remark
    assert server.count("GET", "ac") <= 4
    # 8 steps and a start of Python take less than a second, on a machine of the tests a few.
    assert time.monotonic() - begun < 12


def test_a_dead_server_costs_nothing(tmp_path: Path) -> None:
    team = Team(tmp_path, f"http://127.0.0.1:{free_port()}")
    run = built(team.clone("a"))
    assert team.ran() == ALL
    (remark,) = remarks(run.err)
    assert "not used any more in this run: it cannot be reached: Connection refused" in remark


def test_offline_means_offline(victims: Team, server: Faulty) -> None:
    clone = victims.clone("a", DOIT_WASM_OFFLINE="1")
    built(clone)
    clone.doit("explain")
    assert server.log == []


def test_answers_that_are_each_a_bit_late_end_its_use_after_two_seconds(
    victims: Team, server: Faulty
) -> None:
    server.bend = on("GET", Answer(404, wait=0.5))
    run = built(victims.clone("a", *CHAIN))
    assert "it is slow: its answers have taken 2." in run.err
    assert server.count("GET", "ac") in {4, 5}
    assert len(victims.ran()) == 8


def test_it_refuses_uploads_but_is_read(victims: Team, server: Faulty) -> None:
    built(victims.clone("a", *CHAIN[:2]))
    victims.ran()
    server.bend = on("PUT", Answer(507))
    run = built(victims.clone("b", *CHAIN))
    assert victims.ran() == [f"s{n}" for n in range(2, 8)]
    (remark,) = remarks(run.err)
    assert "nothing more is uploaded: its disk is full" in remark
    assert "6 not uploaded" in run.out


def test_slow_uploads_do_not_delay_the_end(victims: Team, server: Faulty) -> None:
    server.bend = on("PUT", Answer(200, wait=20))
    begun = time.monotonic()
    run = built(victims.clone("a", DOIT_WASM_REMOTE_WAIT=""))
    assert time.monotonic() - begun < 10
    assert "3 not uploaded" in run.out
    assert server.of("ac") == {}


def test_a_lost_blob_is_a_miss(victims: Team, server: Faulty) -> None:
    built(victims.clone("a"))
    victims.ran()
    strip(server)
    for path in server.of("cas"):
        del server.kept[path]
    run = built(victims.clone("b"))
    assert victims.ran() == ALL
    assert remarks(run.err) == []  # servers forget: nothing is wrong
    assert "0 of 3 results found" in run.out
    assert len(server.of("cas")) == 7  # and has them again


def test_what_is_there_already_is_not_sent_again(victims: Team, server: Faulty) -> None:
    built(victims.clone("a"))
    before = server.count("PUT", "cas")
    again = victims.clone("b", DOIT_WASM_REMOTE_MODE="read-write")
    server.kept = {path: data for path, data in server.kept.items() if "/ac/" not in path}
    built(again)
    assert server.count("PUT", "cas") == before
    assert len(server.of("ac")) == 3


def test_no_step_waits_after_the_first_timeout(victims: Team, server: Faulty) -> None:
    server.bend = on("GET", Answer(200, b"x", wait=30))
    steps = [compiled(f"p{n}", "in.txt", f"p{n}.txt") for n in range(12)]
    run = built(victims.clone("a", *steps))
    seconds = float(run.out.split(" run in ")[1].split(" s")[0])
    assert seconds < 8
    assert len(remarks(run.err)) == 1

"""A server that lies over gRPC: no lookup returns what it makes up, and no upload obeys it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.remote.attacks import ATTACKS, TOO_LONG, Attack, bent, strip
from engine.remote.faulty import Answer, Faulty
from engine.remote.faulty_grpc import faulty_grpc
from engine.remote.machine import RESULTS, Machine
from pipeline.engine.cache.remote.messages import message
from pipeline.engine.cache.remote.trees import packed


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Faulty, dict[str, bytes]]]:
    state = Faulty()
    with faulty_grpc(state) as state.address:
        machine = Machine(tmp_path_factory.mktemp("first"), state.address)
        machine.share()
        assert (machine.traffic.counts()["uploads"], machine.said) == (3, [])
        strip(state)
        yield state, dict(state.kept)


@pytest.fixture
def server(served: tuple[Faulty, dict[str, bytes]]) -> Faulty:
    """Give the server with good results, which a test then replaces."""
    state, kept = served
    state.kept, state.bend = dict(kept), Faulty.bend
    state.log.clear()
    return state


@pytest.fixture
def machine(server: Faulty, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "second", server.address)


def calls(path: str, body: bytes) -> Attack:
    """Answer a call of the API, which HTTP does not have, with these bytes."""

    def bend(method: str, asked: str, usual: Answer) -> Answer:
        return Answer(200, body) if (method, asked) == ("CALL", path) else usual

    def attack(server: Faulty) -> None:
        server.bend = bend

    return attack


def blobs(**fields: object) -> Attack:
    return calls("/blobs", packed(message("BatchReadBlobsResponse")(responses=[fields])))


def capabilities(**fields: object) -> Attack:
    can = {"digest_functions": [1], **fields}
    return calls("/capabilities", packed(message("ServerCapabilities")(cache_capabilities=can)))


def missing(*names: str) -> bytes:
    found = [{"hash": name, "size_bytes": 1} for name in names]
    return packed(message("FindMissingBlobsResponse")(missing_blob_digests=found))


def written(size: int) -> bytes:
    return packed(message("WriteResponse")(committed_size=size))


def answered(**fields: object) -> Attack:
    return bent(lambda usual: Answer(200, **{"body": usual.body, **fields}))


def streams(**fields: object) -> Attack:
    """Change the answers that have the large blob."""
    return bent(lambda usual: replace(usual, **fields) if len(usual.body) > 1 << 20 else usual)


def status(method: str, code: int) -> Attack:
    def bend(asked: str, _path: str, usual: Answer) -> Answer:
        return Answer(code) if asked == method else usual

    def attack(server: Faulty) -> None:
        server.bend = bend

    return attack


def test_what_is_good_is_used(machine: Machine) -> None:
    assert machine.hits() == list(RESULTS)
    assert machine.said == []


@pytest.mark.parametrize(("attack", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_a_server_makes_up_is_refused(
    machine: Machine, server: Faulty, attack: Attack, reason: str
) -> None:
    attack(server)
    assert machine.hits() == []
    (remark,) = machine.said
    assert reason in remark
    assert machine.traffic.counts()["refused"] == 3


HUGE = bytes(20_000_000)
# What only gRPC has. Each with the results that it leaves right and what a user reads.
LIES: dict[str, tuple[Attack, list[str], str]] = {
    "huge-part-of-a-stream": (answered(body=HUGE), [], TOO_LONG),
    "huge-batch": (blobs(digest={"hash": "a" * 64}, data=HUGE), ["large"], TOO_LONG),
    "blob-of-another-name": (blobs(digest={"hash": "a" * 64}, data=b"x"), ["large"], ""),
    "no-blobs": (calls("/blobs", b""), ["large"], ""),
    "noise-for-blobs": (calls("/blobs", b"\xff" * 9), ["large"], ""),
    "short-blobs": (answered(body=b"x"), [], "has other content than its name says"),
    "cut-stream": (streams(claims=1), ["small", "tree"], "it cannot be reached: cut"),
    "stream-of-nothing": (streams(body=b"", endless=True, pause=0.001), ["small"], "in time"),
    "other-digests": (capabilities(digest_functions=[9]), ["small"], "by SHA-256"),
    "refuses-the-token": (status("GET", 401), [], "it refuses the token or password"),
    "forbids": (status("GET", 403), [], "it forbids the request"),
    "limits-requests": (status("GET", 507), [], "its disk is full, or it limits requests"),
    "is-no-cache": (status("GET", 501), [], "it is not a cache of the Remote Execution API"),
    "fails": (status("GET", 500), [], "it answers with INTERNAL"),
    "capabilities-of-noise": (calls("/capabilities", b"\xff" * 9), ["small", "tree"], ""),
}


@pytest.mark.parametrize(("attack", "right", "reason"), LIES.values(), ids=LIES.keys())
def test_a_lie_costs_the_results_that_it_concerns(
    machine: Machine,
    server: Faulty,
    caplog: pytest.LogCaptureFixture,
    attack: Attack,
    right: list[str],
    reason: str,
) -> None:
    attack(server)
    assert set(machine.hits()) <= set(right)
    assert reason in "\n".join(machine.said)
    assert bool(reason) == bool(machine.said)
    assert caplog.records == []  # grpc logs the traceback of a message that it cannot parse


# Answers to uploads, each with how many of three are uploaded and what a user reads.
ORDERS: dict[str, tuple[Attack, int, str]] = {
    "wants-other-blobs": (
        calls("/missing", missing("a" * 64, "../../../etc/passwd", "")),
        3,
        "",
    ),
    "noise-for-missing": (calls("/missing", b"\xff" * 9), 0, "it sends something that is not a"),
    "keeps-half": (calls("/written", written(700)), 2, ""),
    "keeps-more": (calls("/written", written(1 << 40)), 2, ""),
    "had-it-already": (calls("/written", written(-1)), 3, ""),
    "takes-no-results": (capabilities(), 0, "nothing more is uploaded: it takes no results"),
    "full": (status("PUT", 507), 0, "nothing more is uploaded: its disk is full"),
    "forbidden": (status("PUT", 403), 0, "nothing more is uploaded: it forbids the request"),
}


@pytest.mark.parametrize(("attack", "uploads", "reason"), ORDERS.values(), ids=ORDERS.keys())
def test_an_upload_obeys_nobody(
    server: Faulty, tmp_path: Path, attack: Attack, uploads: int, reason: str
) -> None:
    server.kept.clear()
    attack(server)
    machine = Machine(tmp_path / "first", server.address)
    machine.share()
    counts = machine.traffic.counts()
    assert (counts["uploads"], counts["dropped"]) == (uploads, 3 - uploads)
    assert reason in "\n".join(machine.said)
    assert bool(reason) == bool(machine.said)

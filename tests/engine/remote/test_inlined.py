"""A result whose outputs are small takes one request, and is verified like any other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.remote.attacks import edit
from engine.remote.conftest import Team, built
from engine.remote.faulty import Faulty
from engine.remote.faulty_grpc import faulty_grpc
from engine.remote.machine import RESULTS, Machine
from pipeline.engine.cache.remote.messages import ActionResult, Origin
from pipeline.engine.cache.remote.trees import packed


@pytest.fixture(params=["http", "grpc"])
def address(request: pytest.FixtureRequest, server: Faulty) -> Iterator[str]:
    if request.param == "http":
        yield server.address
        return
    with faulty_grpc(server) as grpc:
        yield grpc


def requests(server: Faulty) -> list[str]:
    """Return what was requested since the last call: the kind of each."""
    found = [path.split("/")[1] for _, path, _ in server.log]
    server.log.clear()
    return found


def change(server: Faulty, of: Callable[[bytes], bytes]) -> None:
    """Change what is inlined in each result."""

    def changed(message: ActionResult) -> None:
        for part in message.execution_metadata.auxiliary_metadata:
            origin = Origin.FromString(part.value)
            inlined = [of(data) for data in origin.inlined]
            del origin.inlined[:]
            origin.inlined.extend(inlined)
            part.value = packed(origin)

    edit(server, changed)


def test_a_small_hit_takes_one_request(address: str, server: Faulty, tmp_path: Path) -> None:
    Machine(tmp_path / "first", address).share()
    requests(server)
    machine = Machine(tmp_path / "second", address)
    assert machine.hits() == list(RESULTS)
    asked = requests(server)
    # Of the three, only the large one needs a second request.
    assert (asked.count("ac"), asked.count("cas")) == (3, 1)


@pytest.mark.parametrize(
    "lie", [lambda data: data + b"x", lambda _: b"", lambda _: bytes(1_000)], ids=range(3)
)
def test_what_is_inlined_is_only_used_under_its_own_digest(
    address: str, server: Faulty, tmp_path: Path, lie: Callable[[bytes], bytes]
) -> None:
    Machine(tmp_path / "first", address).share()
    change(server, lie)
    machine = Machine(tmp_path / "second", address)
    assert machine.hits() == list(RESULTS)  # from what the digests name
    for path in server.of("cas"):
        del server.kept[path]
    assert Machine(tmp_path / "third", address).hits() == []


def test_a_small_result_survives_the_loss_of_its_blobs(victims: Team, server: Faulty) -> None:
    built(victims.clone("a"))
    victims.ran()
    for path in server.of("cas"):
        del server.kept[path]
    second = victims.clone("b")
    built(second)
    assert victims.ran() == ["ran-tree"]  # which has a file of 100 kB
    assert second.read("out/two.txt") == "FIRST\n"

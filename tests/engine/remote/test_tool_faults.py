"""Whatever is wrong with a shared tool, it is built here, and a line says why."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.remote.faulty import Answer
from engine.remote.go_tool import PACKAGE, sum_of_module, write_tool
from engine.remote.keys import claim, origin_of
from engine.remote.tool_team import HERE, Team, as_before, first_machine
from pipeline.engine.cache.remote.messages import ActionResult
from pipeline.engine.cache.remote.trees import packed
from pipeline.toolchain.install import build_cache
from pipeline.toolchain.install.build_cache import shared_key
from pipeline.toolchain.limits import Limits


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with first_machine(tmp_path_factory.mktemp("team")) as team:
        yield team


@pytest.fixture
def team(first: Team) -> Iterator[Team]:
    """Give the team with a server that is as the first machine has left it."""
    with as_before(first):
        yield first


def test_a_shared_tool_is_fetched_and_not_built(team: Team, tmp_path: Path) -> None:
    second = team.machine(str(tmp_path / "store"))
    tool = second.install()
    assert tool.source == f"Go package {PACKAGE}, built by {team.ours.public}"
    assert len(second.said) == 1, second.said
    assert not list(second.store.root.glob("tmp/*"))
    assert second.traffic.counts()["hits"] == 1
    assert team.server.count("PUT") == 0


# --- what a server or somebody who can write to it may do -----------------------------------------


def program(team: Team) -> str:
    """Return the path of the largest blob, which is the program."""
    blobs = team.server.of("cas")
    return max(blobs, key=lambda path: len(blobs[path]))


def spoil(team: Team) -> None:
    """Change one byte of the program."""
    data = team.server.kept[program(team)]
    team.server.kept[program(team)] = data[:-1] + bytes([data[-1] ^ 1])


def spoil_all(team: Team) -> None:
    """Change one byte of every blob, and so of the list of files, too."""
    for path, data in team.server.of("cas").items():
        team.server.kept[path] = data[:-1] + bytes([data[-1] ^ 1])


def lose(team: Team) -> None:
    del team.server.kept[program(team)]


def message_of(team: Team) -> tuple[str, ActionResult]:
    ((path, data),) = team.server.of("ac").items()
    return path, ActionResult.FromString(data)


def sign_anew(team: Team, signer: bytes, signature: bytes) -> None:
    path, message = message_of(team)
    origin = origin_of(message)
    origin.signer, origin.signature = signer, signature
    message.execution_metadata.auxiliary_metadata[0].value = packed(origin)
    team.server.kept[path] = packed(message)


def unsign(team: Team) -> None:
    sign_anew(team, b"", b"")


def foreign(team: Team) -> None:
    """Have another machine share it that nobody trusts."""
    made = team.machine("first", sign=team.theirs)
    entry = made.store.find(made.candidate().entry_name)
    assert entry is not None
    made.share(entry.tree)
    assert made.traffic.counts()["uploads"] == 1


def pretend(team: Team) -> None:
    """Share it with another key, and name ours."""
    foreign(team)
    claim(team.server, team.ours.public)


def swap(team: Team) -> None:
    """Name another blob in place of the manifest, and keep the signature."""
    path, message = message_of(team)
    message.output_files[0].digest.size_bytes += 1
    team.server.kept[path] = packed(message)


def answer(made: Answer) -> Callable[[Team], None]:
    def bent(team: Team) -> None:
        team.server.bend = lambda _method, path, given: made if "/ac/" in path else given

    return bent


FAULTS: dict[str, tuple[Callable[[Team], None], str]] = {
    "tampered": (spoil, "has other content than its name says"),
    "tampered-list": (spoil_all, "has other content than its name says"),
    "lost": (lose, "a part of it is lost"),
    "unsigned": (unsign, "refused: it is not signed"),
    "foreign": (foreign, "refused: it is signed by a key that is not trusted, ed25519:"),
    "claimed": (pretend, "refused: its signature is not of this key and these outputs"),
    "swapped": (swap, "refused: its signature is not of this key and these outputs"),
    "no-message": (answer(Answer(200, b"\xff" * 40)), "refused: it is not an ActionResult message"),
    "huge-message": (answer(Answer(200, bytes(5_000_000))), "it is longer than the"),
    "error": (answer(Answer(500)), "it answers with status 500"),
}


@pytest.mark.parametrize(("attack", "why"), FAULTS.values(), ids=FAULTS.keys())
def test_a_tool_that_may_not_be_used_is_built(
    team: Team, tmp_path: Path, attack: Callable[[Team], None], why: str
) -> None:
    attack(team)
    second = team.machine(str(tmp_path / "store"))
    assert second.install().source == HERE
    (line,) = second.remarks()
    assert line.startswith("toolchain:t is built here: ")
    assert why in line


def test_nothing_that_a_foreign_message_names_is_fetched(team: Team, tmp_path: Path) -> None:
    foreign(team)
    team.server.log.clear()
    team.machine(str(tmp_path / "store")).install()
    assert team.server.count("GET", "cas") == 0


def test_a_message_of_another_tool_is_refused(team: Team, tmp_path: Path) -> None:
    """Answer every question with what our key has signed, but for other pins."""
    _, message = message_of(team)
    team.server.bend = lambda _method, path, given: (
        Answer(200, packed(message)) if "/ac/" in path else given
    )
    second = team.machine(str(tmp_path / "store"))
    second.tools = tmp_path / "tools"
    write_tool(second.tools, sum_of_module({}))
    toml = second.tools / "t.toml"
    toml.write_text(toml.read_text().replace('version = "1"', 'version = "2"'))
    assert second.install().source == HERE
    (line,) = second.remarks()
    assert "its signature is not of this key and these outputs" in line


def test_another_c_library_is_another_tool(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_cache, "libc", lambda: "glibc 2.17")
    second = team.machine(str(tmp_path / "store"))
    assert second.install().source == HERE
    assert second.remarks() == []  # nobody has shared one for it, which is no fault


def test_another_platform_another_pin_and_another_builder_are_other_tools(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = team.machine("first")
    keys = {shared_key(machine.candidate()), shared_key(machine.candidate("darwin_arm64"))}
    sums = machine.tools / "t/go.sum"
    before = sums.read_text()
    sums.write_text(before + "\n")
    keys.add(shared_key(machine.candidate()))
    sums.write_text(before)
    monkeypatch.setattr(build_cache, "_builder", lambda: "another version of our code")
    keys.add(shared_key(machine.candidate()))
    assert len(keys) == 4


def test_a_server_that_is_gone_is_named_once(team: Team, tmp_path: Path) -> None:
    second = team.machine(str(tmp_path / "store"), address="http://127.0.0.1:9")
    assert second.install().source == HERE
    (line,) = second.remarks()
    assert line.startswith("not used any more in this run: it cannot be reached")


def test_a_tool_that_is_too_large_is_not_fetched(team: Team, tmp_path: Path) -> None:
    second = team.machine(str(tmp_path / "store"), limits=Limits(unpacked_bytes=1000))
    assert second.install().source == HERE
    assert "it claims to have" in second.remarks()[0]
    assert team.server.count("GET", "cas") == 0  # the list of its files came with the message


def test_after_a_change_of_keys_the_next_builder_replaces_what_is_there(
    team: Team, tmp_path: Path
) -> None:
    rotated = {"trusts": (team.theirs.public,)}
    second = team.machine(str(tmp_path / "b"), sign=team.theirs, **rotated)
    assert second.install().source == HERE
    assert f"a key that is not trusted, {team.ours.public}" in second.remarks()[0]
    third = team.machine(str(tmp_path / "c"), **rotated)
    assert third.install().source.endswith(f"built by {team.theirs.public}")

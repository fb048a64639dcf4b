"""A team that signs uses only what it has signed."""

import json
import stat
from pathlib import Path

import pytest

from engine.remote.conftest import Team, built
from engine.remote.faulty import Faulty
from engine.remote.keys import KeyPair, claim, key_pair
from pipeline.engine.cache.remote.messages import ActionResult
from pipeline.engine.cache.remote.trees import packed
from pipeline.testing.project import Project

ALL = ["one", "ran-tree", "two"]


@pytest.fixture
def ours(tmp_path: Path) -> KeyPair:
    return key_pair(tmp_path, "ours")


def signed(team: Team, name: str, key: KeyPair) -> None:
    built(team.clone(name, DOIT_WASM_REMOTE_SIGN=str(key.path)))
    team.ran()


def test_what_the_team_has_signed_is_used(victims: Team, ours: KeyPair) -> None:
    signed(victims, "a", ours)
    run = built(victims.clone("b", config=f"remote_trust=[{ours.public!r}]"))
    assert victims.ran() == []
    assert "3 of 3 results found" in run.out
    built(victims.clone("c"))  # others do not mind
    assert victims.ran() == []


def test_what_nobody_has_signed_is_a_miss_with_a_reason(victims: Team, ours: KeyPair) -> None:
    built(victims.clone("a"))
    victims.ran()
    clone = victims.clone("b", DOIT_WASM_REMOTE_TRUST=ours.public, DOIT_WASM_REMOTE_MODE="read")
    said = clone.doit("explain").out
    assert said.count("not from the remote cache: refused: it is not signed") == 2  # `two` may run
    tasks = json.loads(clone.doit("explain", "--json").out)["tasks"]
    assert "refused: it is not signed" in [task["remote_cache"] for task in tasks]
    run = built(clone)
    assert victims.ran() == ALL
    assert run.err.count("a result is refused, and its step runs here: it is not signed") == 1


def test_what_others_have_signed_is_a_miss_that_names_their_key(
    victims: Team, ours: KeyPair, tmp_path: Path
) -> None:
    theirs = key_pair(tmp_path, "theirs")
    signed(victims, "a", theirs)
    trusting = {"DOIT_WASM_REMOTE_TRUST": ours.public, "DOIT_WASM_REMOTE_MODE": "read"}
    run = built(victims.clone("b", **trusting))
    assert victims.ran() == ALL
    assert f"it is signed by a key that is not trusted, {theirs.public}" in run.err
    both = {**trusting, "DOIT_WASM_REMOTE_TRUST": f"{ours.public} {theirs.public}"}
    built(victims.clone("c", **both))
    assert victims.ran() == []


def swap(server: Faulty) -> None:
    """Give each result another output of the same name, and let it keep its signature."""
    for path, data in server.of("ac").items():
        message = ActionResult.FromString(data)
        for file in message.output_files:
            file.digest.CopyFrom(message.stdout_digest)
        for made in message.output_directories:
            made.tree_digest.size_bytes += 1
        server.kept[path] = packed(message)


def replay(server: Faulty) -> None:
    """Give each key a result that was signed for another key, with the outputs that it expects."""
    paths = sorted(server.of("ac"))
    messages = [ActionResult.FromString(server.kept[path]) for path in paths]
    for number, (path, message) in enumerate(zip(paths, messages, strict=True)):
        moved = ActionResult.FromString(packed(messages[number - 1]))
        del moved.output_files[:], moved.output_directories[:]
        moved.output_files.extend(message.output_files)
        moved.output_directories.extend(message.output_directories)
        server.kept[path] = packed(moved)


@pytest.mark.parametrize("attack", [swap, replay])
def test_a_signature_covers_the_key_and_the_result(
    victims: Team, server: Faulty, ours: KeyPair, attack
) -> None:
    signed(victims, "a", ours)
    attack(server)
    clone = victims.clone("b", DOIT_WASM_REMOTE_TRUST=ours.public)
    run = built(clone)
    assert victims.ran() == ALL
    assert "its signature is not of this key and these outputs" in run.err
    assert clone.read("out/two.txt") == "FIRST\n"


def test_the_name_of_a_key_is_no_signature(
    victims: Team, server: Faulty, ours: KeyPair, tmp_path: Path
) -> None:
    signed(victims, "a", key_pair(tmp_path, "theirs"))
    claim(server, ours.public)
    run = built(victims.clone("b", DOIT_WASM_REMOTE_TRUST=ours.public))
    assert victims.ran() == ALL
    assert "its signature is not of this key and these outputs" in run.err


def test_nothing_that_a_foreign_result_names_is_fetched(
    victims: Team, server: Faulty, ours: KeyPair
) -> None:
    built(victims.clone("a"))
    server.log.clear()
    trusting = {"DOIT_WASM_REMOTE_TRUST": ours.public, "DOIT_WASM_REMOTE_MODE": "read"}
    built(victims.clone("b", **trusting))
    assert server.count("GET", "ac") == 3
    assert server.count("GET", "cas") == 0


def test_a_new_key_is_for_its_owner_and_replaces_none(ours: KeyPair, tmp_path: Path) -> None:
    assert stat.S_IMODE(ours.path.stat().st_mode) == 0o600
    before = ours.path.read_bytes()
    again = Project(tmp_path).doit("cache", "--new-key", str(ours.path))
    assert again.code == 1
    assert "exists" in again.err
    assert ours.path.read_bytes() == before


BAD = {
    "trust-word": ({"DOIT_WASM_REMOTE_TRUST": "alice"}, "`alice` is not a public key"),
    "trust-short": ({"DOIT_WASM_REMOTE_TRUST": "ed25519:AAAA"}, "is not a public key"),
    "sign-absent": ({"DOIT_WASM_REMOTE_SIGN": "/nowhere.pem"}, "/nowhere.pem is not a file"),
    "sign-text": ({"DOIT_WASM_REMOTE_SIGN": "in.txt"}, "in.txt is not a private Ed25519 key"),
}


@pytest.mark.parametrize(("env", "message"), BAD.values(), ids=BAD.keys())
def test_keys_that_are_none(victims: Team, env: dict[str, str], message: str) -> None:
    run = victims.clone("a", **env).doit()
    assert run.code == 3
    assert message in run.err
    assert "Traceback" not in run.text
    assert victims.ran() == []

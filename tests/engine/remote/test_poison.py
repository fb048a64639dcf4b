"""A server that lies harms nothing: its results are refused, which a run mentions once."""

import hashlib
import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from engine.remote.attacks import ATTACKS, Attack, directory, edit, strip
from engine.remote.conftest import Team, built
from engine.remote.faulty import Faulty, faulty
from pipeline.engine.cache.remote.messages import ActionResult, Digest, Directory, Tree
from pipeline.engine.cache.remote.trees import MalformedError, decoded, digest_of, encoded, packed
from pipeline.tree import DIRECTORY, FILE, LINK, RUN, Entry

ALL = ["one", "ran-tree", "two"]
NUMBERS = itertools.count()
BLOB = Digest(hash="a" * 64, size_bytes=1)


@dataclass(frozen=True, slots=True)
class Good:
    """A team whose server has the results of its steps."""

    team: Team
    server: Faulty
    kept: dict[str, bytes]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Good]:
    with faulty() as state:
        team = Team(tmp_path_factory.mktemp("good"), state.address)
        built(team.clone("a"))
        team.ran()
        strip(state)
        yield Good(team, state, dict(state.kept))


@pytest.fixture
def server(good: Good) -> Faulty:
    """Give the server with good results, which a test then replaces."""
    good.server.kept = dict(good.kept)
    good.server.bend = Faulty.bend
    return good.server


@pytest.fixture
def poisoned(good: Good, server: Faulty) -> Team:
    return good.team


def refused(team: Team, count: int = 3) -> str:
    """Build; check that all ran and was well, and return the one remark."""
    clone = team.clone(f"b{next(NUMBERS)}")
    run = built(clone)
    assert team.ran() == ALL
    assert clone.read("out/two.txt") == "FIRST\n"
    assert (clone.root / "t/bin/x").read_text() == "hello\n"
    (remark,) = [line for line in run.err.splitlines() if line.startswith("remote cache http")]
    assert f"{count} refused" in run.out
    return remark.partition("and its step runs here: ")[2]


@pytest.mark.parametrize(("attack", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
def test_a_run_refuses_what_a_server_makes_up(
    poisoned: Team, server: Faulty, attack: Attack, reason: str
) -> None:
    attack(server)
    assert reason in refused(poisoned)
    assert not (poisoned.root / "evil").exists()


def linked(name: str, target: str, **more: object) -> bytes:
    return directory(symlinks=[{"name": name, "target": target}], **more)


def laughs(levels: int) -> bytes:
    """Return a tree of two members per directory, each the same, that unfolds to 2**levels."""
    child = Directory(files=[{"name": "x", "digest": BLOB}])
    children = [child]
    for _ in range(levels):
        digest = digest_of(packed(children[-1]))
        both = [{"name": "a", "digest": digest}, {"name": "b", "digest": digest}]
        children.append(Directory(directories=both))
    return packed(Tree(root=children.pop(), children=children))


def deep(levels: int) -> bytes:
    children = [Directory()]
    for _ in range(levels):
        digest = digest_of(packed(children[-1]))
        children.append(Directory(directories=[{"name": "d", "digest": digest}]))
    return packed(Tree(root=children.pop(), children=children))


FILE_X = {"name": "x", "digest": BLOB}
BAD_TREES = {
    "noise": b"\xff" * 20,
    "above": directory(files=[{"name": "..", "digest": BLOB}]),
    "here": directory(files=[{"name": ".", "digest": BLOB}]),
    "empty": directory(files=[{"name": "", "digest": BLOB}]),
    "path": directory(files=[{"name": "a/b", "digest": BLOB}]),
    "absolute": directory(files=[{"name": "/etc/passwd", "digest": BLOB}]),
    "null": directory(files=[{"name": "a\0b", "digest": BLOB}]),
    "long": directory(files=[{"name": "a" * 4000, "digest": BLOB}]),
    "twice": directory(files=[FILE_X, FILE_X]),
    "file-and-link": linked("x", "y", files=[FILE_X, {"name": "y", "digest": BLOB}]),
    "no-digest": directory(files=[{"name": "x", "digest": Digest(hash="../x", size_bytes=1)}]),
    "negative": directory(files=[{"name": "x", "digest": Digest(hash="a" * 64, size_bytes=-1)}]),
    "lacking": directory(directories=[{"name": "d", "digest": BLOB}]),
    "link-out": linked("l", "../x"),
    "link-absolute": linked("l", "/etc/passwd"),
    "link-nowhere": linked("l", "x"),
    "link-empty": linked("l", ""),
    "link-round": linked("l", "x/../x", files=[FILE_X]),
    "link-itself": linked("l", "l"),
    "link-through": packed(
        Tree(
            root=Directory(symlinks=[{"name": "a", "target": "b/c"}, {"name": "b", "target": "."}])
        )
    ),
    "laughs": laughs(40),
    "deep": deep(5_000),
}


@pytest.mark.parametrize("data", BAD_TREES.values(), ids=BAD_TREES.keys())
def test_a_tree_that_no_machine_of_ours_writes(data: bytes) -> None:
    with pytest.raises(MalformedError):
        decoded(data)


def test_a_poisoned_tree_is_refused_in_a_run(poisoned: Team, server: Faulty) -> None:
    evil = linked("l", "../../../evil")
    name = server.put_blob(evil)

    def change(message: ActionResult) -> None:
        for made in message.output_directories:
            made.tree_digest.hash, made.tree_digest.size_bytes = name, len(evil)

    edit(server, change)
    run = built(poisoned.clone("l", DOIT_WASM_REMOTE_MODE="read"))
    assert poisoned.ran() == ["ran-tree"]
    assert "the link l leads to `../../../evil`" in run.err
    said = poisoned.clone("m").doit("explain", "tree").out
    assert "not from the remote cache: refused: the link l leads to" in said


def random_tree(rng: random.Random) -> list[Entry]:
    """Return a tree with files, run bits, empty directories, and links to some of them."""
    found = [Entry("", DIRECTORY)]
    directories = [""]
    for number in range(rng.randrange(40)):
        above = rng.choice(directories)
        name = f"{above}/" * bool(above) + rng.choice("aéZ.-_ ") + str(number)
        kind = rng.choice([FILE, FILE, RUN, DIRECTORY])
        if kind == DIRECTORY:
            directories.append(name)
            found.append(Entry(name, kind))
        else:
            data = rng.randbytes(4)
            found.append(
                Entry(name, kind, hashlib.sha256(data).hexdigest(), rng.randrange(1 << 40))
            )
    for number in range(rng.randrange(4)):
        target = rng.choice(found)
        above = rng.choice(directories)
        name = f"{above}/" * bool(above) + f"link{number}"
        content = os.path.relpath(f"/{target.name}", f"/{above}")
        found.append(Entry(name, LINK, content))
    return sorted(found)


def test_random_trees_survive() -> None:
    for seed in range(50):
        entries = random_tree(random.Random(seed))
        assert decoded(encoded(entries)) == entries, seed


def test_random_damage_is_refused_or_does_no_harm() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        data = bytearray(encoded(random_tree(rng)))
        for _ in range(rng.randrange(1, 4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            entries = decoded(bytes(data))
        except MalformedError:
            continue
        assert all(".." not in entry.name.split("/") for entry in entries), seed
        assert [entry.name for entry in entries] == sorted({entry.name for entry in entries}), seed

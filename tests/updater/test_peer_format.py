"""The peer's directory as it is: every file is read, no field is lost, nothing is touched idly."""

from pathlib import Path
from typing import Any

import pytest

from updater.harness import Updater
from updater.peer import FIVE, QUIRKS, Document, text

QUIRK = pytest.mark.parametrize("document", QUIRKS.values(), ids=QUIRKS.keys())
OTHERWISE_PUBLISHED = {"go", "jco", "componentize-py"}


@pytest.fixture
def peer(updater: Updater) -> Updater:
    """Give an updater whose directory holds nothing, not even tools.toml."""
    for path in [*(updater.checksums / "tools").iterdir(), updater.checksums / "tools.toml"]:
        path.unlink()
    return updater


def put(peer: Updater, document: Document) -> Path:
    path = peer.file(document["tool_name"])
    path.write_text(text(document), encoding="utf-8")
    return path


@QUIRK
def test_a_file_is_listed_and_valid_and_left_alone(peer: Updater, document: Document) -> None:
    path = put(peer, document)
    before = path.read_bytes()
    listed = peer("list")
    assert listed.code == 0, listed.text
    shown = [line.split()[:2] for line in listed.out.splitlines()]
    assert [document["tool_name"], document["latest_version"]] in shown
    checked = peer("validate", "--all")
    assert checked.code == 0, checked.text
    assert path.read_bytes() == before


def test_the_whole_directory_is_valid_at_once(peer: Updater) -> None:
    for document in QUIRKS.values():
        put(peer, document)
    before = peer.snapshot()
    run = peer("validate", "--all")
    assert run.code == 0, run.text
    assert all(document["tool_name"] in run.text for document in QUIRKS.values())
    assert peer.snapshot() == before


def contains(new: Any, old: Any, path: str = "") -> list[str]:
    """Return the places where *new* lacks or changes something of *old*."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            fault
            for key, value in old.items()
            for fault in (
                contains(new[key], value, f"{path}.{key}") if key in new else [f"{path}.{key}"]
            )
        ]
    return [] if new == old else [path]


def gone(document: Document) -> str:
    """Return the line of tools.toml about platforms that only older versions have."""
    latest = document["versions"][document["latest_version"]]["platforms"]
    older = {p for each in document["versions"].values() for p in each["platforms"]}
    return f"optional = {sorted(older - set(latest))}"


# What an update is there to change.
CHANGING = {"latest_version", "supported_platforms"}


@pytest.mark.parametrize(
    "document",
    [d for d in QUIRKS.values() if d["tool_name"] not in OTHERWISE_PUBLISHED],
    ids=lambda d: d["tool_name"],
)
def test_an_update_adds_a_version_and_keeps_every_field(peer: Updater, document: Document) -> None:
    name, path = document["tool_name"], put(peer, document)
    latest = document["versions"][document["latest_version"]]
    wanted = sorted(latest["platforms"])
    newer = "33" if name == "wasi-sdk" else "99.0.0"
    scheme = "numeric" if name == "wasi-sdk" else "semver"
    patterns = {p: f"{name}-{{version}}-{FIVE.get(p, p + '.wasm')}" for p in wanted}
    peer.watch(
        f'[{name}]\nrepository = "o/{name}"\ntag = "v{{version}}"\nscheme = "{scheme}"\n'
        f"{gone(document)}\n\n"
        f"[{name}.assets]\n" + "".join(f'{p} = "{asset}"\n' for p, asset in patterns.items())
    )
    named = {asset.replace("{version}", newer): p.encode() for p, asset in patterns.items()}
    repository = peer.github.add_repository(f"o/{name}")
    repository.add_release(f"v{newer}", assets=named, published_at="2026-08-01T00:00:00Z")
    run = peer("update", name)
    assert run.code == 0, run.text
    written = peer.document(name)
    assert written["latest_version"] == newer
    kept = {key: value for key, value in document.items() if key not in CHANGING}
    assert contains(written, kept) == []
    assert set(written) - {"supported_platforms"} == set(document) - {"supported_platforms"}
    assert peer("validate", name).code == 0
    again = path.read_bytes()
    assert peer("update", name).code == 0
    assert path.read_bytes() == again


def test_an_update_that_finds_nothing_new_leaves_the_bytes(peer: Updater) -> None:
    document = QUIRKS["as-most-are"]
    path = put(peer, document)
    patterns = "".join(f'{p} = "plain-{{version}}-{s}"\n' for p, s in FIVE.items())
    peer.watch(
        f'[plain]\nrepository = "o/plain"\ntag = "v{{version}}"\n\n[plain.assets]\n{patterns}'
    )
    peer.github.add_repository("o/plain").add_release("v1.2.0")
    run = peer("update", "--all")
    assert run.code == 0, run.text
    assert path.read_text() == text(document)


def test_what_the_peer_recorded_is_compared_with_upstream(peer: Updater) -> None:
    # Its files name no asset: the pattern of tools.toml does.
    document = QUIRKS["as-most-are"]
    put(peer, document)
    patterns = "".join(f'{p} = "plain-{{version}}-{s}"\n' for p, s in FIVE.items())
    peer.watch(
        f'[plain]\nrepository = "o/plain"\ntag = "v{{version}}"\n\n[plain.assets]\n{patterns}'
    )
    named = {f"plain-1.2.0-{s}": s.encode() for s in FIVE.values()}
    peer.github.add_repository("o/plain").add_release("v1.2.0", assets=named)
    before = peer.snapshot()
    run = peer("check", "plain")
    assert run.code == 4, run.text
    assert document["versions"]["1.2.0"]["platforms"]["linux_amd64"]["sha256"] in run.text
    assert peer.snapshot() == before

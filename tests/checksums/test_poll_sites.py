"""Release files of tools whose releases are listed by sites of their own."""

import json
from typing import Any

import jsonschema
import pytest

from updater.harness import ROOT, Updater, recorded
from updater.test_sites import GO, NODE, files, hashes

SCHEMA = json.loads((ROOT / "docs/reference/schema/release.schema.json").read_text())
FROM = ("--releases", "build/releases")


@pytest.fixture
def sites(updater: Updater) -> Updater:
    updater.set("go", base=updater.github.go_url)
    updater.set("nodejs", base=updater.github.nodejs_url)
    return updater


def document(updater: Updater, tool: str) -> dict[str, Any]:
    path = updater.checksums.parent / "build/releases" / f"{tool}.json"
    found: dict[str, Any] = json.loads(path.read_text())
    jsonschema.validate(found, SCHEMA)
    return found


def test_go_is_recorded_from_its_release_file(sites: Updater) -> None:
    named = files("go1.27.0.", GO)
    sites.github.go.add("go1.27.0", files=named, at="2026-08-11T16:00:00Z")
    sites.github.go.add("go1.28rc1", files=files("go1.28rc1.", GO), stable=False)
    assert sites("poll", "go", *FROM).code == 0
    newest = document(sites, "go")["newest"]
    assert (newest["version"], newest["tag"], newest["date"]) == ("1.27.0", "go1.27.0", "")
    published = {asset["name"]: asset["digest"] for asset in newest["assets"]}
    assert published == {name: f"sha256:{sha}" for name, sha in hashes(named).items()}
    sites.github.requests.clear()
    run = sites("update", "go", *FROM)
    assert run.code == 0, run.text
    assert recorded(sites.document("go"), "1.27.0") == hashes(named)
    assert sites.document("go")["versions"]["1.27.0"]["release_date"] == "2026-08-11"
    assert not [request for request in sites.github.requests if "mode=json" in request.path]
    assert sites("validate", "go").code == 0


def test_node_is_recorded_from_its_release_file(sites: Updater) -> None:
    named = files("node-v24.14.2-", NODE)
    sites.github.nodejs.add("v24.14.2", files=named, lts="Krypton", at="2026-08-01T00:00:00Z")
    assert sites("poll", "nodejs", *FROM).code == 0
    newest = document(sites, "nodejs")["newest"]
    assert (newest["version"], newest["date"]) == ("24.14.2", "2026-08-01")
    assert {asset["size"] for asset in newest["assets"]} == {None}
    sites.github.requests.clear()
    run = sites("update", "nodejs", *FROM)
    assert run.code == 0, run.text
    assert recorded(sites.document("nodejs"), "24.14.2") == hashes(named)
    assert not [request for request in sites.github.requests if "index.json" in request.path]


def test_a_rolling_tag_is_recorded_from_its_release_file(sites: Updater) -> None:
    sites.set("wac", rolling=True, tag="nightly")
    repository = sites.github.add_repository("bytecodealliance/wac")
    names = document_assets(sites)
    release = repository.add_release("nightly", published_at="2026-11-20T12:00:00Z")
    for at, name in enumerate(names):
        release.add_asset(name, b"first" * (at + 1))
    sites.file("wac").unlink()
    assert sites("poll", "wac", *FROM).code == 0
    assert document(sites, "wac")["newest"]["version"] == "nightly"
    assert sites("update", "wac", *FROM).code == 0
    assert sites.document("wac")["latest_version"] == "nightly"


def document_assets(updater: Updater) -> list[str]:
    platforms = updater.document("wac")["versions"]["0.9.0"]["platforms"].values()
    return [entry["asset"] for entry in platforms]

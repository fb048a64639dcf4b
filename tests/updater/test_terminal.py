"""What a server or a file says reaches the terminal as text and nothing else."""

import json
import unicodedata

import pytest

from pipeline.testing.github import Release, faults
from updater.harness import WAC, Updater

STEERING = "\x1b[2J\x07\x9b31m\r"


def refusal(updater: Updater, release: Release) -> None:
    body = json.dumps({"message": f"no {STEERING}\n  help: run this"}).encode()
    updater.github.faults.always("/repos/*", faults.respond(403, body=body))


def asset_name(updater: Updater, release: Release) -> None:
    release.asset(WAC[0]).digest = f"sha256:{STEERING}"


def location(updater: Updater, release: Release) -> None:
    updater.github.faults.always(
        "/bytecodealliance/wac/releases/download/*", faults.redirect("http://x\x1b[2J/")
    )


def field_name(updater: Updater, release: Release) -> None:
    text = updater.file("wac").read_text()
    updater.file("wac").write_text(text.replace('"sha256"', '"\\u001b[2J\\u009b31m"'))


@pytest.mark.parametrize("poison", [refusal, asset_name, location, field_name])
def test_no_server_steers_the_terminal_or_adds_a_line(
    updater: Updater, release: Release, poison
) -> None:
    poison(updater, release)
    run = updater("update", "wac")
    controls = {c for c in run.text if unicodedata.category(c) == "Cc"}
    assert controls == {"\n"}
    assert not any(line.strip() == "help: run this" for line in run.err.splitlines())

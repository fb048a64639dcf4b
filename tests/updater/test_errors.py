"""Each case of the error that crosses the components, provoked for real, and its exit code."""

from collections.abc import Callable

import pytest

from pipeline.testing.github import Release, faults
from updater.harness import WAC, Updater

Provoke = Callable[[Updater, Release], None]


def nothing(updater: Updater, release: Release) -> None:
    """Leave all as it is."""


def unreadable(updater: Updater, release: Release) -> None:
    updater.file("wac").unlink()
    updater.file("wac").mkdir()


def invalid(updater: Updater, release: Release) -> None:
    text = updater.file("wac").read_text()
    updater.file("wac").write_text(text.replace('"2026-02-03"', '"2026-02-30"'))


def network(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.reset())


def status(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.respond(451))


def answer(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.malformed_json())


def limited(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()


def mismatch(updater: Updater, release: Release) -> None:
    release.asset(WAC[0]).serve_instead(b"evil")


CASES = {
    "unknown-tool": (nothing, "nope", 1, ["nope"]),
    "file": (unreadable, "wac", 1, ["wac.json"]),
    "invalid": (invalid, "wac", 1, ['versions["0.9.0"].release_date']),
    "network": (network, "wac", 1, ["/repos/bytecodealliance/wac"]),
    "status": (status, "wac", 1, ["451"]),
    "answer": (answer, "wac", 1, ["/repos/bytecodealliance/wac"]),
    "rate-limited": (limited, "wac", 5, ["/repos/bytecodealliance/wac"]),
    "mismatch": (mismatch, "wac", 4, [WAC[0]]),
}


@pytest.mark.parametrize(("provoke", "tool", "code", "said"), CASES.values(), ids=CASES.keys())
def test_each_case_is_reported_with_what_it_holds_and_a_remedy(
    updater: Updater, release: Release, provoke: Provoke, tool: str, code: int, said: list[str]
) -> None:
    provoke(updater, release)
    before = updater.snapshot()
    run = updater("update", tool)
    assert run.code == code, run.text
    assert 1 <= run.err.count("error: ") <= 2  # a limit also tells what is left
    assert run.err.count("  help: ") == run.err.count("error: ")
    assert all(words in run.err for words in said), run.err
    assert updater.snapshot() == before


def test_the_most_urgent_of_several_is_the_exit_code(updater: Updater, release: Release) -> None:
    mismatch(updater, release)
    assert updater("update", "wac", "wrpc").code == 4  # wrpc: 404
    release.asset(WAC[0]).served = None
    assert updater("check", "wac", "wrpc").code == 1
    assert updater("check", "wac").code == 3

"""The composed updater and what goes wrong upstream: what it says, and what it leaves alone."""

import json
import unicodedata

import pytest
from components.conftest import TOOLS, WAC, Updater

from pipeline.testing.github import Pattern, Release, faults


def swap(updater: Updater, release: Release) -> None:
    release.asset(WAC[2]).serve_instead(Pattern(300_002, seed=99))


def truncate(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(WAC[2]).cdn_path, faults.truncate(1000))


def html(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(WAC[2]).cdn_path, faults.html())


def twins(updater: Updater, release: Release) -> None:
    release.replace_asset(WAC[2], release.asset(WAC[1]).content)


def compress(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(WAC[2]).cdn_path, faults.gzip_encoded())


def loop(updater: Updater, release: Release) -> None:
    updater.github.faults.always(
        "/bytecodealliance/wac/releases/download/*", faults.redirect_loop()
    )


def malformed(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.malformed_json())


def exhausted(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()


def gone(updater: Updater, release: Release) -> None:
    updater.github.state.rename(
        updater.github.state.named("bytecodealliance/wac"), "elsewhere/moved-and-gone"
    )
    updater.github.add_repository("bytecodealliance/wac")


def bad_token(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.respond(401))


SWAPPED = "the bytes are not the ones that were expected"
BROKEN = "or a transfer broke"
ANSWER = "a server's answer cannot be used"
REFUSED = "a server refused"

# What is done, the exit code, what is said in this order, and the help.
FAULTS = {
    "swapped-asset": (swap, 4, [SWAPPED, WAC[2], "was published"], "upstream's announcement"),
    "html-with-200": (html, 4, [SWAPPED, WAC[2], "were published"], "upstream's announcement"),
    "truncated-body": (truncate, 1, [BROKEN, WAC[2], "of 300002 bytes"], "check the network"),
    "redirect-loop": (loop, 1, [ANSWER, WAC[2], "more than 10 redirects"], "run again later"),
    "gzip-unasked": (compress, 1, [ANSWER, WAC[2], "encoded as gzip"], "run again later"),
    "malformed-json": (malformed, 1, [ANSWER, "latest: is not a release"], "run again later"),
    "one-file-twice": (twins, 1, [ANSWER, "sha256: is the digest of"], "run again later"),
    "quota-used-up": (exhausted, 5, ["quota", "rate limit"], "GITHUB_TOKEN"),
    "no-releases": (gone, 1, [REFUSED, "404"], "the repository"),
    "bad-credentials": (bad_token, 1, [REFUSED, "401"], "the token"),
}


@pytest.mark.parametrize(("fault", "code", "said", "remedy"), FAULTS.values(), ids=FAULTS.keys())
def test_what_goes_wrong_is_told_and_the_file_stays_as_it_was(
    updater: Updater, release: Release, fault, code: int, said: list[str], remedy: str
) -> None:
    before = updater.file("wac").read_bytes()
    fault(updater, release)
    run = updater("update", "wac")
    assert run.code == code, run.text
    told, _, remedies = run.err.partition("  help: ")
    places = [told.find(words) for words in said]
    assert -1 not in places, run.err
    assert places == sorted(places), run.err
    assert remedy in remedies
    assert updater.file("wac").read_bytes() == before
    assert sorted(p.name for p in updater.file("wac").parent.iterdir()) == sorted(
        f"{tool}.json" for tool in TOOLS
    )


def test_a_rate_limit_is_told_once_and_ends_the_polling(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()
    run = updater("update", "wkg", "wac", "wrpc")
    assert run.code == 5, run.text
    assert run.err.count("error: ") == 1
    results = [line.split(maxsplit=1) for line in run.out.splitlines()[1:]]
    assert results == [["wkg", "failed"], ["wac", "not polled"], ["wrpc", "not polled"]]
    assert len(updater.github.requests) == 1


STEERING = "\x1b[2J\x07\x9b31m\r"


def refusal(updater: Updater, release: Release) -> None:
    body = json.dumps({"message": f"no {STEERING}\n  help: run this"}).encode()
    updater.github.faults.always("/repos/*", faults.respond(500, body=body))


def tag(updater: Updater, release: Release) -> None:
    release.tag_name = f"v0.13.0{STEERING}"
    release.asset(WAC[0]).state = "open"


def complete(updater: Updater, release: Release) -> None:
    release.tag_name = f"v0.13.0{STEERING}\n"


def digest(updater: Updater, release: Release) -> None:
    release.asset(WAC[0]).digest = f"sha256:{STEERING}"


@pytest.mark.parametrize("poison", [refusal, tag, complete, digest])
def test_no_server_steers_the_terminal_or_adds_a_line(
    updater: Updater, release: Release, poison
) -> None:
    poison(updater, release)
    run = updater("update", "wac")
    controls = {c for c in run.text if unicodedata.category(c) == "Cc"}
    assert controls == {"\n"}
    assert "\N{REPLACEMENT CHARACTER}" in run.text
    assert run.err.count("\n") == (3 if run.code else 1), run.err

"""What has not changed is not sent again: ETags, kept between runs."""

import json
from collections import Counter
from pathlib import Path

from pipeline.testing.github import Release, Repository
from updater.harness import Updater, assets, digests, recorded


def statuses(updater: Updater) -> Counter[int]:
    found = Counter(r.status for r in updater.github.requests if r.site == "api")
    updater.github.requests.clear()
    return found


def kept(updater: Updater) -> list[Path]:
    """Return the files in which the launcher's state is."""
    return [path for path in updater.home.rglob("*") if path.is_file()]


def test_the_second_run_costs_a_token_nothing(updater: Updater, release: Release) -> None:
    account = updater.github.add_token("t")
    for number in range(5):
        repository = updater.github.add_repository(f"o/r{number}")
        repository.add_release("v1.0.0")
    text = (updater.checksums / "tools.toml").read_text()
    wac = text[text.index("[wac]\n") : text.index("[wasi-sdk]\n")]
    updater.watch(wac + "".join(
        f'[t{n}]\nrepository = "o/r{n}"\ntag = "v{{version}}"\n\n' for n in range(5)
    ))  # fmt: skip
    env = {"GITHUB_TOKEN": "t"}
    first = updater("check", "--all", env=env)
    assert statuses(updater) == {200: 6}
    used = account.quota.used
    second = updater("check", "--all", env=env)
    assert statuses(updater) == {304: 6}
    assert account.quota.used == used
    assert (second.code, second.out) == (first.code, first.out)


def test_what_is_kept_is_enough_to_update_from(updater: Updater, release: Release) -> None:
    assert updater("check", "wac").code == 3
    updater.github.requests.clear()
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert statuses(updater) == {304: 1}
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_a_new_release_is_seen_at_once(
    updater: Updater, repository: Repository, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    newer = repository.add_release("v0.13.0", assets=assets(40))
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.13.0") == digests(newer)


def test_what_is_kept_for_one_token_is_not_used_for_another(
    updater: Updater, release: Release
) -> None:
    updater.github.add_token("one")
    updater.github.add_token("two", user_id=2)
    for token in ("one", "two", "one"):
        updater("check", "wac", env={"GITHUB_TOKEN": token})
    updater("check", "wac")
    assert statuses(updater) == {200: 3, 304: 1}


def test_no_token_is_kept(updater: Updater, release: Release) -> None:
    updater.github.add_token("s3cret-t0ken")
    updater("check", "wac", env={"GITHUB_TOKEN": "s3cret-t0ken"})
    assert kept(updater)
    assert not [path for path in kept(updater) if b"s3cret-t0ken" in path.read_bytes()]


def test_what_is_damaged_or_lost_is_asked_for_again(updater: Updater, release: Release) -> None:
    first = updater("check", "wac")
    for text in ("", "{", "null", json.dumps({"etag": 1}), "\udcff"):
        for path in kept(updater):
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        run = updater("check", "wac")
        assert (run.code, run.out) == (first.code, first.out), run.text
    updater.github.requests.clear()
    for path in kept(updater):
        path.unlink()
    assert updater("check", "wac").code == 3
    assert statuses(updater) == {200: 1}


def test_a_state_that_cannot_be_had_is_reported_before_anything_is_done(
    updater: Updater, release: Release
) -> None:
    updater.home.write_text("a file where the directory would be")
    before = updater.snapshot()
    run = updater("update", "wac")
    assert (run.code, run.out) == (1, "")
    what = f"error: {updater.home}/updater: Not a directory\n"
    fix = "  help: make room there, or name another in DOIT_WASM_STORE\n"
    assert run.err == f"{what}{fix}  see:  doit-wasm help DW406\n"
    assert updater.snapshot() == before

"""Deliveries mark the tools of their repository as due, and whatever is not one is refused."""

import json
import re
from pathlib import Path

import pytest

from webhook.hook import Hook, Site, release, signed


def test_a_release_marks_the_tools_of_its_repository(hook: Hook, site: Site) -> None:
    assert hook.deliver(release("o/wac")) == (202, "due: wac\n")
    assert site.due() == ["wac"]
    assert hook.deliver(release("O/tools", "released")) == (202, "due: wit, wkg\n")
    assert site.due() == ["wac", "wit", "wkg"]
    assert hook.end() == 0
    assert re.search(r"Z delivery [0-9a-f-]{36}: release published of o/wac: due: wac\n", hook.log)


def test_a_repeated_delivery_changes_nothing(hook: Hook, site: Site) -> None:
    body = release()
    headers = signed(body)
    assert [hook.post(body, headers)[0] for _ in range(3)] == [202] * 3
    assert site.due() == ["wac"]


@pytest.mark.parametrize("action", ["created", "edited", "deleted", "unpublished", "prereleased"])
def test_every_action_counts(hook: Hook, site: Site, action: str) -> None:
    assert hook.deliver(release(action=action))[0] == 202
    assert site.due() == ["wac"]


def test_a_ping_and_other_events_are_answered_and_mark_nothing(hook: Hook, site: Site) -> None:
    assert hook.deliver(b'{"zen": "x"}', X_GitHub_Event="ping") == (200, "pong\n")
    assert hook.deliver(release(), X_GitHub_Event="push") == (200, "only releases count\n")
    assert site.due() == []


def test_a_tool_that_is_watched_later_is_known_without_a_restart(hook: Hook, site: Site) -> None:
    assert hook.deliver(release("o/new"))[0] == 404
    site.watch(new="o/new")
    assert hook.deliver(release("o/new")) == (202, "due: new\n")
    assert hook.deliver(release("o/wac"))[0] == 404


REFUSED = {
    "no signature": (release(), {"X_Hub_Signature_256": None}, 401, "is not signed"),
    "the old signature": (
        release(), {"X_Hub_Signature_256": None, "X_Hub_Signature": "sha1=00"}, 401, "not signed",
    ),
    "a wrong signature": (
        release(), {"X_Hub_Signature_256": f"sha256={'0' * 64}"}, 401, "does not match",
    ),
    "an odd signature": (release(), {"X_Hub_Signature_256": "sha256=ä"}, 401, "does not match"),
    "two signatures": (
        release(),
        {"X_Hub_Signature_256": f"{signed(release())['X-Hub-Signature-256']}, sha256=0"},
        401, "does not match",
    ),
    "no event": (release(), {"X_GitHub_Event": None}, 400, "X-GitHub-Event is missing"),
    "no delivery": (release(), {"X_GitHub_Delivery": None}, 400, "X-GitHub-Delivery is missing"),
    "an odd delivery": (release(), {"X_GitHub_Delivery": "\x9b2J"}, 400, "-Delivery is invalid"),
    "a form": (
        release(), {"Content_Type": "application/x-www-form-urlencoded"}, 415, "application/json",
    ),
    "no type": (release(), {"Content_Type": None}, 415, "application/json"),
    "not JSON": (b"<html>", {}, 400, "is not JSON"),
    "cut off": (release()[:-9], {}, 400, "is not JSON"),
    "not UTF-8": (b'{"a": "\xff"}', {}, 400, "is not JSON"),
    "too deep": (b"[" * 100_000, {}, 400, "is not JSON"),
    "a number of many digits": (b"1" * 5000, {}, 400, "is not JSON"),
    "a list": (b"[]", {}, 400, "not a JSON object"),
    "no repository": (b'{"action": "published"}', {}, 400, "repository.full_name"),
    "an odd repository": (
        b'{"action": "published", "repository": {"full_name": ["o/wac"]}}', {}, 400, "full_name",
    ),
    "a name that acts on a terminal": (
        json.dumps({"action": "a", "repository": {"full_name": "o/\x1b[2J\n"}}).encode(), {},
        400, "full_name",
    ),
    "half a character": (
        rb'{"action": "a", "repository": {"full_name": "o/\ud800"}}', {}, 400, "full_name",
    ),
    "an action that acts on a terminal": (
        release(action="\x1b]0;x\x07"), {}, 400, "action is not",
    ),
    "an unknown repository": (release("o/unknown"), {}, 404, "the repository o/unknown"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "changed", "status", "text"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_is_no_delivery_is_refused_with_the_reason(
    steadfast: tuple[Hook, Site],
    body: bytes,
    changed: dict[str, str | None],
    status: int,
    text: str,
) -> None:
    hook, site = steadfast
    lines = hook.log.count("\n")
    got, answer = hook.deliver(body, **changed)
    assert (got, text in answer) == (status, True), answer
    assert site.due() == []
    assert f"Z refused: {status}: " in hook.log.splitlines()[lines]


def test_another_secret_is_a_wrong_signature(hook: Hook, site: Site) -> None:
    body = release()
    assert hook.post(body, signed(body, "another secret"))[0] == 401
    assert hook.post(body + b" ", signed(body))[0] == 401
    assert hook.post(b"", signed(body))[0] == 401
    assert site.due() == []


def test_only_post_to_one_path_is_allowed(hook: Hook) -> None:
    body = release()
    assert hook.post(body, signed(body), path="/")[0] == 404
    assert hook.post(body, signed(body), path="/webhook/%1b[2J")[0] == 404
    for method in ("GET", "PUT", "OPTIONS", "X"):
        assert hook.post(b"", {}, method)[0] == 405
        assert hook.headers["allow"] == "POST"


def test_an_invalid_tools_toml_is_an_error_and_not_an_answer_of_success(
    hook: Hook, site: Site
) -> None:
    (site.root / "checksums/tools.toml").write_text("broken")
    assert hook.deliver() == (500, "not recorded; the log of the server says why\n")
    assert site.due() == []
    site.watch(wac="o/wac")
    assert hook.deliver()[0] == 202
    hook.end()
    assert "checksums/tools.toml is not TOML" in hook.log


def test_what_cannot_be_written_is_an_error_and_not_an_answer_of_success(
    hook: Hook, site: Site
) -> None:
    store = Path(site.env["DOIT_WASM_STORE"])
    store.write_text("a file where a directory should be")
    assert hook.deliver()[0] == 500
    store.unlink()
    assert hook.deliver()[0] == 202
    hook.end()
    assert "error: " in hook.log
    assert "Traceback" not in hook.log

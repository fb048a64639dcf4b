"""Bytes of upstream and of local files, whatever they are: read, or one tool's failure."""

import json
import os
from pathlib import Path

import pytest

from pipeline.testing.github import Release, Repository, faults
from updater.harness import WAC, Updater, digests, recorded

MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def saved(text: str, encoding: str, end: str) -> bytes:
    """Encode a text as an editor of Windows does."""
    return MARKS[encoding] + text.replace("\n", end).encode(encoding)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("encoding", MARKS)
def test_files_with_a_byte_order_mark_are_read_and_written_in_the_canonical_form(
    updater: Updater, release: Release, encoding: str, end: str
) -> None:
    for path in (updater.checksums / "tools.toml", updater.file("wac")):
        path.write_bytes(saved(path.read_text(encoding="utf-8"), encoding, end))
    marked = updater.snapshot()
    assert ["wac", "0.9.0"] in [line.split()[:2] for line in updater("list").out.splitlines()]
    run = updater("validate", "wac")
    assert (run.code, "valid, not in canonical form" in run.out) == (0, True), run.text
    assert updater("generate-bazel-rules", "wac").code == 0
    run = updater("check", "wac")
    assert run.code == 3, run.text
    assert updater.snapshot() == marked
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    text = updater.file("wac").read_bytes()
    assert text.startswith(b"{\n")
    assert b"\r" not in text
    assert updater.snapshot()["tools.toml"] == marked["tools.toml"]


def test_a_page_of_releases_may_begin_with_a_byte_order_mark(
    updater: Updater, release: Release
) -> None:
    def marked(request, answer):
        reply = answer(request)
        headers = {"Content-Type": "application/json"}
        return faults.respond(200, headers=headers, body=b"\xef\xbb\xbf" + reply.payload())(
            request, answer
        )

    updater.github.faults.always("/repos/*", marked)
    assert updater("update", "wac").code == 0


LOCAL = {
    "latin-1": "{\"tool_name\": \"caf\xe9\"}".encode("latin-1"),
    "zeros": b"\0" * 5000,
    "half-of-utf-16": b"\xff\xfe{",
    "noise": bytes(range(256)) * 40,
    "surrogates": b'{"tool_name": "\\ud800", "versions": {"\\udfff": null}}',
    "deep": b"[" * 100_000,
    "deep-objects": b'{"a":' * 100_000,
    "many-digits": b'{"latest_version": 1' + b"0" * 100_000,
    "17-mib": b" " * (17 << 20),
    "a-line-of-15-mib": b'{"tool_name": "' + b"a" * (15 << 20),
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("data", LOCAL.values(), ids=LOCAL.keys())
@pytest.mark.parametrize("command", ["list", "validate", "check", "update"])
def test_a_tool_file_of_any_bytes_fails_alone(
    updater: Updater, release: Release, command: str, data: bytes
) -> None:
    updater.github.add_repository("bytecodealliance/jco").add_release("jco-v1.29.0")
    updater.write("jco", json.loads(updater.file("wkg").read_text()) | {"tool_name": "jco"})
    updater.file("wac").write_bytes(data)
    before = updater.snapshot()
    run = updater(command, *(["wac", "jco"] if command != "list" else []))
    assert "wasm trap" not in run.err, run.err
    assert "cannot" in run.err or "is not valid" in run.err, run.err
    assert run.code in {1, 3}, run.text
    assert [line for line in run.out.splitlines() if line.startswith("jco")], run.text
    assert updater.snapshot() == before


def test_names_that_are_no_text_disturb_nobody(updater: Updater, release: Release) -> None:
    tools = bytes(updater.checksums / "tools")
    for name in (b"\xff.json", b"caf\xe9", b"a\nb.json", b"\xed\xa0\x80.json"):
        Path(os.fsdecode(tools + b"/" + name)).write_bytes(b"{}")
    for command in (["list"], ["validate"], ["check", "wac"], ["update", "wac"]):
        run = updater(*command)
        assert "wasm trap" not in run.err, run.err
        assert [line for line in run.out.splitlines() if line.startswith("wac")], run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


HEADERS = {
    "etag": {"ETag": 'W/"\xe9\xff"'},
    "link": {"Link": '<http://127.0.0.1/\xe9\xff>; rel="next"'},
    "link-to-a-file": {"Link": '<file:///etc/passwd>; rel="next"'},
    "location": {"Location": "http://127.0.0.1/\xe9\xff"},
    "date": {"Date": "\xff" * 100},
    "retry-after": {"Retry-After": "\xff", "x-ratelimit-reset": "\xe9"},
    "encoding": {"Content-Encoding": "\xe9\xff"},
}


@pytest.mark.parametrize("status", [200, 302, 403, 429, 503])
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_headers_of_any_bytes_end_no_run(
    updater: Updater, release: Release, headers: dict[str, str], status: int
) -> None:
    updater.github.add_repository("bytecodealliance/jco").add_release("jco-v1.29.0")
    fault = faults.respond(status, headers=headers, body=b"[]")
    updater.github.faults.always("/repos/bytecodealliance/wac/*", fault)
    env = {"CHECKSUM_UPDATER_WAIT": "0"}
    run = updater("check", "wac", "jco", env=env)
    assert "wasm trap" not in run.err, run.err
    assert run.code in {1, 5}, run.text
    assert {line.split()[0] for line in run.out.splitlines()} == {"TOOL", "jco", "wac"}


def strange(releases: list[dict[str, object]]) -> list[dict[str, object]]:
    """Put in front what no tag and no name of an asset should be."""
    texts = [
        "\ud800",
        "\0",
        "\x1b[2J",
        "a\r\nb",
        "é" * 5000,
        "\u202e",
        "v\udfff.1",
        "v0.13.0\n",
        "",
    ]
    front = releases[0]
    more = [
        {**front, "id": 7 + at, "tag_name": text or "v", "assets": [{"name": text}, None]}
        for at, text in enumerate(texts)
    ]
    return [*more, *releases]


def test_tags_and_names_of_any_characters_disturb_nobody(
    updater: Updater, release: Release
) -> None:
    updater.github.faults.always("/repos/*", faults.edited(strange))
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert not [letter for letter in run.err + run.out if letter != "\n" and letter < " "]


BODIES = {
    "latin-1": b'[{"tag_name": "caf\xe9", "assets": [{"name": "\xff"}]}]',
    "utf-16": '[{"tag_name": "v1"}]'.encode("utf-16"),
    "zeros": b"\0" * 1000,
    "half-an-escape": b'[{"tag_name": "\\ud8',
    "huge-numbers": b'[{"id": 1e999, "tag_name": "v1.0.0"}]',
    "huge-size": b'[{"tag_name": "v9.0.0", "assets": [{"size": 99999999999999999999}]}]',
    "a-million-releases": b"[" + b'{"tag_name":"x"},' * 1_000_000 + b"{}]",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bodies_of_any_bytes_end_no_run(updater: Updater, release: Release, body: bytes) -> None:
    updater.github.add_repository("bytecodealliance/jco").add_release("jco-v1.29.0")
    headers = {"Content-Type": "application/json; charset=utf-8"}
    fault = faults.respond(200, headers=headers, body=body)
    updater.github.faults.always("/repos/bytecodealliance/wac/*", fault)
    before = updater.snapshot()
    run = updater("update", "wac", "jco")
    assert "wasm trap" not in run.err, run.err
    assert run.code == 1, run.text
    assert {line.split()[0] for line in run.out.splitlines()} == {"TOOL", "jco", "wac"}
    assert updater.snapshot() == before


def test_a_body_that_explains_a_refusal_may_be_no_text(updater: Updater, release: Release) -> None:
    fault = faults.respond(404, body=b'{"message": "caf\xe9 \xff\\u0000\\ud800"}')
    updater.github.faults.always("/repos/*", fault)
    run = updater("check", "wac")
    assert run.code == 1, run.text
    assert "404 caf\ufffd" in run.err


def test_a_release_of_every_platform_that_fails_at_once_ends_in_one_error(
    updater: Updater, repository: Repository
) -> None:
    names = [f"{name}-{n}" for name in WAC for n in range(200)]
    files = {name: f"{name}".encode() for name in names}
    entries = "".join(f'p{at} = "{name}"\n' for at, name in enumerate(names))
    updater.watch(
        '[wac]\nrepository = "bytecodealliance/wac"\ntag = "v{version}"\n[wac.assets]\n' + entries
    )
    updater.file("wac").unlink()
    release = repository.add_release("v0.12.0", assets=files)
    for asset in release.assets:
        asset.digest = "sha256:" + "ab" * 32
    run = updater("update", "wac")
    assert "wasm trap" not in run.err, run.err
    assert run.code == 4, run.text
    assert run.err.count("error: ") == 1
    for asset in release.assets:
        asset.digest = None
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert len(updater.document("wac")["versions"]["0.12.0"]["platforms"]) == 1000

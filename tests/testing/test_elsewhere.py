"""The download sites of Go and of Node.js, read by a real client."""

import hashlib
from collections.abc import Callable

import requests

from pipeline.testing.github import FakeGitHub

Get = Callable[..., requests.Response]
LINUX = "go1.26.1.linux-amd64.tar.gz"
NODE = "node-v24.14.1-linux-x64.tar.xz"


def test_go_lists_its_releases_with_digests_and_without_dates(github: FakeGitHub, get: Get) -> None:
    github.go.add("go1.25.3", files={"go1.25.3.src.tar.gz": b"source"})
    github.go.add("go1.26rc1", stable=False)
    github.go.add("go1.26.1", files={LINUX: b"abc", "go1.26.1.windows-amd64.msi": b"m"})
    reply = get(f"{github.go_url}/?mode=json&include=all")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.text.startswith('[\n {\n  "version": "go1.26.1",\n  "stable": true,\n')
    newest, candidate, old = reply.json()
    assert newest["files"] == [
        {
            "filename": LINUX, "os": "linux", "arch": "amd64", "version": "go1.26.1",
            "sha256": hashlib.sha256(b"abc").hexdigest(), "size": 3, "kind": "archive",
        },
        {
            "filename": "go1.26.1.windows-amd64.msi", "os": "windows", "arch": "amd64",
            "version": "go1.26.1", "sha256": hashlib.sha256(b"m").hexdigest(), "size": 1,
            "kind": "installer",
        },
    ]  # fmt: skip
    assert (candidate["version"], candidate["stable"]) == ("go1.26rc1", False)
    (source,) = old["files"]
    assert (source["os"], source["arch"], source["kind"]) == ("", "", "source")
    short = get(f"{github.go_url}/?mode=json").json()
    assert [release["version"] for release in short] == ["go1.26.1", "go1.25.3"]
    assert get(f"{github.go_url}/").headers["Content-Type"].startswith("text/html")


def test_a_file_of_go_lies_on_another_host_and_has_a_date(github: FakeGitHub, get: Get) -> None:
    github.go.add("go1.26.1", files={LINUX: b"abcdef"}, at="2026-03-05T17:00:00Z")
    sent = get(f"{github.go_url}/{LINUX}")
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith("http://localhost:")
    file = get(sent.headers["Location"])
    assert file.content == b"abcdef"
    assert file.headers["Last-Modified"] == "Thu, 05 Mar 2026 17:00:00 GMT"
    part = get(sent.headers["Location"], {"Range": "bytes=2-", "If-Range": file.headers["ETag"]})
    assert (part.status_code, part.content) == (206, b"cdef")
    assert get(f"{github.go_url}/go9.tar.gz").status_code == 404


def test_node_has_an_index_with_dates_and_a_file_of_digests(github: FakeGitHub, get: Get) -> None:
    github.nodejs.add("v25.0.0", at="2026-04-01T10:00:00Z")
    github.nodejs.add("v24.14.1", files={NODE: b"abc"}, at="2026-03-24T10:00:00Z", lts="Krypton")
    index = get(f"{github.nodejs_url}/index.json")
    newest, old = index.json()
    assert (newest["version"], newest["date"]) == ("v24.14.1", "2026-03-24")
    assert (newest["files"], newest["lts"], old["lts"]) == (["linux-x64"], "Krypton", False)
    assert index.text.count("\n") == 4
    again = get(f"{github.nodejs_url}/index.json", {"If-None-Match": index.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    sums = get(f"{github.nodejs_url}/v24.14.1/SHASUMS256.txt")
    assert sums.text == f"{hashlib.sha256(b'abc').hexdigest()}  {NODE}\n"
    assert get(f"{github.nodejs_url}/v24.14.1/{NODE}").content == b"abc"
    assert get(f"{github.nodejs_url}/v24.14.1/other").status_code == 404
    assert get(f"{github.nodejs_url}/v1.0.0/{NODE}").status_code == 404


def test_a_site_may_tell_a_wrong_digest(github: FakeGitHub, get: Get) -> None:
    release = github.nodejs.add("v24.14.1", files={NODE: b"abc"})
    release.published[NODE] = "0" * 64
    assert get(f"{github.nodejs_url}/v24.14.1/SHASUMS256.txt").text == f"{'0' * 64}  {NODE}\n"

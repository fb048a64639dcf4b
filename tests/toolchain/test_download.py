"""Only the pinned bytes are kept, no credential is sent, no redirect leads where it must not."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.errors import DownloadError, SourceUnavailableError, VerificationError
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.http_client import RequestsClient
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.progress import described
from pipeline.toolchain.net.reachability import Reachability
from pipeline.toolchain.net.settings import NetworkSettings
from toolchain.conftest import Answer

BODY = b"some bytes" * 100_000
HASH = hashlib.sha256(BODY).hexdigest()


def get(
    url: str, directory: Path, *, sha256: str = HASH, size: int | None = None, **settings: object
) -> Path:
    limits = Limits(**{"connect_seconds": 1.0, "stall_seconds": 1.0, **settings})
    fetcher = RequestsClient(limits, Reachability(limits.connect_seconds))
    downloads = Downloads(
        *(directory, fetcher),
        network=NetworkSettings(),
        limits=limits,
        say=lambda line: None,
        sleep=lambda seconds: None,
    )
    return downloads.get(PinnedFile(url, url.rpartition("/")[2], sha256, size))


def kept(directory: Path) -> list[str]:
    """Names of the files that are kept, locks aside."""
    found = [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return sorted(path.relative_to(directory).as_posix() for path in found)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_pinned_bytes_arrive(tmp_path, server) -> None:
    url, _ = server.put("f", BODY)
    assert get(url, tmp_path).read_bytes() == BODY
    assert kept(tmp_path) == [f"sha256/{HASH}"]


def test_other_bytes_are_refused_with_both_hashes_and_the_url_and_nothing_is_kept(
    tmp_path, server
) -> None:
    url, got = server.put("f", b"other bytes")
    with pytest.raises(VerificationError) as caught:
        get(url, tmp_path)
    message = str(caught.value)
    assert url in message
    assert HASH in message
    assert got in message
    assert caught.value.exit_code == 4
    assert not kept(tmp_path)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_leaves_it_to_the_next_source_at_once(tmp_path, server, status) -> None:
    url, _ = server.put("f", BODY)
    server.files["/f"].status = status
    with pytest.raises(SourceUnavailableError, match=f"status {status}"):
        get(url, tmp_path)
    assert len(server.asked) == 1
    assert not kept(tmp_path)


def test_a_body_that_breaks_off_is_not_taken_for_tampering(tmp_path, server) -> None:
    url, _ = server.put("f", BODY)
    server.files["/f"] = Answer(BODY[:-1], headers={"Content-Length": str(len(BODY))})
    with pytest.raises(DownloadError):
        get(url, tmp_path)
    assert len(server.asked) == Limits().attempts
    assert not kept(tmp_path)


def test_more_than_the_limit_is_not_read(tmp_path, server) -> None:
    url, _ = server.put("f", BODY)
    with pytest.raises(DownloadError, match="more than 1000 bytes"):
        get(url, tmp_path, download_bytes=1000)
    assert not kept(tmp_path)


def test_redirects_are_followed_ten_times_and_no_more(tmp_path, server) -> None:
    server.put("0", BODY)
    for step in range(1, 12):
        server.put(f"{step}", b"")
        server.files[f"/{step}"].status = 302
        server.files[f"/{step}"].headers["Location"] = f"/{step - 1}"
    assert get(f"{server.url}/10", tmp_path).read_bytes() == BODY
    with pytest.raises(DownloadError, match="more than 10 redirects"):
        get(f"{server.url}/11", tmp_path / "g")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/f"])
def test_a_redirect_to_another_scheme_is_refused(tmp_path, server, target) -> None:
    server.put("f", b"")
    server.files["/f"].status = 302
    server.files["/f"].headers["Location"] = target
    with pytest.raises(DownloadError, match="neither http nor https"):
        get(f"{server.url}/f", tmp_path)


@pytest.mark.parametrize("target", ["http://a.test:99999/f", "http://[::1/f", "//a:b/"])
def test_a_redirect_to_what_is_no_address_is_reported(tmp_path, server, target) -> None:
    server.put("f", b"")
    server.files["/f"].status = 302
    server.files["/f"].headers["Location"] = target
    with pytest.raises((DownloadError, SourceUnavailableError), match=rf"{server.url}/f"):
        get(f"{server.url}/f", tmp_path)


def test_a_proxy_that_is_no_address_is_reported(tmp_path, server, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:99999")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1:99999 is not a valid URL"):
        get(f"{server.url}/f", tmp_path)


def test_netrc_is_not_read_and_identity_is_asked_for(tmp_path, server, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    url, _ = server.put("f", BODY)
    get(url, tmp_path)
    ((_, headers),) = server.asked
    assert "Authorization" not in headers
    assert headers["Accept-Encoding"] == "identity"


@contextmanager
def deaf() -> Iterator[int]:
    """A port that neither accepts nor refuses: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.settimeout(0)
            caller.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for caller in callers:
                caller.close()


def test_a_host_that_does_not_answer_is_noticed_in_time_and_once() -> None:
    hosts = Reachability(0.3)
    with deaf() as port:
        started = time.monotonic()
        with pytest.raises(SourceUnavailableError, match=r"no answer within 0\.3 s|timed out"):
            hosts.reach(f"http://127.0.0.1:{port}/a")
        first = time.monotonic() - started
        with pytest.raises(SourceUnavailableError):
            hosts.reach(f"http://127.0.0.1:{port}/b")
        again = time.monotonic() - started - first
    assert 0.25 < first < 1.0
    assert again < 0.05


def test_a_resolver_that_hangs_costs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    # There is no real resolver on loopback that hangs: it is the one thing here that is replaced.
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(5) and [])
    started = time.monotonic()
    with pytest.raises(SourceUnavailableError, match=r"a\.test cannot be reached"):
        Reachability(0.3).reach("https://a.test/f")
    assert time.monotonic() - started < 1.0
    released.set()


def test_a_refused_connection_is_said_with_its_reason(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(SourceUnavailableError, match="Connection refused"):
        get(f"http://127.0.0.1:{port}/f", tmp_path)


def test_behind_a_proxy_it_is_the_proxy_that_is_asked(tmp_path, server, monkeypatch) -> None:
    server.put("f", BODY)
    server.files["http://a.test/f"] = server.files["/f"]
    monkeypatch.setenv("http_proxy", server.url)
    assert get("http://a.test/f", tmp_path).read_bytes() == BODY


def test_a_long_download_shows_plain_lines_where_there_is_no_terminal(
    tmp_path, server, capsys
) -> None:
    url, _ = server.put("f", BODY)
    get(url, tmp_path, quiet_seconds=0.0)
    assert "of 1 MB, " in capsys.readouterr().err
    get(url, tmp_path / "g", quiet_seconds=60.0)
    assert capsys.readouterr().err == ""


LINES = {
    "known": ((45_000_000, 200_000_000, 12.5e6), "f: 45 of 200 MB, 12.5 MB/s, 12 s left"),
    "long": ((1_000_000, 901_000_000, 5e6), "f: 1 of 901 MB, 5.0 MB/s, 3 min 0 s left"),
    "unknown-size": ((45_000_000, None, 1e6), "f: 45 MB, 1.0 MB/s"),
    "no-speed-yet": ((0, 1_000_000, 0.0), "f: 0 of 1 MB, 0.0 MB/s"),
}


@pytest.mark.parametrize(("facts", "line"), LINES.values(), ids=LINES.keys())
def test_progress_tells_size_speed_and_what_is_left(facts, line) -> None:
    assert described("f", *facts) == line

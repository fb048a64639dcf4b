"""https on loopback: whose certificates count, where a redirect may lead, who sees a token."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.errors import DeclarationError, DownloadError, SourceUnavailableError
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.credentials import Credentials
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.http_client import RequestsClient
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.reachability import Reachability
from pipeline.toolchain.net.settings import NetworkSettings

BODY = b"some bytes"


def get(url: str, directory: Path, credentials: Credentials | None = None) -> Path:
    limits = Limits(connect_seconds=1.0, stall_seconds=2.0, attempts=1)
    fetcher = RequestsClient(limits, Reachability(1.0), credentials=credentials)
    downloads = Downloads(
        *(directory, fetcher), network=NetworkSettings(), limits=limits, say=lambda line: None
    )
    return downloads.get(PinnedFile(url, "f", hashlib.sha256(BODY).hexdigest()))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate and key for 127.0.0.1, in one file."""
    directory = tmp_path_factory.mktemp("certificate")
    both = directory / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", directory / "key.pem", "-out", directory / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text((directory / "cert.pem").read_text() + (directory / "key.pem").read_text())
    return both


class Secure(ThreadingHTTPServer):
    """Answers /f with the body, and /to/URL with a redirect to URL."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server_port}"
        self.asked: list[dict[str, str]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that do not like our certificate."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        redirected = self.path.startswith("/to/")
        self.send_response(302 if redirected else 200)
        self.send_header("Location", self.path.removeprefix("/to/")) if redirected else None
        self.send_header("Content-Length", "0" if redirected else str(len(BODY)))
        self.end_headers()
        self.wfile.write(b"" if redirected else BODY)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def secure(certificate: Path) -> Iterator[Secure]:
    server = Secure(certificate)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))


@pytest.mark.usefixtures("trusted")
def test_the_ca_bundle_of_the_environment_counts(tmp_path, secure) -> None:
    assert get(f"{secure.url}/f", tmp_path).read_bytes() == BODY


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path, secure) -> None:
    with pytest.raises(SourceUnavailableError, match="certificate verify failed"):
        get(f"{secure.url}/f", tmp_path)
    assert not secure.asked


@pytest.mark.usefixtures("trusted")
def test_a_redirect_from_https_to_http_is_refused_before_http_is_asked(
    tmp_path, secure, server
) -> None:
    plain, _ = server.put("f", BODY)
    with pytest.raises(DownloadError, match="from https to http") as caught:
        get(f"{secure.url}/to/{plain}", tmp_path)
    assert plain in str(caught.value)
    assert not server.asked
    assert not list(tmp_path.glob("sha256/*"))


def test_certificates_that_are_not_there_are_reported(tmp_path, secure, monkeypatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(SourceUnavailableError, match=r"cannot download .*/f") as caught:
        get(f"{secure.url}/f", tmp_path)
    assert "none.pem" in caught.value.why


@pytest.mark.usefixtures("trusted")
def test_a_redirect_from_http_to_https_is_followed(tmp_path, secure, server) -> None:
    server.put("g", b"")
    server.files["/g"].status = 302
    server.files["/g"].headers["Location"] = f"{secure.url}/f"
    assert get(f"{server.url}/g", tmp_path).read_bytes() == BODY


@pytest.mark.usefixtures("trusted")
def test_a_token_goes_to_its_own_host_and_does_not_follow_a_redirect(
    tmp_path, secure, server
) -> None:
    server.put("g", b"")
    server.files["/g"].status = 302
    server.files["/g"].headers["Location"] = f"{secure.url}/f"
    token = Credentials(api=server.url, variable="GITHUB_TOKEN", token="secret")
    get(f"{server.url}/g", tmp_path, token)
    ((_, headers),) = server.asked
    assert headers["Authorization"] == "Bearer secret"
    assert "Authorization" not in secure.asked[0]


HOSTS = {
    "its-own": ("https://ghe.test/api/v3", "https://ghe.test/api/v3/repos/o/r", True),
    "with-the-port-said": ("https://ghe.test/", "https://ghe.test:443/repos/o/r", True),
    "another-host": ("https://api.github.com", "https://github.com/o/r", False),
    "a-longer-host": ("https://ghe.test", "https://ghe.test.evil/repos", False),
    "another-port": ("https://ghe.test", "https://ghe.test:8443/repos", False),
    "without-tls": ("https://ghe.test", "http://ghe.test/repos", False),
    "an-api-without-tls": ("http://ghe.test", "http://ghe.test/repos", False),
    "outside-of-the-api": ("https://ghe.test/api/v3", "https://ghe.test/o/r/releases", False),
    "a-user-that-looks-like-it": ("https://ghe.test", "https://ghe.test@evil.test/", False),
}


@pytest.mark.parametrize(("api", "url", "sent"), HOSTS.values(), ids=HOSTS.keys())
def test_a_token_is_only_for_its_own_api(api, url, sent) -> None:
    credentials = Credentials(api=api, variable="GITHUB_TOKEN", token="secret")
    assert bool(credentials.headers(url)) is sent
    assert "secret" not in repr(credentials)


NO_ADDRESSES = ["https://ghe.test:99999/repos", "https://[::1/repos", "https://ghe.test:x/"]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_gets_no_token(url: str) -> None:
    credentials = Credentials(api="https://ghe.test", variable="GITHUB_TOKEN", token="secret")
    assert not credentials.headers(url)


@pytest.mark.parametrize("url", [*NO_ADDRESSES, "ghe.test", "https://me:secret@ghe.test"])
def test_an_api_that_is_no_address_is_reported(monkeypatch, url: str) -> None:
    monkeypatch.setenv("GITHUB_API_URL", url)
    with pytest.raises(DeclarationError, match="GITHUB_API_URL") as caught:
        Credentials.of_environment()
    assert "secret" not in str(caught.value)


def test_the_first_of_the_two_variables_that_is_set_counts(monkeypatch) -> None:
    assert not Credentials.of_environment().token
    monkeypatch.setenv("GH_TOKEN", "two")
    assert Credentials.of_environment().token == "two"
    monkeypatch.setenv("GITHUB_TOKEN", "one")
    monkeypatch.setenv("GITHUB_API_URL", "https://ghe.test/api/v3/")
    found = Credentials.of_environment()
    assert (found.token, found.variable, found.api) == (
        *("one", "GITHUB_TOKEN"),
        "https://ghe.test/api/v3",
    )

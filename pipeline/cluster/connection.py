"""Connects to the scheduler of a Dask cluster, within a bounded time and with reasons in words."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from pipeline.cluster.job import this_version
from pipeline.engine.once import once
from pipeline.errors import DeclarationError
from pipeline.settings import ON

if TYPE_CHECKING:
    from typing import Final

    from distributed import Client

SCHEMES: Final = {"dask": "tcp", "dask+tls": "tls"}
"""The schemes of addresses: what Dask calls each."""

CONNECT_SECONDS: Final = 3.0
SPEAK_SECONDS: Final = 2.0
"""How much longer a server that has accepted a connection may take to speak Dask's protocol."""

TLS: Final = "DASK_DISTRIBUTED__COMM__TLS__"
"""The prefix of Dask's variables for TLS."""


class ClusterError(Exception):
    """The cluster cannot take a step, for the reason in the text."""


def contact_of(address: str) -> str:
    """Return the address of a scheduler as Dask writes it.

    Args:
        address: As users write it: `dask://HOST:PORT` or `dask+tls://HOST:PORT`.

    Raises:
        DeclarationError: It is something else, the package distributed is missing, or the address
            asks for TLS and Dask has no certificates that it can use.
    """
    parts = _parsed(address)
    if parts is None:
        fix = "write one like dask://scheduler.example.org:8786, or dask+tls:// for TLS"
        raise DeclarationError(f"{ON}: `{address}` is not the address of a cluster", fix=fix)
    try:
        import distributed  # noqa: F401 - whether it is installed
    except ModuleNotFoundError as error:
        fix = "pip install 'doit-wasm[dask]'"
        raise DeclarationError(f"{ON} needs the package distributed", fix=fix) from error
    if SCHEMES[parts.scheme] == "tls":
        _require_certificates(address)
    return f"{SCHEMES[parts.scheme]}://{parts.netloc}"


def _parsed(address: str) -> SplitResult | None:
    """Return the parts of an address; None if it is not one of a scheduler."""
    try:
        parts = urlsplit(address)
        place = parts.hostname and parts.port
    except ValueError:  # the port is no number, or too large
        return None
    known = parts.scheme in SCHEMES and not (parts.path or parts.query or parts.username)
    return parts if place and known else None


def _require_certificates(address: str) -> None:
    """Raise unless Dask's settings name an authority, and a certificate and key of this client."""
    from distributed.security import Security

    fix = f"set {TLS}CA_FILE, {TLS}CLIENT__CERT and {TLS}CLIENT__KEY to the paths of PEM files"
    what = f"{ON}: the certificates for {address} cannot be used"
    try:
        arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:  # an error of SSL is an OSError
        why = f"a file is missing: {error}" if isinstance(error, FileNotFoundError) else str(error)
        raise DeclarationError(what, why=why, fix=fix) from error
    if arguments["ssl_context"] is None:
        raise DeclarationError(what, why="Dask's settings name none", fix=fix)


@once
def connect(contact: str) -> Client:
    """Return a client of the scheduler at *contact*, as `contact_of` returns it.

    Raises:
        ClusterError: It cannot be reached, or does not speak Dask's protocol.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it loses, we report
    # A server of another protocol can keep Dask waiting without end, so a thread waits for it.
    answers: queue.SimpleQueue[Client | Exception] = queue.SimpleQueue()
    threading.Thread(target=_connect, args=(contact, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_SECONDS + SPEAK_SECONDS)
    except queue.Empty:
        raise ClusterError("what answers there is no Dask scheduler") from None
    if isinstance(answer, Exception):
        raise ClusterError(_reason(answer, contact)) from answer
    return answer


def _connect(contact: str, answers: queue.SimpleQueue[Client | Exception]) -> None:
    from distributed import Client

    name = f"doit-wasm {this_version()}"
    try:
        answers.put(Client(contact, timeout=CONNECT_SECONDS, name=name))  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - what Dask raises has no common base
        answers.put(error)


def _reason(error: Exception, contact: str) -> str:
    """Return why a connection failed; Dask hides the reason among the causes."""
    causes = list(_causes(error))
    if any("ALERT" in str(cause) for cause in causes):
        return f"it does not accept our certificate, {TLS}CLIENT__CERT"
    for kind, reason in _reasons(contact).items():
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    return str(error) or type(error).__name__


def _reasons(contact: str) -> Mapping[type[Exception], str]:
    """Return why connections fail, by an exception among the causes, the surest first."""
    from distributed.comm.core import CommClosedError

    if contact.startswith("tls:"):
        ended = f"it ends the connection; it may not accept our certificate, {TLS}CLIENT__CERT"
    else:
        ended = "it ends the connection; if it wants TLS, write dask+tls://"
    return {
        ssl.SSLCertVerificationError: f"its certificate is not from the authority in {TLS}CA_FILE",
        ConnectionRefusedError: "nothing listens there (Connection refused)",
        ssl.SSLEOFError: ended,
        ssl.SSLError: "it does not speak TLS; an address of dask:// may be right",
        CommClosedError: ended,
    }


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

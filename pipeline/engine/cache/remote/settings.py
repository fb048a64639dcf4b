"""The settings of the remote cache, from variables that `doit_config` may have set."""

from __future__ import annotations

import fnmatch
import importlib.util
import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from pipeline.errors import DeclarationError
from pipeline.settings import (
    REMOTE_CA,
    REMOTE_CACHE,
    REMOTE_CERTIFICATE,
    REMOTE_KEY,
    REMOTE_MODE,
    REMOTE_PASSWORD,
    REMOTE_SIGN,
    REMOTE_TOKEN,
    REMOTE_TOOLS,
    REMOTE_TRUST,
    REMOTE_UPLOAD,
    REMOTE_USER,
    REMOTE_WAIT,
    file,
    flag,
    is_offline,
    seconds,
)

if TYPE_CHECKING:
    from typing import Final

Mode: TypeAlias = Literal["off", "read", "read-write"]

PORTS: Final = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443}
"""The schemes of addresses, each with its usual port."""

PACKAGES: Final = ("cryptography", "google.protobuf", "grpc", "urllib3", "zstandard")
"""What the extra `remote` installs."""

_FIX: Final = "write one like https://cache.example.org or grpcs://cache.example.org:9092"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        scheme: http, https, grpc or grpcs.
        host: Name or address of the machine.
        port: The port.
        path: What precedes `/ac/` and `/cas/`; of gRPC, the name of the instance.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address in *text*.

        Raises:
            DeclarationError: It is not an address of a cache.
        """
        try:
            parts = urlsplit(text)
            scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        except ValueError as error:
            raise _wrong(text, str(error)) from error
        if "://" not in text or scheme not in PORTS:
            raise _wrong(text, f"its scheme is none of {', '.join(PORTS)}")
        if parts.username is not None or parts.password is not None:
            # Not quoted: the text holds a password.
            fix = f"put them in {REMOTE_USER} and {REMOTE_PASSWORD}"
            raise DeclarationError(f"{REMOTE_CACHE}: the address contains a user", fix=fix)
        if not host or parts.query or parts.fragment or not text.isprintable() or " " in text:
            raise _wrong(text, "it names no server")
        return cls(scheme, host, port or PORTS[scheme], parts.path.strip("/"))

    @property
    def secure(self) -> bool:
        """Whether it is encrypted, or does not leave this machine."""
        return self.scheme in {"https", "grpcs"} or _is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        path = f"/{self.path}" if self.path else ""
        return f"{self.scheme}://{host}:{self.port}{path}"


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """How a project uses a remote cache.

    Attributes:
        address: Where it is.
        writes: Whether results are uploaded.
        uploads: Patterns of the names of the steps whose results are uploaded.
        authorization: Value of the header of that name, or "".
        certificate: File with the client's certificate, in PEM.
        key: File with its private key.
        ca: File with the certificates of authorities to trust instead of the system's.
        trusts: Texts of the public keys whose results are used; none to use all results.
        sign: File with the private key that signs what is uploaded.
        wait: How long the end of a run waits for uploads, in seconds; None for a part of its time.
        tools: Whether tools that are built from source are shared, too; then there are `trusts`.
    """

    address: Address
    writes: bool
    uploads: tuple[str, ...]
    authorization: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None
    trusts: tuple[str, ...] = ()
    sign: Path | None = None
    wait: float | None = None
    tools: bool = False

    def may_upload(self, step: str) -> bool:
        """Return whether the result of *step* may be uploaded."""
        return self.writes and any(fnmatch.fnmatchcase(step, one) for one in self.uploads)


def remote_settings() -> RemoteSettings | None:
    """Return the settings of the remote cache; None if none is to be used.

    Raises:
        DeclarationError: A setting is invalid, or a package is missing.
    """
    text = os.environ.get(REMOTE_CACHE, "").strip()
    mode = _mode()
    if not text or mode == "off" or is_offline():
        return None
    address = Address.parse(text)
    require_packages(REMOTE_CACHE)
    authorization = _authorization()
    if authorization and not address.secure:
        fix = "use https or grpcs, or let the server accept requests without them"
        raise DeclarationError(
            f"{REMOTE_CACHE}: {address} would get a secret in the clear", fix=fix
        )
    certificate, key = file(REMOTE_CERTIFICATE), file(REMOTE_KEY)
    if (certificate is None) != (key is None):
        raise DeclarationError(f"{REMOTE_CERTIFICATE} and {REMOTE_KEY} are only useful together")
    trusts, tools = tuple(os.environ.get(REMOTE_TRUST, "").split()), flag(REMOTE_TOOLS)
    if tools and not trusts:
        fix = f"name the public keys of those who build tools in {REMOTE_TRUST}"
        raise DeclarationError(f"{REMOTE_TOOLS}: nobody is trusted to build tools", fix=fix)
    return RemoteSettings(
        address,
        writes=mode == "read-write",
        uploads=tuple(os.environ.get(REMOTE_UPLOAD, "*").split()),
        authorization=authorization,
        certificate=certificate,
        key=key,
        ca=file(REMOTE_CA),
        trusts=trusts,
        sign=file(REMOTE_SIGN),
        wait=seconds(REMOTE_WAIT),
        tools=tools,
    )


def _mode() -> Mode:
    text = os.environ.get(REMOTE_MODE, "") or "read-write"
    for mode in get_args(Mode):
        if text == mode:
            found: Mode = mode
            return found
    fix = f"write one of: {', '.join(get_args(Mode))}"
    raise DeclarationError(f"{REMOTE_MODE}: `{text}` is not a mode", fix=fix)


def _authorization() -> str:
    """Return the value of the header, or "".

    Raises:
        DeclarationError: There are two secrets, half of one, or one that no header can hold.
    """
    token = os.environ.get(REMOTE_TOKEN, "")
    user, password = os.environ.get(REMOTE_USER, ""), os.environ.get(REMOTE_PASSWORD, "")
    if token and (user or password):
        fix = f"unset {REMOTE_TOKEN}, or {REMOTE_USER} and {REMOTE_PASSWORD}"
        raise DeclarationError("the remote cache has two secrets", fix=fix)
    if bool(user) != bool(password):
        raise DeclarationError(f"{REMOTE_USER} and {REMOTE_PASSWORD} are only useful together")
    if token:
        # The value is a secret, so the message does not quote it.
        if not (token.isascii() and token.isprintable()):
            raise DeclarationError(f"{REMOTE_TOKEN} has characters that no token has")
        return f"Bearer {token}"
    if not user:
        return ""
    import base64

    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def require_packages(user: str) -> None:
    """Raise unless the packages of the extra `remote` are installed.

    Args:
        user: What needs them.

    Raises:
        DeclarationError: One is missing.
    """
    missing = [name for name in PACKAGES if not _is_installed(name)]
    if missing:
        raise DeclarationError(
            f"{user} needs packages that are not installed",
            why=", ".join(missing),
            fix="pip install 'doit-wasm[remote]'",
        )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):  # the package above it is missing, or hidden
        return False


def _wrong(text: str, why: str) -> DeclarationError:
    return DeclarationError(
        f"{REMOTE_CACHE}: `{text}` is not the address of a cache", why=why, fix=_FIX
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

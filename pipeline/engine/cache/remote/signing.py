"""Signatures of results: Ed25519, by the keys of a team."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from typing import Final

PREFIX: Final = "ed25519:"


class Signer:
    """Signs with a private key.

    Args:
        path: Its file, in PEM.

    Raises:
        DeclarationError: The file cannot be read, or is something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            what = f"the signing key {path} cannot be read"
            raise DeclarationError(what, why=error.strerror or str(error)) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _no_key(path) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _no_key(path)
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> tuple[bytes, bytes]:
        """Return the public key, and the signature of *text*."""
        return self.public, self._key.sign(text)


def _no_key(path: Path) -> DeclarationError:
    fix = "make one with `doit-wasm cache --new-key FILE`"
    return DeclarationError(f"{path} is not a private Ed25519 key in PEM", fix=fix)


def unsigned(text: bytes) -> tuple[bytes, bytes]:
    """Sign nothing: what a team that trusts its server does."""
    del text
    return b"", b""


def new_key(path: Path) -> str:
    """Make a private key in a new file that only its owner can read; return the public key.

    Raises:
        FileExistsError: There is a file.
    """
    key = Ed25519PrivateKey.generate()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return shown(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def shown(public: bytes) -> str:
    """Return the text of a public key: `ed25519:` and its base64."""
    return PREFIX + base64.b64encode(public).decode()


def parsed(texts: Iterable[str], where: str) -> frozenset[bytes]:
    """Return the public keys in *texts*.

    Args:
        texts: As `shown` writes them.
        where: The setting, for the message.

    Raises:
        DeclarationError: One is something else.
    """
    return frozenset(_parsed(text, where) for text in texts)


def _parsed(text: str, where: str) -> bytes:
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        if text.startswith(PREFIX):
            return Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()
    except (binascii.Error, ValueError):
        pass
    fix = f"write what `doit-wasm cache --new-key FILE` prints: {PREFIX} and 44 characters"
    raise DeclarationError(f"{where}: `{text}` is not a public key", fix=fix)


def doubt(trusted: frozenset[bytes], signer: bytes, signature: bytes, text: bytes) -> str:
    """Return why *text* is not from one of the *trusted* keys; "" if it is, or all are trusted."""
    if not trusted:
        return ""
    if not signature:
        return "it is not signed"
    if signer not in trusted:
        return f"it is signed by a key that is not trusted, {shown(signer[:32])}"
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signature, text)
    except InvalidSignature:
        return "its signature is not of this key and these outputs"
    return ""

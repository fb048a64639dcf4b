"""The settings of TLS for the remote cache."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from pipeline.engine.cache.remote.settings import RemoteSettings


def tls(settings: RemoteSettings, *, secret: bool) -> ssl.SSLContext:
    """Return a context that verifies servers.

    Args:
        settings: Which authorities to trust, and the client's certificate.
        secret: Whether the client shows its certificate.

    Raises:
        DeclarationError: A file is not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca)
        if secret and settings.certificate and settings.key:
            context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        what = "the certificates for the remote cache cannot be used"
        raise DeclarationError(what, why=str(error)) from error
    return context

"""Checks the settings of the remote cache before a run."""

from __future__ import annotations

from pipeline.engine.cache.remote.settings import remote_settings
from pipeline.settings import REMOTE_TRUST


def require_usable() -> None:
    """Raise unless the settings and the files that they name can be used.

    Raises:
        DeclarationError: As for `remote_settings`, or a key or a certificate cannot be used.
    """
    settings = remote_settings()
    if settings and (settings.trusts or settings.sign):
        from pipeline.engine.cache.remote import signing  # takes time to import

        signing.parsed(settings.trusts, REMOTE_TRUST)
        if settings.sign:
            signing.Signer(settings.sign)
    if settings and (settings.ca or settings.certificate):
        from pipeline.engine.cache.remote.tls import tls

        tls(settings, secret=True)

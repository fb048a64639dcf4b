"""What the environment says about how bytes may come here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.settings import is_offline
from pipeline.toolchain.net.credentials import Credentials
from pipeline.toolchain.net.mirrors import Mirrors
from pipeline.toolchain.net.vendor import VendorDirectory


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How bytes may come here.

    Attributes:
        offline: Whether no connection may be made at all.
        vendor: Where vendored files are.
        mirrors: Where else files are.
        credentials: What the release API may be told.
    """

    offline: bool = False
    vendor: VendorDirectory | None = None
    mirrors: Mirrors = field(default_factory=Mirrors)
    credentials: Credentials = field(default_factory=Credentials)

    @classmethod
    def configured(cls, directory: Path) -> NetworkSettings:
        """Return what the environment and *directory*, where the TOML files are, say.

        Raises:
            DeclarationError: A setting is wrong.
        """
        return cls(
            offline=is_offline(),
            vendor=VendorDirectory.configured(),
            mirrors=Mirrors.configured(directory),
            credentials=Credentials.of_environment(),
        )

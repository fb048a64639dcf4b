"""Network settings: offline, vendored files, mirrors, credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.settings import is_offline
from pipeline.toolchain.net.credentials import Credentials
from pipeline.toolchain.net.mirrors import Mirrors
from pipeline.toolchain.net.vendor import VendorDirectory


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How files may be fetched.

    Attributes:
        offline: Whether connections are forbidden.
        vendor: The directory of vendored files, if any.
        mirrors: Mirrors to ask.
        credentials: The token for the release API.
    """

    offline: bool = False
    vendor: VendorDirectory | None = None
    mirrors: Mirrors = field(default_factory=Mirrors)
    credentials: Credentials = field(default_factory=Credentials)

    @classmethod
    def configured(cls, directory: Path) -> NetworkSettings:
        """Return the settings of the environment and of *directory*, which holds the TOML files.

        Raises:
            DeclarationError: A setting is wrong.
        """
        return cls(
            offline=is_offline(),
            vendor=VendorDirectory.configured(),
            mirrors=Mirrors.configured(directory),
            credentials=Credentials.of_environment(),
        )

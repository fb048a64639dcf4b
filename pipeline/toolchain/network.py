"""What the environment says about how bytes may come here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.toolchain.credentials import Credentials
from pipeline.toolchain.mirrors import Mirrors
from pipeline.toolchain.vendor import Vendor

OFFLINE: Final = "DOIT_WASM_OFFLINE"
_NO: Final = {"", "0", "false", "no"}


@dataclass(frozen=True, slots=True)
class Network:
    """How bytes may come here.

    Attributes:
        offline: Whether no connection may be made at all.
        vendor: Where vendored files are.
        mirrors: Where else files are.
        credentials: What the release API may be told.
    """

    offline: bool = False
    vendor: Vendor | None = None
    mirrors: Mirrors = field(default_factory=Mirrors)
    credentials: Credentials = field(default_factory=Credentials)

    @classmethod
    def configured(cls, directory: Path) -> Network:
        """Return what the environment and *directory*, where the TOML files are, say.

        Raises:
            DeclarationError: A setting is wrong.
        """
        return cls(
            offline=os.environ.get(OFFLINE, "").lower() not in _NO,
            vendor=Vendor.configured(),
            mirrors=Mirrors.configured(directory),
            credentials=Credentials.of_environment(),
        )

    def environment(self) -> dict[str, str]:
        """Return variables that keep the clients of registries from connecting, when offline."""
        if not self.offline:
            return {}
        proxy = f"file://{self.vendor.go}" if self.vendor else "off"
        return {
            "PIP_NO_INDEX": "1",
            "CARGO_NET_OFFLINE": "true",
            "GOPROXY": proxy,
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
        }

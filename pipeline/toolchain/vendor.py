"""A directory of vendored files: what another machine has fetched for this one.

In it are:
    sha256/HEX                       each file by its hash: archives, wheels, crates, packages
    go/MODULE/@v/VERSION.{mod,zip}   Go modules, as a module proxy has them
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import DeclarationError, VerificationError

VARIABLE: Final = "DOIT_WASM_VENDOR"


@dataclass(frozen=True, slots=True)
class Vendor:
    """A directory of vendored files.

    Attributes:
        root: The directory.
    """

    root: Path

    @classmethod
    def configured(cls) -> Vendor | None:
        """Return the directory that the environment names, if it names one.

        Raises:
            DeclarationError: It is not there.
        """
        named = os.environ.get(VARIABLE)
        if not named:
            return None
        root = Path(named).absolute()
        if not root.is_dir():
            raise DeclarationError(
                f"{VARIABLE} names {root}, which is no directory",
                fix="fill it with `doit vendor DIR` where there is a network",
            )
        return cls(root)

    @property
    def go(self) -> Path:
        """Where Go modules are, as a module proxy has them."""
        return self.root / "go"

    def place(self, sha256: str) -> Path:
        """Return where the file with this hash is, or would be."""
        return self.root / "sha256" / sha256

    def find(self, sha256: str) -> Path | None:
        """Return the file with this hash, if it is there.

        Raises:
            VerificationError: It is there and has another hash.
        """
        file = self.place(sha256)
        if not file.is_file():
            return None
        got = files.sha256(file)
        if got != sha256:
            raise VerificationError(
                "a vendored file is not the one that was pinned",
                fix="remove it, and fetch it again with `doit vendor DIR`",
                file=file,
                pinned=sha256,
                got=got,
            )
        return file

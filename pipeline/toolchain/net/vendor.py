"""A directory of vendored files, which another machine fetched for this one.

It holds:
    sha256/HEX                           each file by its hash: archives, wheels, crates, packages
    sha512/HEX                           the packages of a package-lock.json
    go/MODULE/@v/VERSION.{info,mod,zip}  Go modules, laid out as on a module proxy
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import DeclarationError, OfflineError, StoreError, VerificationError
from pipeline.settings import OFFLINE, VENDOR, directory, go_modules
from pipeline.toolchain.net import file_hash


@dataclass(frozen=True, slots=True)
class VendorDirectory:
    """A directory of vendored files.

    Attributes:
        root: The directory.
    """

    root: Path

    @classmethod
    def configured(cls) -> VendorDirectory | None:
        """Return the directory that the environment names, or None.

        Raises:
            DeclarationError: It does not exist.
        """
        root = directory(VENDOR)
        if root is None:
            return None
        if not root.is_dir():
            raise DeclarationError(
                f"{VENDOR} names {root}, which is not a directory",
                fix="fill it with `doit-wasm vendor DIR` where there is a network",
            )
        return cls(root)

    @property
    def go(self) -> Path:
        """Where Go modules are, laid out as on a module proxy."""
        return go_modules(self.root)

    def place(self, pin: str) -> Path:
        """Return where the file with this hash is, or would be."""
        return self.root / file_hash.place(pin)

    def add(self, file: Path, pin: str) -> None:
        """Add a copy of *file*.

        Args:
            file: The file.
            pin: Its hash: 64 hex digits of its SHA-256, or `sha512-` and base64.

        Raises:
            VerificationError: It has another hash.
        """
        place = self.place(pin)
        if place.is_file() and file_hash.of_form(pin, place) == pin:
            return
        self._copy(file, place)
        if file_hash.of_form(pin, place) != pin:
            place.unlink()
            what = f"{file.name} is not the file that was pinned"
            raise VerificationError(what, pinned=pin, got=file_hash.of_form(pin, file))

    def add_module(self, zipped: Path) -> None:
        """Add a copy of a Go module from the cache of the go command.

        Args:
            zipped: Path of its .zip file, which need not exist; .info and .mod lie beside it.
        """
        name = zipped.as_posix().partition("/cache/download/")[2]
        for suffix in (".info", ".mod", ".zip"):
            file = zipped.with_suffix(suffix)
            if file.is_file():
                self._copy(file, (self.go / name).with_suffix(suffix))

    def _copy(self, file: Path, place: Path) -> None:
        try:
            with files.scratch(self.root, "new") as scratch:
                shutil.copyfile(file, scratch / place.name)
                files.place(scratch / place.name, place)
        except OSError as error:
            why = error.strerror or str(error)
            raise StoreError(f"cannot write into {self.root}", why=why) from error

    def find(self, pin: str) -> Path | None:
        """Return the file with this hash, in a form of `add`, if it is there.

        Raises:
            VerificationError: It is there, with another hash.
        """
        file = self.place(pin)
        if not file.is_file():
            return None
        got = file_hash.of_form(pin, file)
        if got != pin:
            raise VerificationError(
                "a vendored file is not the one that was pinned",
                fix="remove it, and fetch it again with `doit-wasm vendor DIR`",
                file=file,
                pinned=pin,
                got=got,
            )
        return file


def missing(what: str, file: str, vendor: VendorDirectory | None) -> OfflineError:
    """Return the error for *what*, which is missing while no connection may be made.

    Args:
        what: Its name in the message.
        file: Its path in a directory of vendored files.
        vendor: That directory, if there is one.
    """
    place = f"{vendor.root}/{file}" if vendor else f"${VENDOR}/{file}"
    return OfflineError(
        f"cannot fetch {what}",
        why=f"{OFFLINE} is set, and {place} is missing",
        fix=f"run `doit-wasm vendor DIR` where there is a network, and set {VENDOR} to DIR here",
    )

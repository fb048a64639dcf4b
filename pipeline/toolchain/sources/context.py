"""The context in which a source works: directories, tools, downloads, commands."""

from __future__ import annotations

import shutil
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files, process
from pipeline.errors import DeclarationError, SourceUnavailableError
from pipeline.ownership import doubt
from pipeline.toolchain.net import file_hash
from pipeline.toolchain.net.vendor import missing
from pipeline.toolchain.store.installed import InstalledTool

if TYPE_CHECKING:
    from pipeline.toolchain.limits import Limits
    from pipeline.toolchain.net.downloads import Downloads
    from pipeline.toolchain.net.pinned_file import PinnedFile
    from pipeline.toolchain.net.settings import NetworkSettings

# Where the installers of Go and Rust put programs if PATH is not changed.
_USUAL = ("/usr/local/go/bin", "~/.cargo/bin")


@dataclass(frozen=True, slots=True)
class SourceContext:
    """The context of one part of a tool.

    Attributes:
        directory: The directory of the TOML files and of the modules beside them.
        scratch: A directory of its own; removed afterwards.
        tools: The tools that the source uses.
        roots: Directories by `{name}`: of earlier parts and of used tools.
        platform: The platform that the tool is for.
        downloads: Fetches URLs.
        network: Network settings, with the vendored files.
        limits: Times and sizes.
        say: Prints one line for the user.
        notes: What the manifest records beside the pins.
    """

    directory: Path
    scratch: Path
    tools: Sequence[InstalledTool]
    roots: Mapping[str, Path]
    platform: str
    downloads: Downloads
    network: NetworkSettings
    limits: Limits
    say: Callable[[str], None]
    notes: list[str] = field(default_factory=list)

    @property
    def tree(self) -> Path:
        """The directory that the source makes."""
        return self.scratch / "tree"

    def part(self, name: str, roots: Mapping[str, Path]) -> SourceContext:
        """Return the context of one part, which may refer to earlier parts."""
        scratch = self.scratch / name
        scratch.mkdir()
        return replace(self, scratch=scratch, roots={**self.roots, **roots})

    def filled(self, text: str) -> str:
        """Return *text* with each `{name}` replaced by the directory of that name.

        Raises:
            DeclarationError: No part and no used tool has that name.
        """
        return fill(text, self.roots)

    def download(self, wanted: PinnedFile) -> Path:
        """Download a file; return a link to it, called `wanted.name`, in the scratch directory.

        Raises:
            PipelineError: As `Downloads.get` does.
        """
        return self._linked(wanted.name, self.downloads.get(wanted))

    def vendored(self, name: str, pin: str) -> Path | None:
        """Return a link called *name* to a vendored file; None if it is not vendored.

        Args:
            name: The name.
            pin: The hash of the file, in a form of `VendorDirectory.add`.

        Raises:
            OfflineError: It is not vendored, and no connection may be made.
            VerificationError: It is vendored, with another hash.
        """
        vendor = self.network.vendor
        found = vendor.find(pin) if vendor else None
        if found:
            return self._linked(name, found)
        self.connect(name, file_hash.place(pin))
        return None

    def vendored_all(self, pins: Mapping[str, str]) -> dict[str, Path]:
        """Return links to vendored files by name; none at all if one is missing.

        Args:
            pins: SHA-256 of each file by its name.

        Raises:
            OfflineError: One is missing, and no connection may be made.
            VerificationError: One has another hash.
        """
        found = {}
        for name, sha256 in pins.items():
            link = self.vendored(name, sha256)
            if link is None:
                return {}
            found[name] = link
        return found

    def connect(self, what: str, file: str) -> None:
        """Raise unless a connection may be made to fetch *what*.

        Args:
            what: Its name in the message.
            file: Its path in a directory of vendored files.

        Raises:
            OfflineError: No connection may be made.
        """
        if self.network.offline:
            raise missing(what, file, self.network.vendor)

    def _linked(self, name: str, file: Path) -> Path:
        link = self.scratch / name
        files.name_also(file, link)
        return link

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run a command with the used tools on PATH; return its output.

        With *on_line*, each line of it goes there as it comes, and nothing is returned.

        Raises:
            CommandError: It ended with an error.
        """
        temporary = self.scratch / "tmp"
        temporary.mkdir(exist_ok=True)
        extra = {"TMPDIR": str(temporary)}
        for tool in self.tools:
            extra |= tool.env
        path = [directory for tool in self.tools for directory in tool.path]
        whole = process.environment(path, {**extra, **(env or {})})
        if on_line:
            process.run_shown(argv, cwd=cwd or self.scratch, env=whole, on_line=on_line)
            return ""
        return process.run(argv, cwd=cwd or self.scratch, env=whole).output

    def program(self, name: str, remedy: str) -> Path:
        """Return the program *name* of a used tool, else the machine's own.

        Raises:
            SourceUnavailableError: Neither has it, or others could have put it on PATH.
        """
        for tool in self.tools:
            if name in tool.executables:
                return tool.executables[name]
        usual = ":".join(str(Path(directory).expanduser()) for directory in _USUAL)
        found = shutil.which(name) or shutil.which(name, path=usual)
        if found is None:
            raise SourceUnavailableError(f"{name} is not on PATH", fix=remedy)
        if why := doubt(found, owners=False):
            fix = "take the right to write there from them, or put another on PATH before it"
            raise SourceUnavailableError(f"{found} is not run", why=why, fix=fix)
        return Path(found)


def fill(text: str, roots: Mapping[str, Path]) -> str:
    """Return *text* with each `{name}` replaced by the directory of that name.

    Raises:
        DeclarationError: No directory has that name.
    """
    filled = ""
    try:
        for before, name, spec, conversion in string.Formatter().parse(text):
            filled += before
            if name is not None:
                if spec or conversion or name not in roots:  # `{root[0]}` has a meaning to Python
                    raise ValueError(f"no such name: {name!r}")  # noqa: TRY301 - as Formatter does
                filled += str(roots[name])
    except ValueError as error:
        known = ", ".join(sorted(roots))
        raise DeclarationError(
            f"cannot fill in `{text}`", why=str(error), fix=f"known names: {known}"
        ) from error
    return filled

"""A Go program, built from a module with a committed go.sum."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import files
from pipeline.errors import DeclarationError
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.platform import current, exe
from pipeline.toolchain.sources import go_client
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.store.store import BUILT_HERE

_REQUIRED = re.compile(r"^(?:require)?\s*([^\s/]\S*) (v\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class GoBuildSource(Source):
    """A program; go fetches its modules, compares each with go.sum, and builds it.

    Attributes:
        module: Directory beside the TOML file with go.mod and go.sum.
        package: The main package; its last path element names the program.
        tags: Build tags.
        env: Variables for the build; `{part}` stands for a part's directory.
    """

    kind = "go_build"
    mismatch = "checksum mismatch"
    module: str
    package: str
    tags: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"Go package {self.package}{BUILT_HERE}"

    @property
    def builds(self) -> bool:
        """Return True: the compiler influences the program."""
        return True

    def identity(self, directory: Path) -> dict[str, object]:
        """Add the hashes of go.mod and go.sum, which lock the modules."""
        texts = {name: self._text(directory, name) for name in go_client.FILES}
        lock = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
        return {**super().identity(directory), "lock": lock}

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        # go.sum lists every module; the one of the program represents them in the lock.
        required = _REQUIRED.findall(self._text(directory, "go.mod"))
        mains = [pair for pair in required if f"{self.package}/".startswith(f"{pair[0]}/")]
        name, version = max(mains, default=("", ""))
        sums = self._text(directory, "go.sum").splitlines()
        start = f"{name} {version} "
        found = [line.removeprefix(start) for line in sums if name and line.startswith(start)]
        return [Pin(f"pkg:golang/{name}@{version}", sum_) for sum_ in found]

    def _text(self, directory: Path, name: str) -> str:
        path = directory / self.module / name
        try:
            return files.read_text(path)
        except FileNotFoundError as error:
            fix = "commit the module with its go.sum"
            raise DeclarationError(f"{path} is missing", fix=fix) from error

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        go_client.fetch(job.directory / self.module, job)
        return []  # go has checked everything against go.sum, its cache included

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        del received
        go_client.keep(job.scratch / "module", job, vendor)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        del received
        job.say(f"building {self.package} from source; this takes a minute")
        env = {
            **go_client.environment(job),
            **{name: job.filled(value) for name, value in self.env.items()},
        }
        flags = [
            "-trimpath",
            "-buildvcs=false",
            "-ldflags=-buildid=",
            f"-tags={','.join(self.tags)}",
        ]
        name = self.package.rpartition("/")[2] + exe(current())
        program = job.tree / "bin" / name
        module = job.scratch / "module"
        job.run(
            [go_client.go(job), "build", *flags, "-o", program, self.package], env=env, cwd=module
        )

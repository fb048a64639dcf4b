"""The files of a Go module."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CommandError, SourceUnavailableError
from pipeline.toolchain.archives import unpack
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources import go_client
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext

_ENV = {"GOTOOLCHAIN": "local"}


@dataclass(frozen=True, kw_only=True)
class GoModuleSource(Source):
    """The tree of a module; the go command fetches it, so that its proxy settings apply.

    Attributes:
        module: PATH@VERSION.
        sum: Its hash as in go.sum: `h1:` and a SHA-256 in base64.
    """

    kind = "go_module"
    module: str
    sum: str

    def __str__(self) -> str:
        return f"Go module {self.module}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(f"pkg:golang/{self.module}", self.sum)]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        return ["go", "list", "-m", "-json", self.module]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        env = {**_ENV, **go_client.proxy(job)}
        try:
            output = job.run([go_client.go(job), "mod", "download", "-json", self.module], env=env)
        except CommandError as error:
            path, _, version = self.module.partition("@")
            job.connect(str(self), f"go/{go_client.escaped(path)}/@v/{version}.zip")
            raise SourceUnavailableError(f"{self} cannot serve", why=_error(error)) from error
        # Progress is on the same stream, before the JSON object.
        file = Path(json.loads(output[output.index("{\n") :])["Zip"])
        return [Received(file, str(self), self.sum, _hash1(file))]

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        del job
        for item in received:
            vendor.add_module(item.path)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        (item,) = received
        leading = self.module.count("/") + 1
        unpack.unpack(item.path, job.tree, limits=job.limits, strip=leading)


def _hash1(file: Path) -> str:
    """Return the hash of the module's names and contents: https://go.dev/ref/mod#go-sum-files."""
    whole = hashlib.sha256()
    try:
        with zipfile.ZipFile(file) as opened:
            for name in sorted(opened.namelist()):
                with opened.open(name) as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # it reads
                whole.update(f"{digest}  {name}\n".encode())
    except (OSError, zipfile.BadZipFile) as error:
        return f"(unreadable: {error})"
    return f"h1:{base64.b64encode(whole.digest()).decode()}"


def _error(error: CommandError) -> str:
    """Return the reason from the output, which is JSON even when the command fails."""
    for line in str(error.facts.get("output", "")).splitlines():
        name, _, value = line.strip().partition(": ")
        if name == '"Error"':
            return str(json.loads(value.rstrip(",")))
    return error.what

"""The files of a Go module."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CommandError, SourceUnavailableError
from pipeline.toolchain import archive
from pipeline.toolchain.job import Job
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.vendor import Vendor

_ENV = {"GOTOOLCHAIN": "local"}


@dataclass(frozen=True, kw_only=True)
class GoModule(Source):
    """A module's tree; the go command fetches it, so that its proxy settings hold.

    Attributes:
        module: PATH@VERSION.
        sum: Its hash as in go.sum: `h1:` and the base64 of a SHA-256.
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

    def _receive(self, job: Job) -> Sequence[Received]:
        go = job.program("go", "install Go 1.21 or newer")
        env = {**_ENV, **proxy(job, go)}
        try:
            told = job.run([go, "mod", "download", "-json", self.module], env=env)
        except CommandError as error:
            path, _, version = self.module.partition("@")
            job.connect(str(self), f"go/{escaped(path)}/@v/{version}.zip")
            raise SourceUnavailableError(f"{self} cannot serve", why=_error(error)) from error
        # The command reports progress on the same stream; its answer is the object.
        file = Path(json.loads(told[told.index("{\n") :])["Zip"])
        return [Received(file, str(self), self.sum, _hash1(file))]

    def _keep(self, received: Sequence[Received], job: Job, vendor: Vendor) -> None:
        del job
        for item in received:
            vendor.add_module(item.path)

    def _make(self, received: Sequence[Received], job: Job) -> None:
        (item,) = received
        leading = self.module.count("/") + 1
        archive.unpack(item.path, job.tree, limits=job.limits, strip=leading)


def escaped(path: str) -> str:
    """Return a module's path as proxies write it; https://go.dev/ref/mod#goproxy-protocol."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", path)


def proxy(job: Job, go: Path) -> Mapping[str, str]:
    """Return what has the go command look among the vendored modules first."""
    vendor = job.network.vendor
    if vendor is None or job.network.offline:
        return {}  # `process.environment` has the last word when offline
    usual = job.run([go, "env", "GOPROXY"]).strip()
    return {"GOPROXY": f"file://{vendor.go},{usual}"}


def _hash1(file: Path) -> str:
    """Return the module's hash, of names and contents; https://go.dev/ref/mod#go-sum-files."""
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
    """Return the reason in the answer, which is JSON also when the command failed."""
    for line in str(error.facts.get("output", "")).splitlines():
        name, _, value = line.strip().partition(": ")
        if name == '"Error"':
            return str(json.loads(value.rstrip(",")))
    return error.what

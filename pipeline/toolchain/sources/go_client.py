"""The Go modules that a go.sum names: the go command fetches them, so that its settings hold."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources.context import SourceContext

FILES: Final = ("go.mod", "go.sum")

# go.sum is complete, so neither the checksum database nor a newer Go has a say.
_ENV: Final = {
    "GOFLAGS": "-mod=readonly",
    "GOWORK": "off",
    "GOTOOLCHAIN": "local",
    "GOSUMDB": "off",
}


def go(job: SourceContext) -> Path:
    """Return the go command.

    Raises:
        SourceUnavailableError: There is none.
    """
    return job.program("go", "install Go 1.21 or newer")


def environment(job: SourceContext) -> Mapping[str, str]:
    """Return what has the go command believe go.sum, and look among vendored modules first."""
    return {**_ENV, **proxy(job)}


def proxy(job: SourceContext) -> Mapping[str, str]:
    """Return what has the go command look among the vendored modules first."""
    vendor = job.network.vendor
    if vendor is None or job.network.offline:
        return {}  # `process.environment` has the last word when offline
    usual = job.run([go(job), "env", "GOPROXY"]).strip()
    return {"GOPROXY": f"file://{vendor.go},{usual}"}


def escaped(path: str) -> str:
    """Return a module's path as proxies write it; https://go.dev/ref/mod#goproxy-protocol."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", path)


def fetch(origin: Path, job: SourceContext) -> Path:
    """Fetch all modules of the go.sum in *origin*; return a copy of go.mod and go.sum.

    Raises:
        CommandError: One cannot be had, or is not what go.sum says.
    """
    module = job.scratch / "module"
    module.mkdir()
    for name in FILES:
        shutil.copyfile(origin / name, module / name)
    env = environment(job)
    job.run([go(job), "mod", "download"], env=env, cwd=module)
    job.run([go(job), "mod", "verify"], env=env, cwd=module)
    return module


def keep(module: Path, job: SourceContext, vendor: VendorDirectory) -> None:
    """Vendor the modules that `fetch` has fetched; *module* is what it returned."""
    env = environment(job)
    # Of modules that nothing is taken from, go still reads the go.mod files.
    job.run([go(job), "mod", "graph"], env=env, cwd=module)
    cache = Path(job.run([go(job), "env", "GOMODCACHE"], env=env).strip(), "cache", "download")
    for line in (module / "go.sum").read_text(encoding="utf-8").splitlines():
        path, version, _ = line.split()
        zipped = f"{escaped(path)}/@v/{version.removesuffix('/go.mod')}.zip"
        vendor.add_module(cache / zipped)

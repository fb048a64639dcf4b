"""The modules of a go.sum; the go command fetches them, so that its settings apply."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources.context import SourceContext

FILES: Final = ("go.mod", "go.sum")

# go.sum is complete: no checksum database and no newer Go is needed.
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
    """Return variables that make go trust go.sum alone and try vendored modules first."""
    return {**_ENV, **proxy(job)}


def proxy(job: SourceContext) -> Mapping[str, str]:
    """Return variables that make go try vendored modules first."""
    vendor = job.network.vendor
    if vendor is None or job.network.offline:
        return {}  # offline, `process.environment` decides
    usual = job.run([go(job), "env", "GOPROXY"]).strip()
    return {"GOPROXY": f"file://{vendor.go},{usual}"}


def escaped(path: str) -> str:
    """Return a module path as proxies escape it: https://go.dev/ref/mod#goproxy-protocol."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", path)


def fetch(origin: Path, job: SourceContext) -> Path:
    """Fetch all modules of the go.sum in *origin*; return a copy of go.mod and go.sum.

    Raises:
        CommandError: A module cannot be fetched, or does not match go.sum.
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
    """Vendor the modules that `fetch` fetched; *module* is the directory that it returned."""
    env = environment(job)
    # go reads the go.mod files even of modules that contribute no package.
    job.run([go(job), "mod", "graph"], env=env, cwd=module)
    cache = Path(job.run([go(job), "env", "GOMODCACHE"], env=env).strip(), "cache", "download")
    for line in (module / "go.sum").read_text(encoding="utf-8").splitlines():
        path, version, _ = line.split()
        zipped = f"{escaped(path)}/@v/{version.removesuffix('/go.mod')}.zip"
        vendor.add_module(cache / zipped)

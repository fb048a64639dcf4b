"""A registry of WIT packages on the loopback interface."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import process
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store

TOOLS = Path(__file__).parent / "tools"
LISTENS = re.compile(r"listening on (127\.0\.0\.1:\d+)")


@dataclass(frozen=True)
class Registry:
    """A running registry.

    Attributes:
        address: Its host and port.
        settings: The file that tells wkg how to reach it.
        place: A directory for files.
        tool: Gives the executable of a pinned tool.
    """

    address: str
    settings: Path
    place: Path
    tool: Callable[..., str]

    def publish(self, package: str, text: str) -> str:
        """Publish a version of a package; return its hash."""
        name = re.sub(r"\W", "_", package)
        source, binary = self.place / f"{name}.wit", self.place / f"{name}.wasm"
        source.write_text(f"package {package};\n{text}")
        process.run([self.tool("wasm-tools"), "component", "wit", source, "--wasm", "-o", binary])
        repository, _, version = package.replace(":", "/").partition("@")
        to = f"{self.address}/{repository}:{version}"
        words = [self.tool("wkg"), "oci", "push", "--insecure", self.address, to, binary]
        process.run(words)
        return process.run(["sha256sum", binary]).output.split()[0]

    def lock(self, package: str, sha256: str) -> str:
        """Return the table of a wkg.lock that pins a package."""
        name, _, version = package.partition("@")
        return (
            f'[[packages]]\nname = "{name}"\nregistry = "{self.address}"\n\n[[packages.versions]]\n'
            f'requirement = "={version}"\nversion = "{version}"\ndigest = "sha256:{sha256}"\n\n'
        )


def _address(said: Path, server: subprocess.Popen[bytes]) -> str:
    """Return where a starting registry listens."""
    while not (found := LISTENS.search(said.read_text())):
        assert server.poll() is None, said.read_text()
        time.sleep(0.05)
    return found[1]


@contextmanager
def serving(place: Path, store: str, tool: Callable[..., str]) -> Iterator[Registry]:
    """Run a registry that keeps its data in *place*."""
    program = Installer(ToolFiles((TOOLS,)), store=Store(Path(store))).install("docker-registry")
    document = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(place / "data")}},
        "http": {"addr": "127.0.0.1:0"},
    }
    (place / "registry.yml").write_text(json.dumps(document))
    words = [program.executables["docker-registry"], "serve", place / "registry.yml"]
    said = place / "registry.log"  # a pipe that nobody reads would stop it
    with said.open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as server:
        try:
            address = _address(said, server)
            settings = place / "wkg.toml"
            settings.write_text(
                f'[namespace_registries]\nacme = "{address}"\n'
                f'[registry."{address}"]\ntype = "oci"\n'
                f'[registry."{address}".oci]\nprotocol = "http"\n'
            )
            yield Registry(address, settings, place, tool)
        finally:
            server.terminate()

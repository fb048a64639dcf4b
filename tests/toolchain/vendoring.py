"""What tests of vendored files have in common."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from nowhere import nowhere
from pipeline.commands.vendor import Vendor as Command
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.platform import current

ROOT = Path(__file__).parents[2] / "toolchains"
HEAD = 'executables = ["bin/t"]'


def vendored(project, tmp_path, monkeypatch, name: str = "t") -> VendorDirectory:
    """Vendor a tool; from now on the directory is consulted and no connection may be made."""
    vendor = VendorDirectory(tmp_path / "vendor")
    project.installer().vendor(name, vendor, current())
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(vendor.root))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    return vendor


def put(vendor: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    (vendor / "sha256").mkdir(parents=True, exist_ok=True)
    (vendor / "sha256" / sha256).write_bytes(data)
    return sha256


def run(project, tmp_path, *words: str, platforms: tuple[str, ...] = ()) -> int:
    """Run `doit-wasm vendor`, as with these words on a command line."""
    options = [f"--tools={project.directory}", f"--components={tmp_path / 'components'}"]
    options += [f"--platform={name}" for name in platforms]
    (tmp_path / "components").mkdir(exist_ok=True)
    return Command().parse_execute([str(tmp_path / "vendor"), *words, *options])


def other_platform() -> str:
    return "darwin_arm64" if current() != "darwin_arm64" else "linux_amd64"


INSTALL = """
import socket, sys
from pathlib import Path
tried = []
watched = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, args: event in watched and tried.append((event, args)))
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
tool = Installer(ToolFiles((Path(sys.argv[1]),)), store=Store(Path(sys.argv[2]))).install("t")
print("tried:", tried)
print(next(iter(tool.executables.values())))
"""


def alone(project, store: Path) -> subprocess.CompletedProcess[str]:
    """Install `t` in a namespace that has not even a loopback device that is up."""
    words = [sys.executable, "-c", INSTALL, str(project.directory), str(store)]
    return nowhere(words)

"""A directory of checksums with tools of each kind, and the files of their releases."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

SCRIPT = "#!/bin/sh\necho {}\n"
ODD = 'odd "${name}" {{.OS}} it\'s é'  # every character that a format gives a meaning

TOML = """
[arch]
repository = "o/shared"
tag = "v{version}"
strip_prefix = "{stem}"
[arch.assets]
linux_amd64 = "arch-{version}-linux.tar.gz"

[plain]
repository = "o/shared"
tag = "v{version}"
[plain.assets]
linux_amd64 = "plain-linux"

[go]
source = "go"
base = "https://go.test/dl"
tag = "go{version}"
[go.assets]
linux_amd64 = "go{version}.linux-amd64.tar.gz"

[nodejs]
source = "nodejs"
base = "https://node.test/dist"
tag = "v{version}"
[nodejs.assets]
linux_amd64 = "node-v{version}-linux-x64.tar.xz"
"""


def archive(name: str, members: Mapping[str, str]) -> bytes:
    """Return an archive of programs; the extension of *name* tells its form."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:xz" if name.endswith("xz") else "w:gz") as opened:
        for member, text in members.items():
            info = tarfile.TarInfo(member)
            info.size, info.mode = len(text.encode()), 0o755
            opened.addfile(info, io.BytesIO(text.encode()))
    return whole.getvalue()


FILES: dict[str, dict[str, tuple[str, bytes]]] = {
    "arch": {
        "linux_amd64": (
            "arch-1.2.0-linux.tar.gz",
            archive(".gz", {"arch-1.2.0-linux/arch": SCRIPT.format("arch 1.2.0")}),
        ),
        "windows_amd64": ("arch-1.2.0-windows.zip", b"zip"),
    },
    "plain": {
        "linux_amd64": ("plain-linux", SCRIPT.format("plain 1.2.0").encode()),
        "darwin_arm64": (ODD, b"odd"),
        "windows_amd64": ("plain-windows", b"exe"),
    },
    "component": {"wasm_component": ("component.wasm", b"wasm"), "linux_amd64": ("c", b"c")},
    "go": {"linux_amd64": ("go1.26.1.linux-amd64.tar.gz", b"go")},
    "nodejs": {"linux_amd64": ("node-v24.1.0-linux-x64.tar.xz", b"node")},
}
VERSIONS = {"go": "1.26.1", "nodejs": "24.1.0"}
TAGS = {"go": "go1.26.1", "nodejs": "v24.1.0"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def document(tool: str) -> dict[str, object]:
    """Return the tool file of a tool."""
    version = VERSIONS.get(tool, "1.2.0")
    platforms = {
        platform: {
            "asset": name,
            "confirmed_by": ["digest", "registry:somebody"],
            "sha256": sha256(data),
            "size": len(data),
        }
        for platform, (name, data) in FILES[tool].items()
    }
    where = {"download_base": "https://x.test"} if tool in TAGS else {"github_repo": "o/shared"}
    release = {
        "platforms": platforms,
        "release_date": "2026-11-20",
        "tag": TAGS.get(tool, f"v{version}"),
    }
    return {"latest_version": version, "tool_name": tool, "versions": {version: release}, **where}


def write(directory: Path, tool: str, content: object) -> Path:
    """Write a tool file."""
    path = directory / "tools" / f"{tool}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def fill(directory: Path) -> Path:
    """Write tools.toml and the file of each tool; return *directory*."""
    for tool in FILES:
        write(directory, tool, document(tool))
    (directory / "tools.toml").write_text(TOML, encoding="utf-8")
    return directory

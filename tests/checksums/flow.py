"""A project that keeps the checksums of three tools, with servers of its own."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.testing.github import Pattern, Release, Repository
from pipeline.testing.project import Project, Run
from updater.harness import Updater, tool_file

TOOLS = ("alpha", "beta", "gamma")
PLATFORMS = {"linux_amd64": "{tool}-{version}-x86_64-linux.tar.gz", "wasm": "{tool}-{version}.wasm"}

DODO = """
from pipeline import checksum_files, doit_config, groups

DOIT_CONFIG = doit_config()


def task_checksums():
    yield from checksum_files("checksums")
    yield from groups(checksums="Record what upstream has released")
"""

# Counts how often it is started, and is wasmtime.
COUNTING = """#!{python}
import os, sys
with open({log!r}, "a") as log:
    print(" ".join(sys.argv[1:]), file=log)
os.execv({wasmtime!r}, sys.argv)
"""


@dataclass(frozen=True)
class Flow:
    """The project, what it may see of the world, and how often that was asked."""

    project: Project
    updater: Updater
    repositories: dict[str, Repository]
    log: Path
    connections: list[object] = field(default_factory=list)

    def doit(self, *args: str) -> Run:
        return self.project.doit(*args, seconds=120)

    def path(self, name: str) -> Path:
        return self.project.root / name

    def release(self, tool: str, version: str = "2.0.0", **changes: Any) -> Release:
        """Release a version of a tool upstream, with all of its files."""
        files = names(tool, version)
        assets = {name: Pattern(1000 + at, seed=at) for at, name in enumerate(files.values())}
        fields = {"assets": assets, "published_at": "2026-11-20T12:00:00Z"} | changes
        return self.repositories[tool].add_release(f"v{version}", **fields)

    def recorded(self, tool: str) -> str:
        """Return the latest version that the tool file has."""
        latest: str = json.loads(self.path(f"checksums/tools/{tool}.json").read_text())[
            "latest_version"
        ]
        return latest

    def polled(self) -> list[str]:
        """Return the tools whose releases were asked for since the last call, in order."""
        paths = [request.path for request in self.requests("api")]
        self.updater.github.requests.clear()
        return [path.split("/")[3] for path in paths if "/releases" in path]

    def forget(self) -> None:
        """Forget all requests, connections and starts so far."""
        self.updater.github.requests.clear()
        self.connections.clear()
        self.log.unlink(missing_ok=True)

    def requests(self, site: str) -> list[Any]:
        return [request for request in self.updater.github.requests if request.site == site]

    def starts(self) -> list[str]:
        """Return the commands of the component that were started since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.partition(".cwasm ")[2] for line in lines]


def names(tool: str, version: str) -> dict[str, str]:
    return {
        platform: name.format(tool=tool, version=version) for platform, name in PLATFORMS.items()
    }


def table(tool: str, **keys: object) -> str:
    lines = [f"[{tool}]", f'repository = "up/{tool}"', 'tag = "v{version}"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    lines += [f"[{tool}.assets]"]
    lines += [
        f'{platform} = "{name.replace("{tool}", tool)}"' for platform, name in PLATFORMS.items()
    ]
    return "\n".join(lines) + "\n\n"


def make_flow(updater: Updater, root: Path) -> Flow:
    """Make the project: version 1.0.0 of each tool is recorded and published."""
    log, built = root / "starts", root / "built"
    built.mkdir()
    (built / "updater.cwasm").symlink_to(updater.built / "updater.cwasm")
    wasmtime = built / "wasmtime"
    wasmtime.write_text(
        COUNTING.format(python=sys.executable, log=str(log), wasmtime=updater.wasmtime)
    )
    wasmtime.chmod(0o755)
    (built / "updater.wasmtime").write_text(f"{wasmtime}\n")
    env = {
        "DOIT_WASM_UPDATER": str(built),
        "DOIT_WASM_STORE": str(root / "store"),
        "GITHUB_API_URL": updater.github.api_url,
        "CHECKSUM_UPDATER_HOSTS": "127.0.0.1,localhost",
    }
    project = Project(root / "work", env)
    flow = Flow(project, updater, {}, log)
    project.write("dodo.py", DODO)
    project.write("checksums/tools.toml", "".join(table(tool) for tool in TOOLS))
    for tool in TOOLS:
        flow.repositories[tool] = updater.github.add_repository(f"up/{tool}")
        document = tool_file(tool, f"up/{tool}", "1.0.0", names(tool, "1.0.0"))
        text = json.dumps(document, indent=2, sort_keys=True) + "\n"
        project.write(f"checksums/tools/{tool}.json", text)
        old = flow.repositories[tool].add_release("v1.0.0", published_at="2026-01-01T12:00:00Z")
        for entry in document["versions"]["1.0.0"]["platforms"].values():
            old.add_asset(entry["asset"], b"", digest=f"sha256:{entry['sha256']}")
    return flow

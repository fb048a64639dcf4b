"""What tools that are there add to a run with nothing to do."""

import hashlib
import shutil
import sys
from functools import partial
from pathlib import Path

from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
from tests.bench.timing import Times, execute, interleaved

PROGRAM = b"#!/bin/sh\necho 1\n"

_DODO = """
from pipeline import doit_config, step

DOIT_CONFIG = doit_config()


def task_nothing():
    yield {"basename": "nothing", "actions": None}
"""
_TOOLS = """

from pipeline import toolchains


def task_tools():
    yield from toolchains("toolchains")
"""
_TOML = """# A small tool.
version = "1"
executables = ["bin/{name}"]

[[source]]
kind = "url"
url = "{url}"
sha256 = "{sha256}"
file = "bin/{name}"
"""


def measure(count: int, rounds: int, directory: Path) -> dict[str, Times]:
    """Return the times of runs with nothing to do, `without` and `with` tools that are there.

    Raises:
        SystemExit: doit failed.
    """
    # A run that names no task leaves out the tools, because no task uses them. Those that come with
    # the package are no part of this: to install them takes an hour.
    tasks = {"without": "nothing", "with": "toolchain:tool-*"}
    roots = {name: directory / name for name in ("without", "with")}
    for name, root in roots.items():
        root.mkdir()
        (root / "dodo.py").write_text(_DODO + (_TOOLS if name == "with" else ""))
    put(count, roots["with"])
    works = {
        name: partial(execute, [sys.executable, "-m", "doit", tasks[name]], root)
        for name, root in roots.items()
    }
    for work in works.values():
        work()
    return interleaved(works, rounds)


def put(count: int, root: Path) -> None:
    """Make the TOML files of a project in *root*, and have its store hold all of the tools."""
    tools, store = root / "toolchains", Store(root / "store")
    tools.mkdir()
    sha256 = hashlib.sha256(PROGRAM).hexdigest()
    kept = store.downloads / "sha256"
    kept.mkdir(parents=True)
    (kept / sha256).write_bytes(PROGRAM)  # nobody is asked: no server is needed
    for number in range(count):
        name = f"tool-{number}"
        url = f"https://tools.invalid/{name}"
        (tools / f"{name}.toml").write_text(_TOML.format(name=name, url=url, sha256=sha256))
    installer = Installer(ToolFiles((tools,)), store=store, say=lambda _: None)
    for name in installer.names():
        installer.install(name)
    shutil.rmtree(store.downloads)

"""Arrows of imports run down only; this table says which there may be."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from workshop import REPOSITORY

# What everything stands on, and what each of that stands on.
BASE = {
    "error_codes": "",
    "errors": "error_codes",
    "host": "",
    "portable_names": "",
    "locks": "",
    "in_use": "locks",
    "markdown_text": "",
    "ownership": "",
    "tree": "host",
    "files": "errors host tree",
    "documents": "errors files",
    "settings": "errors ownership",
    "process": "documents errors files host locks settings",
}
FLOOR = " ".join(BASE)

# Package, or module beside them, to the packages that it may import: those below it.
LAYERS: Mapping[str, str] = {
    "__main__": "commands",
    "scripts": "commands updater",
    "testing": f"commands testing.component testing.github {FLOOR}",
    "testing.component": f"engine {FLOOR}",
    "testing.github": "errors",
    "commands": "config rules report.live report.page report.query scaffold engine toolchain.* "
    f"webhook checksums {FLOOR}",
    "": "config outputs rules engine",  # the public face
    "config": f"report.live cluster engine {FLOOR}",
    "cluster": f"rules engine toolchain.* {FLOOR}",
    "rules": f"steps engine toolchain.* checksums {FLOOR}",
    "outputs": "engine",
    "scaffold": f"steps {FLOOR}",
    "updater": FLOOR,
    "steps": f"toolchain.* {FLOOR}",
    "webhook": f"checksums {FLOOR}",
    "checksums": FLOOR,
    "report.live": f"report engine {FLOOR}",
    "report.page": f"report.query report engine {FLOOR}",
    "report.query": f"report engine {FLOOR}",
    "report": f"engine {FLOOR}",
    "engine": FLOOR,  # with engine.cache: neither is above the other
    # Each of these may import those that follow it.
    "toolchain.diagnose": f"toolchain.* {FLOOR}",
    "toolchain.pinning": f"toolchain.* {FLOOR}",
    "toolchain.install": f"toolchain.* {FLOOR}",
    "toolchain.lock": f"toolchain.* {FLOOR}",
    "toolchain.spec": f"toolchain.* {FLOOR}",
    "toolchain.sources": f"toolchain.* {FLOOR}",
    "toolchain.net": f"toolchain.* {FLOOR}",
    "toolchain.archives": f"toolchain.* {FLOOR}",
    "toolchain.store": f"toolchain.* {FLOOR}",
    "toolchain": FLOOR,
    **BASE,
}
ORDER = [name for name in LAYERS if name.partition(".")[0] == "toolchain"]

PACKAGE = REPOSITORY / "pipeline"
MODULES = {
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported(path: Path) -> Iterator[str]:
    """Return the modules of ours that a file imports, wherever in it and whenever."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names):
                inside = [f"{module}.{alias.name}" for alias in names]
                found = [name if name in MODULES else module for name in inside]
            case _:
                continue
        yield from (name for name in found if name in MODULES)


def room(module: str) -> str:
    """Return the longest name of a layer that holds a module."""
    name = module.removeprefix("pipeline").removeprefix(".")
    while name not in LAYERS:
        name = name.rpartition(".")[0]
    return name


def allowed(source: str) -> set[str]:
    words = set(LAYERS[source].split())
    if "toolchain.*" in words:
        after = ORDER[ORDER.index(source) + 1 :] if source in ORDER else ORDER
        words = words - {"toolchain.*"} | set(after)
    return words | {source}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_is_below_it(module: str) -> None:
    source = room(module)
    # `from pipeline import files` is an import of files, and of an empty room above it.
    targets = {name: room(name) for name in imported(MODULES[module]) if name != "pipeline"}
    wrong = {name: layer for name, layer in targets.items() if layer not in allowed(source)}
    assert wrong == {}, f"{module} is in {source!r}, which may import {sorted(allowed(source))}"


def test_no_module_imports_itself_through_others() -> None:
    below = {name: set(imported(path)) - {name, "pipeline"} for name, path in MODULES.items()}
    assert len(list(TopologicalSorter(below).static_order())) == len(MODULES)


def test_the_table_itself_has_no_circle_and_names_what_there_is() -> None:
    layers = {name: allowed(name) - {name} for name in LAYERS}
    assert len(list(TopologicalSorter(layers).static_order())) == len(LAYERS)
    assert {room(module) for module in MODULES} == set(LAYERS)


def test_engine_and_toolchain_do_not_know_each_other() -> None:
    assert not any(name.startswith("toolchain") for name in allowed("engine"))
    assert all("engine" not in allowed(name) for name in ORDER)


def test_the_wheel_has_every_package() -> None:
    setuptools = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    assert packages == {*setuptools["packages"]} - {"pipeline.docs", "pipeline.toolchains"}

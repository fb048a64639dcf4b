from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from component_test.sample import CALC_WAT, CALC_WIT, PROBE_WAT
from conftest import STORE
from pipeline import process
from pipeline.testing.component.compiled import Compiler
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.project import Project
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
from workshop import REPOSITORY

Build = Callable[..., Path]


@pytest.fixture(scope="session")
def installer() -> Installer:
    return Installer(ToolFiles((REPOSITORY / "toolchains",)), store=Store(Path(STORE)))


@pytest.fixture(scope="session")
def wasm_tools(installer: Installer) -> Path:
    return installer.install("wasm-tools").executables["wasm-tools"]


@pytest.fixture(scope="session")
def build(wasm_tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Give a function that makes a component of WIT and the text of a core module."""

    def built(wit: str, wat: str, world: str = "") -> Path:
        place = tmp_path_factory.mktemp("component")
        (place / "world.wit").write_text(wit)
        (place / "core.wat").write_text(wat)
        embed = ["component", "embed", "world.wit", "core.wat", "-o", "core.wasm"]
        chosen = ["--world", world] if world else []
        process.run([wasm_tools, *embed, *chosen], cwd=place)
        process.run([wasm_tools, "component", "new", "core.wasm", "-o", "made.wasm"], cwd=place)
        return place / "made.wasm"

    return built


@pytest.fixture
def parsed(wasm_tools: Path, tmp_path: Path) -> Build:
    """Give a function that makes a component of its text."""

    def parse(text: str, *words: str) -> Path:
        (tmp_path / "text.wat").write_text(text)
        process.run([wasm_tools, "parse", *words, "text.wat", "-o", "parsed.wasm"], cwd=tmp_path)
        return tmp_path / "parsed.wasm"

    return parse


@pytest.fixture(scope="session")
def calc_file(build: Build) -> Path:
    """Give the file of a calculator."""
    return build(CALC_WIT, CALC_WAT)


@pytest.fixture(scope="session")
def probe_file(
    installer: Installer, wasm_tools: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the file of a command."""
    place = tmp_path_factory.mktemp("probe")
    (place / "probe.wat").write_text(PROBE_WAT)
    adapter = installer.install("wasi-adapter").root / "wasi_snapshot_preview1.command.wasm"
    words = ["component", "new", "probe.wat", "--adapt", adapter, "-o", "probe.wasm"]
    process.run([wasm_tools, *words], cwd=place)
    return place / "probe.wasm"


@pytest.fixture(scope="session")
def machine_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the directory of machine code."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def component(tmp_path: Path, machine_code: Path) -> Iterator[Factory]:
    """Give a factory that finds files; the plugin itself is tested in a pytest of its own."""
    made = Factory(Project(tmp_path, builds=False), Compiler(machine_code))
    yield made
    made.close()

"""Arguments and results of the Go component arrive whole, whenever its collector runs.

TinyGo's own allocator leaves what was allocated first for a call to the collector, which may free
it before the call has it: <https://github.com/bytecodealliance/go-modules/issues/348>.
"""

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import CommandError
from pipeline.testing.project import Project
from workshop import copy_repository

PARTS = Path(__file__).parent / "pressure"
DIRECTORY = "/checksums"
SOAKED = 1_000_000


@dataclass(frozen=True)
class Pressure:
    """A component that calls each export of the downloader so many times.

    Attributes:
        calls: How many times.
        tools: How many names `begin` takes.
        name_bytes: How long each of them is.
        read_bytes: How long a tool file and tools.toml are.
    """

    calls: int
    tools: int
    name_bytes: int
    read_bytes: int

    def text(self) -> str:
        """Return the driver, which holds its arguments."""
        names = "".join(f"{at:0{self.name_bytes}}" for at in range(self.tools))
        words = {
            "COUNT": self.calls,
            "TOOLS": self.tools,
            "NAME_BYTES": self.name_bytes,
            "NAMES": names,
            "DIRECTORY_BYTES": len(DIRECTORY),
            "DIRECTORY": DIRECTORY,
        }
        text = (PARTS / "driver.wat").read_text(encoding="utf-8")
        for word in ("DIRECTORY_BYTES", "NAME_BYTES", "DIRECTORY", "NAMES", "TOOLS", "COUNT"):
            text = text.replace(f"i32.const {word}", f"i32.const {words[word]}")
            text = text.replace(f'"{word}"', f'"{words[word]}"')
        return text

    def run(self, workshop: Project, downloader: Path, place: Path) -> None:
        """Compose the driver with *downloader* in *place*, and run it.

        Raises:
            CommandError: An answer was not the one of the first time, or a component has trapped.
        """
        composed = self._compose(workshop, downloader, place)
        checksums = place / "checksums"
        (checksums / "tools").mkdir(parents=True)
        filler = "# " + "é" * (self.read_bytes // 2) + "\n"
        (checksums / "tools.toml").write_text(filler, encoding="utf-8")
        (checksums / "tools/known.json").write_text(filler, encoding="utf-8")
        process.run(
            [
                *(tool(workshop, "wasmtime"), "run", "-S", "http"),
                *("--dir", f"{checksums}::{DIRECTORY}", str(composed)),
            ],
            env=os.environ,
        )

    def _compose(self, workshop: Project, downloader: Path, place: Path) -> Path:
        wit = place / "wit"
        place.mkdir(exist_ok=True)
        shutil.copytree(workshop.root / "wit/updater", wit / "deps/updater")
        shutil.copy(PARTS / "world.wit", wit)
        core, embedded, driver = (place / name for name in ("d.wat", "d.wasm", "pressure.wasm"))
        core.write_text(self.text(), encoding="utf-8")
        wasm_tools = tool(workshop, "wasm-tools")
        for words in (
            ["component", "embed", wit, "--world", "pressure", core, "-o", embedded],
            ["component", "new", embedded, "-o", driver],
        ):
            process.run([wasm_tools, *map(str, words)], env=os.environ)
        parts = {
            "validator": workshop.root / "build/component/validator.wasm",
            "downloader": downloader,
            "pressure": driver,
        }
        pressed = place / "pressed.wasm"
        process.run(
            [tool(workshop, "wac"), "compose", str(PARTS / "pressed.wac"), "-o", str(pressed)]
            + [word for name, path in parts.items() for word in ("-d", f"doit-wasm:{name}={path}")],
            env=os.environ,
        )
        return pressed


def tool(workshop: Project, name: str) -> str:
    return json.loads(workshop.read(f"build/toolchain/{name}.json"))["executables"][name]


# Many calls, and large ones: what is freed too early is written over in the same call only if the
# call is about as large as the heap.
MANY = Pressure(300, tools=3, name_bytes=20, read_bytes=100)
LARGE = Pressure(20, tools=40, name_bytes=200, read_bytes=20_000)


def pressed(workshop: Project, place: Path, without: str = "") -> Path:
    """Build a downloader whose collector runs at each allocation, perhaps without some code."""
    copy = place / "copy"
    project = copy_repository(copy, workshop.env["DOIT_WASM_STORE"], cached=True)
    memory = copy / "components/downloader/wasi_memory.go"
    edit(memory, without, "")
    edit(
        copy / "dodo.py",
        'SMALL = ["-scheduler=none"',
        'SMALL = ["-tags=pressure", "-scheduler=none"',
    )
    done = project.doit("component:downloader")
    assert done.code == 0, done.text
    return copy / "build/component/downloader.wasm"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else text, encoding="utf-8")


@pytest.fixture(scope="module")
def downloader(workshop: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pressed(workshop, tmp_path_factory.mktemp("pressed"))


@pytest.mark.parametrize("pressure", [MANY, LARGE], ids=["many", "large"])
def test_calls_arrive_whole_with_the_collector_forced(
    workshop: Project, downloader: Path, tmp_path: Path, pressure: Pressure
) -> None:
    pressure.run(workshop, downloader, tmp_path)


def test_large_calls_of_what_is_shipped_arrive_whole(workshop: Project, tmp_path: Path) -> None:
    shipped = workshop.root / "build/component/downloader.wasm"
    Pressure(20, tools=400, name_bytes=200, read_bytes=1 << 18).run(workshop, shipped, tmp_path)


@pytest.mark.soak
def test_a_million_calls_of_each_export_arrive_whole(
    workshop: Project, downloader: Path, tmp_path: Path
) -> None:
    replace(MANY, calls=SOAKED).run(workshop, downloader, tmp_path / "many")
    replace(LARGE, calls=SOAKED // 100).run(workshop, downloader, tmp_path / "large")


@pytest.mark.soak
def test_an_allocator_that_keeps_nothing_is_found_out(workshop: Project, tmp_path: Path) -> None:
    careless = pressed(workshop, tmp_path, without="given = append(given, memory)")
    with pytest.raises(CommandError):
        LARGE.run(workshop, careless, tmp_path / "run")

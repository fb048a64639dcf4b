"""What is shown while a tool is compiled: how many crates cargo compiles, and how far it is."""

import io
import os
import re
import sys
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import CommandError
from pipeline.toolchain.sources import compiling
from pipeline.toolchain.sources.compiling import Compiling, crates

MANIFEST = '[package]\nname = "{}"\nversion = "1.0.0"\nedition = "2021"\n'
PROGRAM = """
[dependencies]
both = { path = "../both" }
unused = { path = "../unused", optional = true }
[build-dependencies]
both = { path = "../both" }
built = { path = "../built" }
[dev-dependencies]
tested = { path = "../tested" }
[target.'cfg(windows)'.dependencies]
windows = { path = "../windows" }
"""
LIBRARIES = ("both", "unused", "built", "tested", "windows", "deep")
FLAGS = ("--offline", "--locked")


class Screen(io.StringIO):
    """A stream that is a terminal, or is none."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give a crate with dependencies of every kind; cargo compiles both, deep, built and itself."""
    for name in LIBRARIES:
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src/lib.rs").touch()
        text = '[dependencies]\ndeep = { path = "../deep" }\n' if name == "both" else ""
        (tmp_path / name / "Cargo.toml").write_text(MANIFEST.format(name) + text)
    root = tmp_path / "program"
    (root / "src").mkdir(parents=True)
    (root / "src/main.rs").write_text("fn main() {}\n")
    (root / "build.rs").write_text("fn main() {}\n")
    (root / "Cargo.toml").write_text(MANIFEST.format("program") + PROGRAM)
    process.run(["cargo", "generate-lockfile", "--offline"], cwd=root, env=os.environ)
    return root


def install(program: Path, total: int) -> None:
    shown = Compiling("program", total)
    words = ["cargo", "install", *FLAGS, "--no-track", "--path", ".", "--root", program / "tree"]
    process.run_shown(words, cwd=program, env=os.environ, on_line=shown.take)
    shown.end()


def test_the_total_is_what_cargo_compiles(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_TERMINAL_SECONDS", 0.0)
    screen = Screen(terminal=True)
    monkeypatch.setattr(sys, "stderr", screen)
    host = re.search("host: (.*)", process.run(["rustc", "-vV"], env=os.environ).output)
    assert host
    words = ["tree", *FLAGS, "--edges", "normal,build", "--prefix", "none", "--target", host[1]]
    total = crates(process.run(["cargo", *words], cwd=program, env=os.environ).output)
    install(program, total)
    lines = screen.getvalue().removesuffix("\r\x1b[K").removeprefix("\r").split("\x1b[K\r")
    found = [
        re.fullmatch(r"program: compiling crate (\d) of 4: (\w+)(?:\x1b\[K)?", x) for x in lines
    ]
    assert all(found), lines
    assert [one[1] for one in found if one] == ["1", "2", "3", "4"]
    assert {one[2] for one in found if one} == {"both", "deep", "built", "program"}


def test_a_total_that_was_too_small_is_not_shown_and_a_log_gets_few_lines(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen(terminal=False)
    monkeypatch.setattr(sys, "stderr", screen)
    install(program, 0)
    assert screen.getvalue() == ""  # it took less than half a minute
    monkeypatch.setattr(compiling, "_LOG_SECONDS", 0.0)
    shown = Compiling("program", 1)
    for name in ("a", "b"):
        shown.take(f"   Compiling {name} v1.0.0")
    shown.end()
    lines = ["program: compiling crate 1 of 1: a", "program: compiling crate 2: b"]
    assert screen.getvalue().splitlines() == lines


def test_what_does_not_compile_fails_with_the_end_of_its_output(program: Path) -> None:
    (program / "src/main.rs").write_text("fn main() { missing() }\n")
    with pytest.raises(CommandError, match=r"cargo ended with code 101[^$]*cannot find function"):
        install(program, 0)

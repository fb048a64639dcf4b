"""The files of small projects, in the languages that there are rules for."""

from collections.abc import Mapping
from pathlib import Path

MAIN = "package main\n\nfunc main() {}\n"
ADD = "interface add { add: func(x: u32, y: u32) -> u32; }\n"
CDYLIB = '\n[lib]\ncrate-type = ["cdylib"]\n'


def write_files(root: Path, texts: Mapping[str, str]) -> None:
    """Write files, by their paths below a directory."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def package(name: str, more: str = "") -> str:
    """Return the manifest of a crate."""
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{more}'

"""Join components as a .wac file says, which wac itself reads.

    python -m pipeline.steps.compose WAC FILE OUT [--part PACKAGE=COMPONENT] [--wit PATH]

Each package that FILE instantiates is a part, with or without a version after its name. Any other
package that it refers to, such as that of the world that it targets, is looked up in the WIT at the
PATHs.
"""

from __future__ import annotations

import argparse
import codecs
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import files, process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import Package, collect


def compose(
    wac: Path, file: Path, out: Path, *, parts: Mapping[str, Path], wit: Sequence[Path]
) -> None:
    """Compose *file* to *out*.

    Args:
        wac: The executable.
        file: The .wac file.
        out: Where the component appears.
        parts: The component of each package that *file* instantiates, without versions.
        wit: Where the WIT packages are that it refers to.

    Raises:
        CheckError: It refers to a package that is neither a part nor WIT that is known.
        CommandError: It is not right, or the parts do not fit.
    """
    packages = {package.name: package for place in wit for package in collect([place])}
    with tempfile.TemporaryDirectory() as name, _unmarked(file) as text:
        document = json.loads(_run([wac, "parse", text]))
        words: list[str | Path] = ["--deps-dir", name]
        for referred in _references(document["statements"], document["directive"].get("targets")):
            place = Path(name, *referred["name"].split(":"), referred["version"] or "")
            component = parts.get(referred["name"])
            if component is None:
                write_package(place, _package(packages, referred, file), packages.values())
            elif referred["version"]:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(component, place.with_name(f"{place.name}.wasm"))
            else:
                words += ["-d", f"{referred['name']}={component}"]
        _run([wac, "compose", text, *words, "-o", out])


@contextmanager
def _unmarked(file: Path) -> Iterator[Path]:
    """Yield *file*, or a copy without its byte order mark, which wac would take for a word."""
    if not file.read_bytes().startswith(codecs.BOM_UTF8):
        yield file
        return
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, file.name)
        copy.write_text(files.read_text(file), encoding="utf-8")
        yield copy


def _references(*trees: object) -> Iterator[dict[str, Any]]:
    """Return each package name in the syntax tree that `wac parse` prints."""
    for tree in trees:
        if isinstance(tree, dict):
            if {"name", "version", "string"} <= tree.keys():
                yield tree
            yield from _references(*tree.values())
        elif isinstance(tree, list):
            yield from _references(*tree)


def _package(packages: Mapping[str, Package], referred: Mapping[str, Any], file: Path) -> Package:
    name, version = referred["name"], referred["version"]
    found = [each for each in packages.values() if each.name.partition("@")[0] == name]
    fitting = [each for each in found if version in (None, each.name.partition("@")[2])]
    if len(fitting) != 1:
        raise CheckError(
            f"{file} refers to {referred['string']}, which is no part",
            why=f"in `wit` is {' and '.join(each.name for each in found) or 'no such package'}",
            fix="name the folder of its WIT package in `wit` of compose(), with its version here",
        )
    return fitting[0]


def _run(words: Sequence[str | Path]) -> str:
    return process.run(words, env={**os.environ, "RUST_BACKTRACE": "0"}).output


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.compose", description=__doc__)
    parser.add_argument("wac", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", action="append", default=[])
    parser.add_argument("--wit", action="append", default=[], type=Path)
    args = parser.parse_args()
    parts = {name: Path(path) for name, _, path in (part.partition("=") for part in args.part)}
    return exit_code_of(lambda: compose(args.wac, args.file, args.out, parts=parts, wit=args.wit))


if __name__ == "__main__":
    sys.exit(main())

"""Join components as a .wac file says, which wac itself reads.

    python -m pipeline.steps.compose WAC WASM_TOOLS FILE OUT [--part NAME=COMPONENT]...
        [--package PACKAGE=NAME]... [--wit PATH]...

Each package that FILE instantiates is a part, with or without a version after its name. Any other
package that it refers to, such as that of the world that it targets, is looked up in the WIT at the
PATHs.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import CheckError, CommandError, exit_code_of
from pipeline.steps import component_items
from pipeline.steps.wac_document import Reference, parse, parts_of, run, unmarked
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import Package, collect

_CONFLICT: Final = re.compile(r"failed to merge|cannot merge|conflicting types", re.IGNORECASE)
_INTERFACE: Final = re.compile(r"[a-z0-9-]+:[a-z0-9-]+/[a-z0-9-]+")


def compose(
    tools: tuple[Path, Path],
    file: Path,
    out: Path,
    *,
    parts: Mapping[str, Path],
    renamed: Mapping[str, str],
    wit: Sequence[Path],
) -> None:
    """Compose *file* to *out*.

    Args:
        tools: The executables wac and wasm-tools.
        file: The .wac file.
        out: Where the component appears.
        parts: The file of each part.
        renamed: The part of each package that has another name than its part.
        wit: Where the WIT packages are that the file refers to.

    Raises:
        CheckError: It refers to a package that is neither a part nor WIT that is known, or the
            parts import one interface in versions that cannot be merged.
        CommandError: It is not right, or the parts do not fit.
    """
    wac, wasm_tools = tools
    packages = {package.name: package for place in wit for package in collect([place])}
    with tempfile.TemporaryDirectory() as name, unmarked(file) as text:
        document = parse(wac, text)
        named = document.parts(file, parts.keys(), renamed)
        words: list[str | Path] = ["--deps-dir", name]
        for referred in (*document.instantiated, *document.others):
            place = Path(name, *referred.package.split(":"), referred.version)
            if referred.package not in named:
                write_package(place, _package(packages, referred, file), packages.values())
                continue
            component = parts[named[referred.package]]
            if referred.version:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(component, place.with_name(f"{place.name}.wasm"))
            else:
                words += ["-d", f"{referred.package}={component}"]
        try:
            run([wac, "compose", text, *words, "-o", out])
        except CommandError as error:
            raise _explained(error, wasm_tools, parts) from error


def _package(packages: Mapping[str, Package], referred: Reference, file: Path) -> Package:
    found = [each for each in packages.values() if each.name.partition("@")[0] == referred.package]
    fitting = [each for each in found if referred.version in ("", each.name.partition("@")[2])]
    if len(fitting) != 1:
        raise CheckError(
            f"{file} refers to {referred.text}, which is no part",
            why=f"in `wit` is {' and '.join(each.name for each in found) or 'no such package'}",
            fix="name the folder of its WIT package in `wit` of compose(), with its version here",
        )
    return fitting[0]


def _explained(error: CommandError, wasm_tools: Path, parts: Mapping[str, Path]) -> Exception:
    """Name the parts that import an interface in versions that wac cannot merge."""
    output = str(error.facts.get("output", ""))
    interface = _INTERFACE.search(output)
    if not _CONFLICT.search(output) or not interface:
        return error
    imports = [
        f"{name} imports {each}"
        for name, file in parts.items()
        for each in component_items.read(wasm_tools, file, name).imports
        if component_items.is_of(each, interface.group())
    ]
    return CheckError(
        f"the parts import {interface.group()} in versions that cannot be merged",
        fix="build the parts with the same version of that package; versions of one series, such "
        "as 0.2.0 and 0.2.6, merge only if the newer one adds to the older one",
        parts="; ".join(imports),
        wac=output,
    )


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.compose", description=__doc__)
    for name in ("wac", "wasm_tools", "file", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--part", action="append", default=[])
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--wit", action="append", default=[], type=Path)
    args = parser.parse_args()
    parts = {name: Path(path) for name, path in parts_of(args.part).items()}

    def work() -> None:
        tools, renamed = (args.wac, args.wasm_tools), parts_of(args.package)
        compose(tools, args.file, args.out, parts=parts, renamed=renamed, wit=args.wit)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

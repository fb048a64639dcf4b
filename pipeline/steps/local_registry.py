"""Run cargo-component with a registry on this disk, which has the packages that are pinned.

    python -m pipeline.steps.local_registry WASM_TOOLS --lock=FILE
        [--package NAME@VERSION REQUIREMENT FILE]... [--wasi NAME@VERSION REQUIREMENT DIRECTORY]...
        -- COMMAND...

It runs in a copy. A FILE is a package in the binary format; a DIRECTORY has the packages of WASI
as text. The lock file of cargo-component is written anew: it names these very packages.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import files, process
from pipeline.errors import DeclarationError, exit_code_of
from pipeline.steps.wasi_wit import derive
from pipeline.steps.wit_closure import closure
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import collect_known

REGISTRY: Final = "pinned.invalid"
"""The name of the registry: no such host can exist."""


def serve(args: argparse.Namespace, place: Path) -> dict[str, str]:
    """Fill a registry, and write the lock file; return variables that lead cargo-component there.

    Args:
        args: The words of the command line.
        place: A directory for the registry.

    Raises:
        DeclarationError: A directory does not have a package.
        CommandError: A package is not right.
    """
    for whole, _, source in args.package:
        _place(place, whole).write_bytes(Path(source).read_bytes())
    for whole, _, source in args.wasi:
        _encode(args.wasm_tools, whole, Path(source), _place(place, whole))
    text = "# Of the packages that are pinned.\nversion = 1\n"
    for whole, requirement, _ in (*args.package, *args.wasi):
        name, _, version = whole.partition("@")
        text += f'\n[[package]]\nname = "{name}"\n\n[[package.version]]\n'
        text += f'requirement = "^{requirement}"\nversion = "{version}"\n'
        text += f'digest = "sha256:{files.sha256(_place(place, whole))}"\n'
    args.lock.write_text(text, encoding="utf-8")
    names = {whole.partition(":")[0] for whole, *_ in (*args.package, *args.wasi)}
    settings = place / "config.toml"
    settings.write_text(
        f'default_registry = "{REGISTRY}"\n[namespace_registries]\n'
        + "".join(f'{json.dumps(name)} = "{REGISTRY}"\n' for name in sorted(names))
        + f'[registry."{REGISTRY}"]\ntype = "local"\n'
        f'[registry."{REGISTRY}".local]\nroot = {json.dumps(str(place))}\n',
        encoding="utf-8",
    )
    cache = str(place / "cache")
    return {"CARGO_COMPONENT_CONFIG_FILE": str(settings), "CARGO_COMPONENT_CACHE_DIR": cache}


def _place(registry: Path, whole: str) -> Path:
    """Return where a registry has a package."""
    name, _, version = whole.partition("@")
    file = registry / name.replace(":", "/") / f"{version}.wasm"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def _encode(wasm_tools: Path, whole: str, source: Path, file: Path) -> None:
    """Write a package of WASI in the binary format."""
    known = collect_known([source])
    package = known.get(whole) or derive(whole, known)
    if package is None:
        raise DeclarationError(f"{source} has no package {whole}")
    with tempfile.TemporaryDirectory() as directory:
        text = Path(directory, "wit")
        write_package(text, package, closure({whole: package}, known))
        whole_file = Path(directory, "package.wasm")
        process.run([wasm_tools, "component", "wit", text, "--wasm", "-o", whole_file])
        # cargo-component does not know the form in which newer tools write comments.
        process.run([wasm_tools, "strip", "--delete", "package-docs", whole_file, "-o", file])


def main() -> int:
    """Run as a command; return the exit code if it cannot become the command."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.local_registry", description=__doc__
    )
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--package", nargs=3, action="append", default=[])
    parser.add_argument("--wasi", nargs=3, action="append", default=[])
    args, command = parser.parse_args(_options(sys.argv)), _command(sys.argv)

    def work() -> None:
        place = Path(tempfile.mkdtemp()).resolve()
        env = {**os.environ, **serve(args, place)}
        process.become(command, env)  # what it prints is the output of the step

    return exit_code_of(work)


def _options(words: Sequence[str]) -> Sequence[str]:
    return words[1 : words.index("--")]


def _command(words: Sequence[str]) -> list[str]:
    return list(words[words.index("--") + 1 :])


if __name__ == "__main__":
    sys.exit(main())

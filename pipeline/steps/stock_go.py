"""Compile a component with the stock Go compiler.

    python -m pipeline.steps.stock_go GO WASM_TOOLS ADAPTERS RUNTIME WORLD GEN MAIN OUT [FLAG...]

It runs in a copy of the module, next to go.mod. RUNTIME holds the packages that the bindings in GEN
import; they are added to go.mod, so that the module need not name them. A world that exports
nothing is that of a program whose `main` runs.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps.explained import explained
from pipeline.steps.go_memory import write_overlay
from pipeline.steps.go_world import WORLD
from pipeline.steps.stock_go_bindings import EXPORTS

RUNTIME: Final = "go.bytecodealliance.org/pkg"
VERSION: Final = "v0.4.0"
"""The version that generated code names; it is always the pinned one that is used."""
_PLACE: Final = Path("doit_wasm_runtime")
_MEMORY: Final = Path("_doit_wasm_memory")  # the go command takes no package from such a name
_VENDORED: Final = Path("vendor", "modules.txt")
_IMPORT: Final = re.compile(r'"([^"]+/(export_\w+))"')


def add_runtime(go: Path, packages: Path) -> None:
    """Add the packages that generated code imports to the module in the working directory.

    Args:
        go: The go command.
        packages: Directory of the packages.

    Raises:
        CommandError: go.mod is not right.
    """
    vendored = _VENDORED.is_file()
    root = _VENDORED.parent / RUNTIME if vendored else _PLACE
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(packages, root / "wit")
    words: list[str | Path] = [
        go,
        "mod",
        "edit",
        f"-require={RUNTIME}@{VERSION}",
        f"-dropreplace={RUNTIME}",
    ]
    if not vendored:
        # Of the language that its code needs: a newer one would have to be that of the module, too.
        (root / "go.mod").write_text(f"module {RUNTIME}\n\ngo 1.22\n", encoding="utf-8")
        words.append(f"-replace={RUNTIME}=./{_PLACE}")
    process.run(words, env=os.environ)
    if vendored:
        text = _VENDORED.read_text(encoding="utf-8")
        names = sorted({each.parent for each in root.rglob("*.go")})
        listed = "".join(f"{name.relative_to(_VENDORED.parent).as_posix()}\n" for name in names)
        entry = f"# {RUNTIME} {VERSION}\n## explicit; go 1.22\n{listed}"
        old = re.compile(rf"^# {re.escape(RUNTIME)} .*\n(?:[^#].*\n|##.*\n)*", re.MULTILINE)
        _VENDORED.write_text(old.sub("", text) + entry, encoding="utf-8")


def add_exports(generated: Path, package: Path, module: str) -> bool:
    """Have the main package link what the world exports; return whether it exports anything.

    Args:
        generated: Directory of the bindings.
        package: Directory of the main package.
        module: Import path of the bindings.

    Raises:
        CheckError: A package that implements an export does not exist.
    """
    if "//go:wasmexport" not in _exports(generated):
        return False
    code = f'package main\n\nimport _ "{module}/{EXPORTS.parent.as_posix()}"\n'
    (package / "doit_wasm_exports.go").write_text(code, encoding="utf-8")
    add_packages(generated, package, module=module)
    return True


def _exports(generated: Path) -> str:
    file = generated / EXPORTS
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def add_packages(generated: Path, package: Path, *, module: str) -> None:
    """Complete the packages that implement exports by what is generated for their resources.

    Args:
        generated: Directory of the bindings.
        package: Directory of the main package.
        module: Import path of the bindings.

    Raises:
        CheckError: One of these packages does not exist.
    """
    text = _exports(generated)
    for place, name in _IMPORT.findall(text):
        theirs = generated / "exports" / name
        # Where bindings are committed, people may have written them among what is generated.
        own = theirs if place.startswith(f"{module}/") else package / name
        if not any(own.glob("*.go")):
            calls = sorted(set(re.findall(rf"\b{name}\.(\w+)\(", text)))
            raise CheckError(
                f"the package {place} does not exist",
                why=f"the world exports what it implements: {', '.join(calls)}",
                fix=f"write these functions in a file of the directory {own}",
            )
        if (
            theirs != own and theirs.is_dir()
        ):  # what is generated for a resource belongs to the package that has it
            shutil.copytree(theirs, own, dirs_exist_ok=True)


def link_flags(flags: Sequence[str]) -> list[str]:
    """Return *flags* with those for the linker joined to the ones that the runtime needs."""
    ours = "-checklinkname=0"
    theirs = [flag.partition("=")[2] for flag in flags if flag.startswith("-ldflags=")]
    others = [flag for flag in flags if not flag.startswith("-ldflags=")]
    return [*others, f"-ldflags={' '.join([ours, *theirs])}"]


def compile_component(args: argparse.Namespace) -> int:
    """Compile; return the exit code of the first command that failed, or 0."""
    add_runtime(args.go, args.runtime)
    exports = add_exports(args.gen, Path(args.main), args.module)
    kind, mode = ("reactor", ["-buildmode=c-shared"]) if exports else ("command", [])
    core, embedded = (args.out.with_suffix(end) for end in (".core.wasm", ".embedded.wasm"))
    root = Path(process.run([args.go, "env", "GOROOT"], env=os.environ).output.strip())
    overlay = write_overlay(root, _MEMORY)
    flags = ["-trimpath", f"-overlay={overlay}", *mode, *link_flags(args.flags)]
    code = explained([str(args.go), "build", *flags, "-o", str(core.absolute()), args.main])
    if code:
        return code
    world = (args.world / WORLD).read_text(encoding="utf-8").strip()
    tools = args.wasm_tools
    words = [tools, "component", "embed", args.world, "--world", world, core, "-o", embedded]
    process.run(words, env=os.environ)
    adapter = args.adapters / f"wasi_snapshot_preview1.{kind}.wasm"
    adapted = ["--adapt", f"wasi_snapshot_preview1={adapter}", "-o", args.out]
    process.run([tools, "component", "new", embedded, *adapted], env=os.environ)
    return 0


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.stock_go", description=__doc__)
    for name in ("go", "wasm_tools", "adapters", "runtime", "world", "gen"):
        parser.add_argument(name, type=Path)
    parser.add_argument("module", help="import path of GEN")
    parser.add_argument("main")
    parser.add_argument("out", type=Path)
    parser.add_argument("flags", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    return exit_code_of(lambda: compile_component(args))


if __name__ == "__main__":
    sys.exit(main())

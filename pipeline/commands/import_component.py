"""`doit-wasm import`: a project whose component has the world of one that exists."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.commands.scaffold_options import (
    CHOICE,
    DRY_RUN,
    LANGUAGE_FLAGS,
    NAME,
    begin,
    language_of,
)
from pipeline.commands.tool_command import DIRECTORY, StandaloneCommand, tool_files
from pipeline.scaffold.names import derived, name_of, require_name
from pipeline.scaffold.stubs import COMPILED, Order, stubs
from pipeline.scaffold.templates import Addition, Component, implementation, project
from pipeline.scaffold.wasm_file import WasmFile, require_component
from pipeline.scaffold.writing import reported, require_room
from pipeline.toolchain.install.installer import Installer

if TYPE_CHECKING:
    from typing import Any, ClassVar


class Import(StandaloneCommand):
    """Writes a project for the world of a component."""

    name: ClassVar[str | None] = "import"
    doc_purpose = "start a project that implements what an existing component exports"
    doc_usage = f"FILE.wasm [DIR] {CHOICE} [--name NAME] [--dry-run]"
    doc_description = (
        "Writes a project into DIR, as `init` does, with the WIT of a component and a stub for "
        "each function that it exports. `doit` builds and checks it; the stubs trap when they are "
        "called. Default for DIR: the name of FILE. Uses the pinned wasm-tools and wit-bindgen, "
        "and installs them if they are missing.\n"
        "Exit code: 2 if DIR is not empty, WIT cannot describe the component, no language is "
        "named or the name cannot be that of a component; 1 if FILE is not a component or "
        "something cannot be written."
    )
    cmd_options = (*LANGUAGE_FLAGS, NAME, DIRECTORY, DRY_RUN)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the project, or print what would be written."""
        usage, takes = "doit-wasm import FILE.wasm", "one file, a directory and one language"
        language = language_of(options, words, usage=usage, takes=takes, most=2)
        file = Path(words[0])
        root = Path(words[1] if words[1:] else derived(file.stem))
        require_component(file)
        with reported(root):
            require_room(root)
            component = Component(options["name"] or name_of(root), language)
            require_name(component.name)
        installer = Installer(tool_files(options))
        addition = imported(installer, file, component)
        with reported(root):
            begin(root, component.name, project(addition), dry=options["dry_run"])
        if not options["dry_run"]:
            sys.stdout.write(
                f"      and implement the stubs in {files.shown(root / component.name)}\n"
            )
        return 0


def imported(installer: Installer, path: Path, component: Component) -> Addition:
    """Return a component that exports what another does.

    Args:
        installer: Has wasm-tools and wit-bindgen.
        path: The other.
        component: The new one.

    Raises:
        PipelineError: It cannot be read, or a tool cannot be installed.
    """
    wasm_tools = installer.install("wasm-tools").executables["wasm-tools"]
    found = WasmFile.read(wasm_tools, path)
    generator = None
    if component.language in COMPILED:
        generator = installer.install("wit-bindgen").executables["wit-bindgen"]
    with tempfile.TemporaryDirectory() as scratch:
        wit = Path(scratch, "wit")
        texts = {f"wit/{name}": text for name, text in found.wit(wasm_tools, wit).items()}
        code = stubs(Order(component, found, wit, generator))
    texts |= {name: text.encode() for name, text in code.items()}
    named = {f"{component.name}/{name}": text for name, text in texts.items()}
    return implementation(component, named, found.exports, found.foreign)

"""The short code of each kind of failure, under which the documentation explains it.

The class of an error has a code. Where a class covers much, the module that raises the error says
which kind it is: a module has one job, so a new message needs no code of its own.
docs/troubleshooting.md has an entry for each code, and `doit-wasm help CODE` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final

PACKAGE: Final = "pipeline."

REFINED: Final = frozenset({"DW001", "DW002", "DW004", "DW014"})
"""The codes of classes that cover much: the module decides where it is in `MODULES`."""

MODULES: Final[Mapping[str, str]] = {
    # dodo.py, and the files of a project
    "engine.declaration": "DW101",
    "engine.declared": "DW123",
    "engine.edges": "DW102",
    "engine.imports": "DW103",
    "engine.kinds": "DW104",
    "engine.profile": "DW105",
    "rules.cargo_crate": "DW106",
    "rules.cargo_manifest": "DW106",
    "rules.cargo_shape": "DW106",
    "rules.cargo_workspace": "DW106",
    "rules.rust": "DW106",
    "rules.go": "DW107",
    "rules.go_manifest": "DW107",
    "rules.c": "DW108",
    "rules.sources": "DW108",
    "rules.compose": "DW109",
    "rules.check": "DW110",
    "rules.bindings": "DW111",
    "rules.generated": "DW111",
    "rules.launch": "DW112",
    "rules.prebuilt": "DW113",
    "rules.precompile": "DW114",
    "rules.toolchain": "DW115",
    "rules.wit": "DW116",
    "steps.wit_packages": "DW117",
    "rules.checksums": "DW118",
    "documents": "DW119",
    "files": "DW119",
    "settings": "DW120",
    "cluster": "DW122",
    "steps.cargo_lock": "DW121",
    # steps
    "engine.portable": "DW201",
    "engine.sandbox": "DW202",
    "engine.execute": "DW203",
    "engine.digests": "DW204",
    # what a step checks
    "steps.check_component": "DW211",
    "steps.check_wit": "DW212",
    "steps.component_items": "DW213",
    "steps.compose": "DW214",
    "steps.wac_document": "DW214",
    "steps.plug": "DW215",
    "steps.go_bindings": "DW216",
    "steps.unfit_names": "DW216",
    "steps.wit_world": "DW216",
    "steps.go_memory": "DW223",
    "steps.guard_hosts": "DW217",
    "steps.js_component": "DW218",
    "steps.js_exports": "DW218",
    "steps.python_component": "DW218",
    "steps.startup": "DW219",
    "steps.stock_go": "DW220",
    "steps.wasm_opt": "DW221",
    "rules.bindings_compare": "DW222",
    # tools
    "toolchain.spec": "DW301",
    "toolchain.install": "DW302",
    "toolchain.lock": "DW303",
    "toolchain.net.mirrors": "DW304",
    "toolchain.net.urls": "DW304",
    "toolchain.net.vendor": "DW305",
    "toolchain.pinning": "DW306",
    "toolchain.platform": "DW307",
    "toolchain.sources": "DW308",
    "toolchain.diagnose": "DW309",
    # checksums
    "checksums": "DW401",
    "checksums.watched": "DW402",
    "checksums.release_file": "DW403",
    "checksums.formats": "DW404",
    "commands.export": "DW404",
    "checksums.updater_runs": "DW405",
    # commands
    "commands": "DW501",
    "report.query.changed_files": "DW608",
    "commands.lock": "DW503",
    "commands.vendor": "DW504",
    "commands.follow": "DW505",
    "webhook": "DW506",
    "scaffold": "DW502",
    "testing": "DW507",
    "testing.component": "DW508",
}
"""Module or package, without `pipeline.` -> code. The longest name that fits decides."""


def refined(code: str, trace: TracebackType | None) -> str:
    """Return the code of an error.

    Args:
        code: That of its class.
        trace: Its traceback; the last frame is where it was raised.
    """
    return of_module(_module(trace), code) if trace and code in REFINED else code


def of_module(name: str, code: str) -> str:
    """Return the code of what the module *name* raises, or *code* if `MODULES` has none for it."""
    name = name.removeprefix(PACKAGE)
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return MODULES.get(name, code)


def see(code: str) -> str:
    """Return the command that explains *code*."""
    return f"doit-wasm help {code}"


def coded(text: str, code: str) -> str:
    """Return the *text* of an error of doit's classes with its code; one line stays one line."""
    return f"{text}\n  see:  {see(code)}" if "\n" in text else f"{text} (see: {see(code)})"


def _module(trace: TracebackType) -> str:
    while trace.tb_next:
        trace = trace.tb_next
    names = trace.tb_frame.f_globals
    spec = names.get("__spec__")  # what runs as `python -m MODULE` is called __main__
    return str(spec.name if spec else names.get("__name__", ""))

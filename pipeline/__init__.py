"""Rules for building multi-language WebAssembly components with doit.

All that a dodo.py needs is here; docs/reference/rules.md lists it.
"""

TYPE_CHECKING = False  # typing has it too, and takes as long to import as all else here
if TYPE_CHECKING:
    from pipeline import outputs
    from pipeline.config import doit_config
    from pipeline.engine.step import step
    from pipeline.engine.task import Task, groups
    from pipeline.engine.words import In, Out, Python, Root, Tool
    from pipeline.rules.bindings import check_bindings, rust_wit_bindgen
    from pipeline.rules.c import c_component
    from pipeline.rules.check import check
    from pipeline.rules.checksums import checksum_files
    from pipeline.rules.component_test import component_test
    from pipeline.rules.compose import compose
    from pipeline.rules.go import go_component, go_wit_bindgen
    from pipeline.rules.go_checks import go_lint, go_test
    from pipeline.rules.js import js_component
    from pipeline.rules.launch import run, serve
    from pipeline.rules.prebuilt import prebuilt_component
    from pipeline.rules.precompile import precompile
    from pipeline.rules.python import python_component
    from pipeline.rules.rust import rust_component, rust_workspace
    from pipeline.rules.rust_checks import rust_lint, rust_test
    from pipeline.rules.toolchain import toolchains
    from pipeline.rules.wit import wit_fetched, wit_package

__all__ = [
    "In",
    "Out",
    "Python",
    "Root",
    "Task",
    "Tool",
    "c_component",
    "check",
    "check_bindings",
    "checksum_files",
    "component_test",
    "compose",
    "doit_config",
    "go_component",
    "go_lint",
    "go_test",
    "go_wit_bindgen",
    "groups",
    "js_component",
    "outputs",
    "prebuilt_component",
    "precompile",
    "python_component",
    "run",
    "rust_component",
    "rust_lint",
    "rust_test",
    "rust_wit_bindgen",
    "rust_workspace",
    "serve",
    "step",
    "toolchains",
    "wit_fetched",
    "wit_package",
]

_HOMES = {
    "pipeline.engine.words": ("In", "Out", "Python", "Root", "Tool"),
    "pipeline.config": ("doit_config",),
    "pipeline.engine.task": ("Task", "groups"),
    "pipeline.engine.step": ("step",),
    "pipeline.rules.c": ("c_component",),
    "pipeline.rules.check": ("check",),
    "pipeline.rules.checksums": ("checksum_files",),
    "pipeline.rules.bindings": ("check_bindings", "rust_wit_bindgen"),
    "pipeline.rules.component_test": ("component_test",),
    "pipeline.rules.compose": ("compose",),
    "pipeline.rules.go": ("go_component", "go_wit_bindgen"),
    "pipeline.rules.go_checks": ("go_lint", "go_test"),
    "pipeline.rules.js": ("js_component",),
    "pipeline.rules.launch": ("run", "serve"),
    "pipeline.rules.prebuilt": ("prebuilt_component",),
    "pipeline.rules.precompile": ("precompile",),
    "pipeline.rules.python": ("python_component",),
    "pipeline.rules.rust": ("rust_component", "rust_workspace"),
    "pipeline.rules.rust_checks": ("rust_lint", "rust_test"),
    "pipeline.rules.toolchain": ("toolchains",),
    "pipeline.rules.wit": ("wit_fetched", "wit_package"),
}


def __getattr__(name: str) -> object:
    """Import a rule when it is first used, so that a start of doit pays only for what it uses."""
    import gc
    from importlib import import_module

    collects = gc.isenabled()
    gc.disable()  # what is imported stays: a collector would find nothing in it
    try:
        if name == "outputs":
            return import_module("pipeline.outputs")
        for home, names in _HOMES.items():
            if name in names:
                found: object = getattr(import_module(home), name)
                return found
    finally:
        if collects:
            gc.enable()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

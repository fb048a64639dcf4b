"""Rules for building multi-language WebAssembly components with doit."""

from pipeline.engine.command import In, Out, Python, Root, Tool
from pipeline.engine.config import doit_config
from pipeline.engine.declare import groups
from pipeline.engine.step import step
from pipeline.rules.compose import check, compose
from pipeline.rules.go import go_component
from pipeline.rules.rust import rust_component, rust_workspace
from pipeline.rules.toolchain import toolchains
from pipeline.rules.wit import wit_fetched, wit_package

__all__ = [
    "In",
    "Out",
    "Python",
    "Root",
    "Tool",
    "check",
    "compose",
    "doit_config",
    "go_component",
    "groups",
    "rust_component",
    "rust_workspace",
    "step",
    "toolchains",
    "wit_fetched",
    "wit_package",
]

"""Parts that do nothing, made of WIT alone: the quickest components there are."""

import shutil
from collections.abc import Mapping

from pipeline.testing.project import Project
from workshop import REPOSITORY

DODO = """
from pipeline import *
DOIT_CONFIG = doit_config(default_tasks=["check:app"])
def part(name):
    core = f"build/core/{{name}}.wasm"
    dummy = ("component", "embed", "--dummy", "--world", "part")
    made = Out(f"build/component/{{name}}.wasm")
    yield step(f"core:{{name}}", doc="Embed",
        argv=[Tool("wasm-tools"), *dummy, In(f"wit/{{name}}"), "-o", Out(core)])
    yield step(f"component:{{name}}", doc="Componentize",
        argv=[Tool("wasm-tools"), "component", "new", In(core), "-o", made])
def task_all():
    yield from toolchains("toolchains")
    for name in {parts}:
        yield from part(name)
{body}
"""


def dummies(project: Project, worlds: Mapping[str, str], body: str) -> None:
    """Write WIT and a dodo.py that makes a component of each world.

    Args:
        project: Where.
        worlds: What is in the world `part` of each component, then packages that it refers to,
            each after a line `--`.
        body: What the dodo.py also declares, a line each.
    """
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains", dirs_exist_ok=True)
    for name, text in worlds.items():
        world, *packages = text.split("--\n")
        project.write(f"wit/{name}/w.wit", f"package dummy:dummy;\nworld part {{\n{world}}}\n")
        for number, package in enumerate(packages):
            project.write(f"wit/{name}/deps/{number}.wit", package)
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    project.write("dodo.py", DODO.format(parts=list(worlds), body=lines))

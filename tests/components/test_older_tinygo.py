"""A project may stay with the older TinyGo; its build takes minutes where the store lacks it."""

from pathlib import Path

import pytest

from conftest import STORE
from pipeline.testing.project import Project
from workshop import copy_repository


@pytest.mark.soak
def test_the_older_tinygo_compiles_a_component(tmp_path: Path) -> None:
    made: Project = copy_repository(tmp_path, STORE)
    ours = "yield from toolchains()"
    dodo = made.read("dodo.py")
    assert ours in dodo
    older = 'yield from toolchains(instead={"tinygo": "tinygo-0.38"})'
    made.write("dodo.py", dodo.replace(ours, older))
    run = made.doit("component:hello-go")
    assert run.code == 0, run.text
    assert '"version": "0.38.0"' in made.read("build/toolchain/tinygo.json")
    assert (made.root / "build/component/hello-go.wasm").read_bytes().startswith(b"\0asm")

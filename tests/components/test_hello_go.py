"""The smallest component does what its world says, under a real runtime."""

import json

import pytest

from pipeline import process
from pipeline.testing.project import Project


@pytest.mark.parametrize("name", ["Ada", "", "Grüße 🌍", "x" * 70_000])
def test_it_greets(workshop: Project, name: str) -> None:
    stamp = json.loads(workshop.read("build/toolchain/wasmtime.json"))
    call = f"greet({json.dumps(name, ensure_ascii=False)})"
    component = workshop.root / "build/component/hello-go.wasm"
    words = [stamp["executables"]["wasmtime"], "run", "--invoke", call, component]
    assert process.run(words).output.strip() == json.dumps(f"Hello, {name}!", ensure_ascii=False)

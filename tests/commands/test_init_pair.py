"""`doit-wasm init` with two languages: the second calls what the first implements."""

from pathlib import Path

import pytest

from commands.scaffolding import init, snapshot
from conftest import STORE
from pipeline.scaffold.templates import pair
from pipeline.testing.project import Project

PAIRS = [
    ("go", "rust"),
    ("c", "js"),
    *(
        pytest.param(*each, marks=pytest.mark.soak)
        for each in (("rust", "c"), ("js", "python"), ("python", "go"))
    ),
]
"""Each language in each role; CPython takes half a minute in each."""


@pytest.mark.registry
@pytest.mark.parametrize(("greeter", "caller"), PAIRS)
def test_the_second_language_calls_the_first(tmp_path: Path, greeter: str, caller: str) -> None:
    run = init(tmp_path, "my_app", f"--{greeter}", f"--{caller}")
    assert (run.returncode, run.stderr) == (0, "")
    project = Project(tmp_path / "my_app", {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"})
    dodo = project.read("dodo.py")
    assert '"greeter", path="greeter"' in dodo.split("def task_caller")[0]
    built = project.doit()
    assert built.code == 0, built.text
    assert {"component:greeter", "component:caller", "test:my-app"} < set(built.executed)
    assert project.doit().executed == []


def test_the_order_decides_who_calls(tmp_path: Path) -> None:
    for first, second in (("rust", "go"), ("go", "rust")):
        run = init(tmp_path, first, f"--{first}", "--name", "app", f"--{second}")
        assert run.returncode == 0
        written = {name for name, text in snapshot(tmp_path / first).items() if text is not None}
        assert written == {*pair("app", first, second)}
        manifest = {"rust": "Cargo.toml", "go": "go.mod"}
        assert f"greeter/{manifest[first]}" in written
        assert f"caller/{manifest[second]}" in written


def test_an_application_is_not_called_as_its_component(tmp_path: Path) -> None:
    for name in ("greeter", "caller"):
        run = init(tmp_path, name, "--c", "--js")
        assert run.returncode == 2
        assert f"{name} cannot be the name of the application: one of its components" in run.stderr
    assert snapshot(tmp_path) == {}

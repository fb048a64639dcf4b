"""Where the store is: one place for a project, and one that PATH can name."""

from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.settings import store_root
from pipeline.testing.project import Project

DODO = """
from pipeline import doit_config, step
DOIT_CONFIG = doit_config()
def task_all():
    yield step("s", doc="d", argv=["echo", "x"])
"""


def test_a_relative_store_is_the_same_from_every_directory_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p/below/deep").mkdir(parents=True)
    (tmp_path / "p/dodo.py").write_text("")
    monkeypatch.setenv("DOIT_WASM_STORE", "kept/store")
    for place in ("p", "p/below", "p/below/deep"):
        monkeypatch.chdir(tmp_path / place)
        assert store_root() == tmp_path / "p/kept/store"
    monkeypatch.chdir(tmp_path)
    assert store_root() == tmp_path / "kept/store"


def test_a_relative_store_is_made_once(tmp_path: Path) -> None:
    made = Project(tmp_path, {"DOIT_WASM_STORE": "st"})
    made.write("dodo.py", DODO)
    made.write("below/file", "")
    assert made.doit().code == 0
    assert Project(tmp_path / "below", made.env).doit("-k", "-a").code == 0
    assert sorted(tmp_path.rglob("st")) == [tmp_path / "st"]


@pytest.mark.parametrize("variable", ["DOIT_WASM_STORE", "XDG_CACHE_HOME"])
def test_a_store_that_path_cannot_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("DOIT_WASM_STORE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "a:b"))
    with pytest.raises(StoreError, match="PATH will name directories in it"):
        store_root()
    made = Project(tmp_path / "p")
    made.write("dodo.py", DODO)
    for command in ((), ("store",)):
        run = made.doit(*command)
        assert run.code != 0
        assert "the store cannot be" in run.text
        assert "Traceback" not in run.text

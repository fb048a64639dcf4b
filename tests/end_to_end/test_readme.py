"""What the README shows works as it stands."""

import re
from pathlib import Path

from pipeline.testing.project import Project
from workshop import REPOSITORY, copy_repository

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_dodo_file_of_the_readme_builds_a_composition(
    workshop: Project, built: Path, tmp_path: Path
) -> None:
    store = workshop.env["DOIT_WASM_STORE"]
    author = copy_repository(tmp_path / "author", store, cached=True)
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    author.write("dodo.py", found.group(1))
    run = author.doit()
    assert run.code == 0, run.text
    composed = (author.root / "build/app.wasm").read_bytes()
    assert composed == (built / "updater.wasm").read_bytes()


def test_each_command_line_of_the_readme_is_one_that_a_gate_can_find() -> None:
    for mark in ("main", "tests"):
        (line,) = re.findall(rf"<!-- {mark} -->\n```sh\n(.*?)\n```", README)
        assert line.startswith("python3 -m venv")

"""docs/howto/test-components.md: what it shows works as it is written there."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from component_test.sample import APP_WAT, APP_WIT, CALC_WIT, COUNTERS_WAT, COUNTERS_WIT
from pipeline import process
from workshop import REPOSITORY

PAGE = (REPOSITORY / "docs/howto/test-components.md").read_text(encoding="utf-8")

PARTS = """
from pipeline import In, Out, doit_config, step

DOIT_CONFIG = doit_config()


def task_parts():
    for name in ("calc", "app", "counters", "tool"):
        yield step(f"component:{name}", doc="Copy", argv=["cp", In(f"{name}.wasm"),
            Out(f"build/component/{name}.wasm")])
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_page_shows_what_works(
    calc_file: Path, probe_file: Path, build: Callable[..., Path], tmp_path: Path
) -> None:
    files = {
        "calc": calc_file,
        "app": build(APP_WIT, APP_WAT, "app"),
        "counters": build(COUNTERS_WIT, COUNTERS_WAT),
        "tool": probe_file,
    }
    for name, file in files.items():
        shutil.copy(file, tmp_path / f"{name}.wasm")
    conftest, *codes = blocks("python")
    (rule,) = (code for code in codes if "component_test" in code)
    (tmp_path / "dodo.py").write_text(PARTS + rule)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text(conftest)
    (tests / "calc.wave").write_text(*blocks("wave"))
    codes.remove(rule)
    for number, code in enumerate(codes):
        (tests / f"test_{number}.py").write_text(code)
    argv = [sys.executable, "-m", "pytest", "--update-snapshots", "-p", "no:cacheprovider"]
    output = process.run(argv, cwd=tmp_path, env=os.environ).output
    assert "14 passed" in output
    names = re.findall(r"def test_\w+", "\n".join(codes))
    assert len(names) + len(re.findall(r"^\w", *blocks("wave"), re.MULTILINE)) == 14


def test_the_page_shows_the_interface_of_its_example() -> None:
    (shown,) = blocks("wit")
    have = [line.strip() for line in CALC_WIT.split("\n")]
    assert [line.strip() for line in shown.split("\n") if line.strip() not in have] == []

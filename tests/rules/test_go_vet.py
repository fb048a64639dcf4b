"""Vet looks at what people have written, and not at generated bindings."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GO = shutil.which("go") or "go"
BINDINGS = 'package gen\n\ntype Params struct {\n\ttool string `json:"tool"`\n}\n'
FINE = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("fine") }\n'
WRONG = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Printf("%d\\n", "text") }\n'


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "internal/gen").mkdir(parents=True)
    (tmp_path / "go.mod").write_text("module example.test/m\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text(FINE)
    (tmp_path / "internal/gen/gen.go").write_text(BINDINGS)
    return tmp_path


def vet(module: Path, bindings: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pipeline.steps.go_vet", GO, bindings]
    return subprocess.run(words, cwd=module, capture_output=True, text=True, check=False)


def test_generated_bindings_are_left_out(module: Path) -> None:
    done = vet(module, "internal/gen")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "not exported" in vet(module, "elsewhere").stderr


def test_what_is_wrong_in_the_module_fails_and_is_named(module: Path) -> None:
    (module / "main.go").write_text(WRONG)
    done = vet(module, "internal/gen")
    assert done.returncode == 1
    assert "main.go:5" in done.stderr
    assert "Traceback" not in done.stderr

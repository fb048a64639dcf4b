"""Nobody removes a tool while a step runs it."""

import json
import subprocess
import sys
from pathlib import Path

from engine.compiler import project_at
from engine.test_lock import Background, wait_for
from pipeline.in_use import unused, using
from pipeline.testing.project import Project


def test_a_directory_is_unused_once_nobody_uses_it(tmp_path: Path) -> None:
    with using([tmp_path]), using([tmp_path]), unused(tmp_path) as free:
        assert not free
    with unused(tmp_path) as free:
        assert free


def gc(project: Project) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "store", "--gc"], cwd=project.root,
        env=project.environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_gc_leaves_the_tools_of_a_running_step_and_what_these_run(tmp_path: Path) -> None:
    store = tmp_path / "store"
    script = "touch ../../../began; while [ ! -e ../../../go ]; do sleep 0.02; done"
    made = project_at(
        tmp_path / "a",
        tmp_path / "marks",
        f"step('s', doc='d', argv=[Tool('t'), '-c', {script!r}])",
    )
    made = Project(made.root, {"DOIT_WASM_STORE": str(store)})
    entries = {
        name: store / f"tools/{name}-1-0123456789abcdef" for name in ("t", "needed", "other")
    }
    for entry in entries.values():
        (entry / "tree/bin").mkdir(parents=True)
    (entries["t"] / "tree/bin/t").symlink_to("/bin/sh")
    stamp = {
        "name": "t", "version": "1", "source": "test", "digest": "d",
        "root": str(entries["t"] / "tree"),
        "executables": {"t": str(entries["t"] / "tree/bin/t")},
        "path": [str(entries[name] / "tree/bin") for name in ("t", "needed")],
        "env": {},
    }  # fmt: skip
    made.write("build/toolchain/t.json", json.dumps(stamp))
    made.write(
        "dodo.py", made.read("dodo.py") + "    yield {'basename': 'toolchain:t', 'actions': None}\n"
    )
    run = Background(made)
    wait_for((made.root / "began").exists)
    output = gc(made)
    assert [name for name, entry in entries.items() if entry.exists()] == ["t", "needed"]
    assert f"{entries['t'].name} stays: a step that runs uses it" in output
    assert "1 entries" in output
    made.write("go", "")
    assert run.end()[0] == 0
    gc(made)
    assert [name for name, entry in entries.items() if entry.exists()] == []

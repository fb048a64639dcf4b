"""The examples do what their pages show: each command is run, each line of output is found."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import STORE
from workshop import REPOSITORY

EXAMPLES = REPOSITORY / "docs/examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
BUILT = [name for name in NAMES if name != "updater"]  # the README's test builds that one
FENCED = re.compile(r"^```(sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"\b80\d\d\b")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def copied(name: str, to: Path) -> str:
    """Copy an example with ports that are free; return its page."""
    made = {"build", "gen", "target", "bindings.rs"}
    shutil.copytree(EXAMPLES / name, to, ignore=lambda _, names: made.intersection(names))
    files = [to / "README.md", to / "dodo.py"]
    texts = [file.read_text(encoding="utf-8") for file in files]
    ports = {port: free_port() for port in PORT.findall("".join(texts))}
    for file, text in zip(files, texts, strict=True):
        file.write_text(PORT.sub(lambda port: ports[port[0]], text), encoding="utf-8")
    return files[0].read_text(encoding="utf-8")


def run(block: str, cwd: Path) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=cwd, env={**os.environ, "PATH": path, **ours}, text=True, timeout=900,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def require_shown(shown: str, output: str) -> None:
    """Require the lines of a page in an output, in their order; their ends may be left out."""
    lines = iter(output.splitlines())
    for wanted in shown.splitlines():
        assert any(line.startswith(wanted) for line in lines), f"no {wanted!r} in:\n{output}"


@pytest.mark.registry
@pytest.mark.parametrize("name", BUILT)
def test_an_example_does_what_its_page_shows(tmp_path: Path, name: str) -> None:
    place = tmp_path / "Übung eins" / name
    blocks = FENCED.findall(copied(name, place))
    assert [kind for kind, _ in blocks] == ["sh", "console"] * (len(blocks) // 2)
    assert blocks
    for (_, commands), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True):
        require_shown(shown, run(commands, place))
    assert not re.search(r"^[.=]  ", run("doit", place), re.MULTILINE)  # it has nothing to do


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_one_page_and_is_listed(name: str) -> None:
    page = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    assert len(page.splitlines()) <= 60
    assert f"]({name}/README.md)" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert (EXAMPLES / name / "dodo.py").is_file() == (name in BUILT)


def test_what_a_page_shows_must_be_there() -> None:
    require_shown("a\nc", "a 1\nb\nc\n")
    for shown in ("b\na", "d"):
        with pytest.raises(AssertionError, match=f"no '{shown[-1]}' in"):
            require_shown(shown, "a\nb\n")

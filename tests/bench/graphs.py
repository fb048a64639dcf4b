"""One graph in four languages: steps that copy a file each, in chains of ten."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CHAIN = 10

OURS = """
from pipeline import In, Out, doit_config, step

DOIT_CONFIG = doit_config()

def task_all():
    for number in range({size}):
        before = [f"out/{{number - 1}}"] if number % {chain} else []
        yield step(
            f"copy:{{number}}",
            doc="Copy a file",
            argv=["cp", In(f"src/{{number}}"), Out(f"out/{{number}}")],
            inputs=before,
        )
"""

PLAIN = """
def task_copy():
    for number in range({size}):
        before = [f"out/{{number - 1}}"] if number % {chain} else []
        yield {{
            "name": str(number),
            "doc": "Copy a file",
            "actions": [["cp", f"src/{{number}}", f"out/{{number}}"]],
            "file_dep": [f"src/{{number}}", *before],
            "targets": [f"out/{{number}}"],
        }}
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """What runs a graph.

    Attributes:
        name: As the table has it.
        argv: The command that brings everything up to date, one step at a time.
        file: The file that it reads.
    """

    name: str
    argv: Sequence[str]
    file: str


def tools() -> list[Tool]:
    """Return ours, plain doit, and those of make and ninja that are installed."""
    doit = [sys.executable, "-m", "doit"]
    found = [Tool("ours", doit, "dodo.py"), Tool("plain doit", doit, "dodo.py")]
    if make := shutil.which("make"):
        found.append(Tool("make", [make, "-rRs"], "Makefile"))
    if ninja := shutil.which("ninja"):
        found.append(Tool("ninja", [ninja, "-j1"], "build.ninja"))
    return found


def write(tool: Tool, size: int, root: Path) -> None:
    """Write the graph of *size* steps, and what it reads, for one tool."""
    (root / "out").mkdir(parents=True)
    (root / "src").mkdir()
    edit(size, root, "first")
    texts = {
        "ours": OURS.format(size=size, chain=CHAIN),
        "make": _make(size),
        "ninja": _ninja(size),
    }
    text = texts.get(tool.name, PLAIN.format(size=size, chain=CHAIN))
    (root / tool.file).write_text(text, encoding="utf-8")


def edit(size: int, root: Path, text: str) -> None:
    """Give every source a content of its own that it did not have before."""
    for number in range(size):
        (root / f"src/{number}").write_text(f"{text} {number}\n" * 50, encoding="utf-8")


def _edges(size: int) -> Iterator[tuple[str, str, str]]:
    for number in range(size):
        yield f"out/{number}", f"src/{number}", f"out/{number - 1}" if number % CHAIN else ""


def _make(size: int) -> str:
    rules = [f"{out}: {src} {before}\n\tcp {src} {out}\n" for out, src, before in _edges(size)]
    return "all: " + " ".join(out for out, _, _ in _edges(size)) + "\n" + "".join(rules)


def _ninja(size: int) -> str:
    builds = [f"build {out}: copy {src} | {before}\n" for out, src, before in _edges(size)]
    return "rule copy\n  command = cp $in $out\n" + "".join(builds)

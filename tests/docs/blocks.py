"""The blocks of a page: what they are, and how a page is run as its reader would run it.

In the order of the page, in one shell and one directory that was empty before:

- a block after a line such as "`dodo.py`:" is that file;
- `sh` is run, and must succeed;
- `console` is what the last block has printed, or a transcript: `$ COMMAND` and what it prints. Its
  lines must occur in order; `…` stands for anything, and the end of a line may be left out;
- `python`, `toml`, `yaml` and `json` must also be right by themselves.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

import pipeline
from conftest import STORE

COMMANDS = re.compile(
    r"^\s*(\$ |(doit|doit-wasm|checksum-updater|python3?|pip|cargo|go|wasmtime|export|cd|umask) )",
    re.MULTILINE,
)
NOT_RUN = {"", "text", "mermaid"}
"""Languages of blocks that hold neither code nor commands."""


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Attributes:
        language: What the page says it is; `indented` for an indented block of commands.
        text: Its lines.
        file: The file that it is, or "".
    """

    language: str
    text: str
    file: str

    @property
    def first(self) -> str:
        """Its first line, by which it is named."""
        return self.text.strip().partition("\n")[0].strip()


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page that hold code or commands."""
    before = ""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "inline":
            before = token.content
        elif token.type == "fence":
            named = re.match(r"`([^`]+)`[^`]*:$", before)
            if not token.info.startswith("{") and token.info not in NOT_RUN:
                yield Block(token.info, token.content, named[1] if named else "")
            before = ""
        elif token.type == "code_block" and COMMANDS.search(token.content):
            yield Block("indented", token.content, "")


def script(block: Block) -> str:
    """Return the shell commands that a reader of *block* would run."""
    if block.file:
        place = shlex.quote(block.file)
        run = f"chmod +x {place}\n" if block.text.startswith("#!") else ""
        folder = shlex.quote(os.path.dirname(block.file) or ".")  # noqa: PTH120 - keeps `a/../b`
        return f"mkdir -p {folder}\ncat >{place} <<'END_OF_BLOCK'\n{block.text}END_OF_BLOCK\n{run}"
    if block.language == "sh":
        return block.text
    if block.language == "console":
        typed = re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)
        return "".join(f"{{ {line}\n}} || true\n" for line in typed)
    return ""


def run(found: Sequence[Block], root: Path) -> dict[Block, str]:
    """Run blocks in one shell; return what each printed.

    Raises:
        AssertionError: A command of `sh` failed.
    """
    lines = ["set -euo pipefail"]
    for number, block in enumerate(found):
        if code := script(block):
            lines += [f"exec >{root}/{number}.out 2>&1", code]
    (root / "page").mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = {"PATH": path, "DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=root / "page", env={**os.environ, **ours}, timeout=900,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    outputs = {number: root / f"{number}.out" for number in range(len(found))}
    texts = {
        number: file.read_text(encoding="utf-8") if file.exists() else ""
        for number, file in outputs.items()
    }
    assert done.returncode == 0, "\n".join(texts.values())
    return {block: texts[number] for number, block in enumerate(found)}


def require_printed(shown: str, printed: str) -> None:
    """Require the lines that a page shows in what was printed, in their order."""
    rest = iter(printed.splitlines())
    for line in shown.splitlines():
        if line.strip() != "…" and not line.startswith("$ "):
            pattern = ".*".join(map(re.escape, line.split("…")))
            # How long it takes differs, and so do the digits of addresses in a trace.
            pattern = re.sub(r"\d+\\\.\d s\b", r"\\d+\\.\\d s", pattern)
            assert any(re.match(pattern, one) for one in rest), f"no {line!r} in:\n{printed}"


def require_right(block: Block) -> None:
    """Require that a block is right: it parses, and its calls fit our functions."""
    match block.language:
        case "toml":
            tomllib.loads(block.text)
        case "yaml":
            yaml.safe_load(block.text)
        case "json":
            json.loads(re.sub(r"<[^>]*>", "", block.text))
        case "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    _require_call(node.func.id, node)


def _require_call(name: str, call: ast.Call) -> None:
    spread = any(isinstance(one, ast.Starred) for one in call.args)
    if name in pipeline.__all__ and not spread and all(one.arg for one in call.keywords):
        words = {str(one.arg): None for one in call.keywords}
        inspect.signature(getattr(pipeline, name)).bind(*call.args, **words)

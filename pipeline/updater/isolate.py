"""Run each tool in an instance of its own after a trap in an instance that ran several tools.

A trap ends the whole component, and nothing of what it was about to report is left. Tool files are
replaced whole or not at all, so everything can be done again: what the first instance has recorded
is `current` now. The tool that traps by itself as well is the one at fault.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline import documents, process
from pipeline.error_codes import coded
from pipeline.updater.child import TRAPPED
from pipeline.updater.line import Line

Document = dict[str, Any]

URGENCY = (0, 3, 5, 1, 2, 4)
"""Exit codes: where several hold, the last of these is taken."""
_HELP = "report this, with the table of the tool in tools.toml; its file is as it was"
_VERBS = {"update": "update", "poll": "poll"}


def run_each(line: Line, words: Callable[[Line], Sequence[str]]) -> int:
    """Do what *line* asks for, one tool at a time, and return the exit code.

    Args:
        line: A command over some tools; an instance that ran it has trapped.
        words: Returns the command that runs a line.

    Raises:
        PipelineError: The tools cannot be listed, or the updater cannot be started.
    """
    sys.stderr.write("the updater ended unexpectedly; now each tool is run by itself\n")
    codes, texts, trapped = [0], [], []
    for name in _tools(line):
        alone = _alone(line, name)
        done = process.run(words(alone), env=os.environ, codes=range(256), apart=True)
        if done.code == TRAPPED:
            codes.append(1)
            trapped.append(name)
            texts += [_line(name, line)] * (line.command == "poll")
            reason = _reason(done.errors)
            verb = _VERBS.get(line.command, "check")
            what = f"cannot {verb} {name}: the updater ended unexpectedly\n  {reason}"
            sys.stderr.write(coded(f"error: {what}\n  help: {_HELP}", "DW420") + "\n")
        else:
            codes.append(done.code)
            texts.append(done.output)
            sys.stderr.write(done.errors)
    code = max(codes, key=lambda each: URGENCY.index(each) if each in URGENCY else 3)
    if line.command == "poll":
        sys.stdout.write("".join(texts))
    elif "--json" in line.options:
        whole = _merged([json.loads(text) for text in texts if text], line, trapped, code)
        sys.stdout.write(json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_table(texts, trapped))
    return code


def _alone(line: Line, name: str) -> Line:
    """Return the command line of one tool."""
    places = [f"--dir={line.directory}", *[f"--releases={line.releases}"] * bool(line.releases)]
    return Line([line.command, *line.options, *places, name])


def _line(name: str, line: Line) -> str:
    """Return the line that a poll prints about a tool that traps."""
    return json.dumps(_failed(name, line), sort_keys=True, ensure_ascii=False) + "\n"


def _tools(line: Line) -> list[str]:
    """Return the tools that a command is about, each once."""
    if line.tools:
        return list(dict.fromkeys(line.tools))
    directory = Path(line.directory)
    if line.command == "validate":
        return sorted(path.stem for path in (directory / "tools").glob("*.json"))
    return sorted(documents.read_toml(directory / "tools.toml"))


def _reason(errors: str) -> str:
    """Return the runtime's message about a trap, without the stack."""
    named = [text.strip() for text in errors.splitlines() if "wasm trap" in text]
    return re.sub(r"^\d+: ", "", named[-1]) if named else "the runtime does not say why"


def _merged(parts: list[Document], line: Line, trapped: list[str], code: int) -> Document:
    """Return the document of all tools, given those of each."""
    whole: Document = {"command": line.command, "problems": [], "tools": []}
    if line.command != "validate":
        whole |= {"left": [], "run_again_at": None}
    if line.command == "update":
        whole["dry_run"] = "--dry-run" in line.options
    for part in parts:
        for key in ("problems", "tools", "left"):
            whole.setdefault(key, []).extend(part.get(key, []))
        times = [each for each in (whole.get("run_again_at"), part.get("run_again_at")) if each]
        if "run_again_at" in whole:
            whole["run_again_at"] = max(times, default=None)
    if line.command == "validate":
        del whole["left"]
    whole["tools"] += [_failed(name, line) for name in trapped]
    return whole | {"exit_code": code}


def _failed(name: str, line: Line) -> Document:
    """Return what a document says of a tool that traps."""
    problem = {"kind": "trap", "text": "the updater ended unexpectedly"}
    if line.command == "validate":
        return {
            "tool": name,
            "valid": False,
            "canonical": False,
            "problem": problem,
            "online": None,
        }
    numbers = dict.fromkeys(("assets", "bytes", "compared"), 0)
    unknown = dict.fromkeys(("before", "after", "latest"))
    lists: Document = {"changes": [], "notes": []}
    return {"tool": name, "state": "failed", "problem": problem, **numbers, **unknown, **lists}


def _table(texts: list[str], trapped: list[str]) -> str:
    """Return the table of all tools, given those of each: cells are two spaces or more apart."""
    tables = [[re.split(r" {2,}", row) for row in text.splitlines()] for text in texts if text]
    rows = [*(tables[0][:1] if tables else []), *(row for table in tables for row in table[1:])]
    width = len(rows[0]) if rows else 2
    rows += [[name, "failed", *["-"] * (width - 2)] for name in trapped]
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(width)]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=False)) for row in rows)
    return "".join(f"{text.rstrip()}\n" for text in lines)

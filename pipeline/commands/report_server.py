"""`doit-wasm report --serve`: the page on loopback, made anew when what it shows has changed.

Each page is made by a process of its own, which reads the current dodo.py and leaves no state to
the next one. This process has loaded none.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from pipeline import files, process
from pipeline.errors import PipelineError
from pipeline.report.page.server import Live, Made, Server

PAGE = "page.html"
SOURCES = "sources.json"


class ReportFailedError(PipelineError):
    """The page could not be made."""

    exit_code: ClassVar[int] = 3


def serve(words: Sequence[str]) -> int:
    """Serve the page until Ctrl-C or SIGTERM.

    Args:
        words: The words of `doit-wasm report`, without `--serve`.

    Returns:
        The exit code.

    Raises:
        PipelineError: The first page cannot be made; errors in later ones are shown on the page.
    """
    # Termination ends the command as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Server(Live(partial(_make, words, Path.cwd()))) as server:
            sys.stdout.write(f"{server.url} shows the report, Ctrl-C ends\n")
            sys.stdout.flush()
            server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


def _make(words: Sequence[str], directory: Path) -> Made:
    with files.scratch(Path(tempfile.gettempdir()), "doit-wasm") as scratch:
        options = ["--served", str(scratch)]
        argv = [sys.executable, "-m", "pipeline", "report", *options, *words]
        done = process.run(argv, cwd=directory, env=os.environ.copy(), codes=range(256), apart=True)
        if done.code:
            said = (done.errors or done.output).strip().removeprefix("ERROR: ")
            raise ReportFailedError(said or f"`doit-wasm report` ended with code {done.code}")
        sources = json.loads((scratch / SOURCES).read_text(encoding="utf-8"))
        return Made((scratch / PAGE).read_bytes(), sources)

"""Commands of `doit-wasm` in this process: a new one for each would take most of the time."""

import io
import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from pipeline.commands.tool_command import StandaloneCommand
from pipeline.process import sigpipe

Done = subprocess.CompletedProcess[str]


def run(command: type[StandaloneCommand], root: Path, *words: str) -> Done:
    """Run a command in a directory, as its process does but for the handling of closed pipes."""
    out, err = io.StringIO(), io.StringIO()
    with (
        chdir(root),
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(sigpipe, "end_quietly"),
    ):
        code = command().parse_execute(list(words))
    return Done(words, code, out.getvalue(), err.getvalue())

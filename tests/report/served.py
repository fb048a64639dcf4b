"""A running `doit-wasm report --serve`."""

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pipeline.testing.project import Project

END = " shows the report, Ctrl-C ends\n"


class Served:
    """A report that is served.

    Attributes:
        process: The command.
        url: Where the page is.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.endswith(END), line
        self.url = line.removesuffix(END)

    def get(self, path: str = "", headers: Mapping[str, str] | None = None) -> str:
        """Return what is at *path*."""
        request = urllib.request.Request(f"{self.url}{path}", headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def state(self) -> dict[str, str]:
        """Return what the page asks for."""
        found: dict[str, str] = json.loads(self.get("state"))
        return found

    def wait(self, what: Callable[[dict[str, str]], bool], seconds: float = 20) -> dict[str, str]:
        """Ask as the page does until the state is as it should be; return it."""
        end = time.monotonic() + seconds
        while not what(state := self.state()):
            assert time.monotonic() < end, state
            time.sleep(0.1)
        return state

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it as Ctrl-C does; return its code and what it said on the way."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out + err


@contextmanager
def serving(project: Project, *words: str) -> Iterator[Served]:
    """Serve the report of a project."""
    with subprocess.Popen(
        project.command("report", "--serve", *words),
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Served(process)
        finally:
            process.kill()

"""`doit-wasm report --serve`: on loopback, up to date, and gone after a signal."""

import contextlib
import signal
import socket
import time
import urllib.error
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.testing.project import Project
from report.conftest import replace
from report.pages import Reader
from report.runs import make
from report.served import serving
from report.test_watch import watching


def test_the_page_follows_edits_and_runs(chain: Project) -> None:
    with serving(chain) as served:
        assert "Nothing is stale" in Reader(served.get()).text
        first = served.state()
        assert first["problem"] == ""
        time.sleep(0.7)
        assert served.state() == first  # nothing changed, so nothing was made
        chain.write("in.txt", "other\n")
        second = served.wait(lambda state: state["digest"] != first["digest"])
        assert "input in.txt changed" in Reader(served.get()).text
        chain.doit()
        served.wait(lambda state: state["digest"] != second["digest"])
        served.wait(lambda _: "Nothing is stale" in Reader(served.get()).text)


def test_a_broken_dodo_is_reported_and_the_last_page_stays(chain: Project) -> None:
    with serving(chain) as served:
        page = served.get()
        replace(chain, "cut -c1", "cut -c2")
        chain.write("dodo.py", chain.read("dodo.py") + "\n1 / 0\n")
        broken = served.wait(lambda state: state["problem"] != "")
        assert "ZeroDivisionError" in broken["problem"]
        assert "Traceback" not in broken["problem"]
        assert served.get() == page
        replace(chain, "\n1 / 0\n", "")
        served.wait(lambda state: state["problem"] == "")
        assert "command word 3 changed" in Reader(served.get()).text


def test_only_the_page_and_its_state_are_served_to_this_machine(chain: Project) -> None:
    with serving(chain) as served:
        parts = urlsplit(served.url)
        assert parts.hostname == "127.0.0.1"
        assert parts.port
        for host in ("evil.example", f"evil.example:{parts.port}", ""):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                served.get(headers={"Host": host})
        assert served.get(headers={"Host": f"localhost:{parts.port}"})
        for path in ("dodo.py", "../dodo.py", "state/", "%2e%2e/dodo.py"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                served.get(path)
        rules = [str(meta.get("content")) for meta in Reader(served.get()).all("meta")]
        assert any("connect-src 'self'" in rule for rule in rules)


def test_a_client_that_says_nothing_keeps_nobody_waiting(chain: Project) -> None:
    with serving(chain) as served:
        parts = urlsplit(served.url)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0))):
            assert served.get()
            assert served.end() == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_nothing_is_left(chain: Project, number: signal.Signals) -> None:
    with serving(chain) as served:
        chain.write("in.txt", "other\n")
        time.sleep(0.6)
        served.state()  # begins to make a page, which must not outlive the command
        end = time.monotonic() + 10
        while len(working_in(chain)) == 1:
            assert time.monotonic() < end
        assert served.end(number) == (0, "")
        assert working_in(chain) == set()


def working_in(project: Project) -> set[str]:
    """Return the processes that work in the directory of a project."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == project.root:
                found.add(process.name)
    return found


def test_the_page_follows_the_builds_of_watch(tmp_path: Path) -> None:
    made = make(
        tmp_path / "project",
        'sh("copy", "cat in.txt > out.txt", inputs=["in.txt"], outputs=[Out("out.txt")])',
    )
    made.write("in.txt", "one")
    with watching(made) as watched:
        watched.built(1)
        with serving(made) as served:
            first = served.state()
            made.write("in.txt", "two")
            watched.built(2)
            served.wait(lambda state: state["digest"] != first["digest"])
            served.wait(lambda _: "The last 2 runs that did something" in served.get())
            served.wait(lambda _: "Nothing is stale" in served.get())
            assert served.end() == (0, "")
        time.sleep(0.5)
        assert watched.builds == 2  # what the page reads and writes starts no build
        assert watched.end() == 0

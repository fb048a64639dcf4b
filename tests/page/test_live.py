"""`doit-wasm report --serve` in a browser: the page follows, and its reader keeps the place."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from page.browser import Browser, Tab
from pipeline.testing.project import Project
from report.served import serving

pytestmark = pytest.mark.registry  # the browser comes from one

DODO = """
from pipeline.config import doit_config
from pipeline.engine.step import step
from pipeline.engine.words import Out

DOIT_CONFIG = doit_config()

def task_all():
    yield step("copy", doc="d", argv=["sh", "-c", "cat in.txt > out.txt"],
        inputs=["in.txt"], outputs=[Out("out.txt")])
"""
NEWS = "document.getElementById('news').textContent"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project that has run."""
    made = Project(tmp_path / "project", {"DOIT_WASM_CACHE_BYTES": "0"})
    made.write("dodo.py", DODO)
    made.write("in.txt", "one")
    assert made.doit().code == 0
    return made


def wait(what: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_page_follows_and_keeps_what_its_reader_has_opened(
    browser: Browser, project: Project
) -> None:
    with serving(project) as served:
        tab = Tab(browser, height=400)
        tab.open(served.url)
        assert "Nothing is stale" in tab.do("document.body.textContent")
        tab.do("document.querySelector('#all-tasks').open = true")
        tab.do("document.querySelector('#all-tasks summary').scrollIntoView({behavior: 'instant'})")
        place = tab.do("scrollY")
        assert place > 0
        tab.do("document.querySelector('[data-filter]').value = 'copy'")
        tab.do("document.querySelector('[data-filter]').dispatchEvent(new Event('input'))")
        project.write("in.txt", "two")
        wait(lambda: "input in.txt changed" in tab.do("document.body.textContent"))
        assert tab.do("document.querySelector('#all-tasks').open")
        assert tab.do("document.querySelector('[data-filter]').value") == "copy"
        assert tab.do("document.querySelector('[data-count]').textContent") == "1 of 1"
        assert abs(tab.do("scrollY") - place) < 60  # a list of what is stale has come above
        project.write("dodo.py", DODO + "\n1 / 0\n")
        wait(lambda: "ZeroDivisionError" in tab.do(NEWS))
        project.write("dodo.py", DODO)
        wait(lambda: tab.do(NEWS) == "")
        assert tab.said() == []
        assert {url.removeprefix(served.url) for url in tab.requests()} == {"", "state"}
        assert served.end() == (0, "")
        wait(lambda: "no longer kept up to date" in tab.do(NEWS))

"""A browser, and reports for it to show."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import STORE
from page import samples
from page.browser import Browser, Tab, remove, unpack
from page.tools import tool
from pipeline.report.page.html import html
from pipeline.toolchain.store.store import Store

MACHINE = Store(Path(STORE))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give a running Chromium."""
    root = tmp_path_factory.mktemp("chromium") / "unpacked"
    try:
        program = unpack(tool("chromium", MACHINE), root)
        with Browser(program, root.parent / "profile") as running:
            yield running
    finally:
        remove(root)


@pytest.fixture(scope="session")
def axe() -> str:
    """Give the script that checks a page for what keeps people from reading it."""
    return (tool("axe-core", MACHINE) / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a report in which everything has happened."""
    path = tmp_path_factory.mktemp("sample") / "report.html"
    path.write_bytes(html(samples.report()))
    return path.as_uri()


@pytest.fixture
def tab(browser: Browser, sample: str) -> Callable[..., Tab]:
    """Give a function that opens the report in a window."""

    def opened(*, url: str = sample, **options: object) -> Tab:
        made = Tab(browser, **options)  # type: ignore[arg-type]
        made.open(url)
        return made

    return opened

from collections.abc import Iterator
from pathlib import Path

import pytest

from webhook.hook import SECRET, Hook, Site


def site_in(root: Path) -> Site:
    """Make a project that watches four tools in three repositories."""
    made = Site(root / "project", {"DOIT_WASM_STORE": str(root / "store")})
    made.watch(wac="o/wac", wkg="O/Tools", wit="o/tools", other="o/other")
    (made.root / "dodo.py").write_text("")
    return made


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_in(tmp_path)


@pytest.fixture
def hook(site: Site) -> Iterator[Hook]:
    """Give a server for that project."""
    with site.serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def steadfast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hook, Site]]:
    """Give a server that all tests of a module send what it must refuse."""
    site = site_in(tmp_path_factory.mktemp("steadfast"))
    with site.serving() as serving:
        yield serving, site
        assert serving.deliver()[0] == 202
        assert serving.end() == 0
    assert serving.log.replace("\n", "").isprintable()
    assert "Traceback" not in serving.log
    assert SECRET not in serving.log

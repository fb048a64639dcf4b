from collections.abc import Iterator
from pathlib import Path

import pytest
from webhook.hook import Hook, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Give a project that watches four tools in three repositories."""
    made = Site(tmp_path / "project", {"DOIT_WASM_STORE": str(tmp_path / "store")})
    made.watch(wac="o/wac", wkg="O/Tools", wit="o/tools", other="o/other")
    (made.root / "dodo.py").write_text("")
    return made


@pytest.fixture
def hook(site: Site) -> Iterator[Hook]:
    """Give a server for that project."""
    with site.serving() as serving:
        yield serving

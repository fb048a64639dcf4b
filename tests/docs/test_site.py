"""`doit docs` builds the site of docs/: every page, what the code says, and no dead link."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

import pipeline
from architecture.test_error_codes import ENTRIES
from architecture.test_layers import BASE, LAYERS, allowed
from pipeline.commands import COMMANDS
from workshop import REPOSITORY, copy_repository


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site of a copy of this repository."""
    project = copy_repository(tmp_path_factory.mktemp("docs") / "copy", None)
    run = project.doit("docs")
    assert run.code == 0, run.text
    return project.root / "build/site"


def text(page: Path) -> str:
    """Return what a page shows."""
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_each_page_is_in_the_site_and_in_its_contents(site: Path) -> None:
    docs = REPOSITORY / "docs"
    pages = [page.relative_to(docs).with_suffix(".html") for page in docs.rglob("*.md")]
    assert [page for page in pages if not (site / page).is_file()] == []
    index = (site / "index.html").read_text(encoding="utf-8")
    listed = set(re.findall(r'class="reference internal" href="([^"#]+)"', index))
    assert {page.as_posix() for page in pages} - {"index.html"} <= listed


def test_the_reference_is_that_of_the_code(site: Path) -> None:
    api = text(site / "reference/api.html")
    assert [name for name in pipeline.__all__ if f"\n{name}" not in api] == []
    assert "Parameters:" in api
    assert "Raises:" in api
    helps = text(site / "reference/command-help.html")
    assert [name for name in COMMANDS if f"$ doit-wasm help {name}\n" not in helps] == []
    schemas = text(site / "reference/schemas.html")
    places = ("docs/**/*.schema.json", "pipeline/**/*.schema.json")
    files = [file.name for place in places for file in REPOSITORY.glob(place)]
    assert len(files) > 3
    assert [name for name in files if name not in schemas] == []


def test_each_message_leads_to_its_code(site: Path) -> None:
    page = (site / "troubleshooting.html").read_text(encoding="utf-8")
    links = re.findall(r'<td><p>([^\n]+)</p></td>\n<td><p><a [^>]*href="#(dw\d{3})"', page)
    assert ("… has no package main", "dw107") in links
    assert len(links) > 250
    # What only classes of their own or of doit's say has no text here.
    assert {code for _, code in links} <= {code.lower() for code in ENTRIES}
    assert [code for _, code in links if f'id="{code}"' not in page] == []


def test_the_drawing_of_the_architecture_has_each_room_and_no_arrow_that_may_not_be(
    site: Path,
) -> None:
    page = (site / "architecture.html").read_text(encoding="utf-8")
    found = re.search(r"<svg role=.*?</svg>", page, re.DOTALL)
    assert found
    drawn = set(re.findall(r">([\w.]+)</text>", found[0]))
    names = {layer.partition(".")[0] or "pipeline" for layer in LAYERS} - {"__main__"}
    assert drawn == names - BASE.keys() | {"base", "process"}
    said = unescape(re.search(r"<desc>(.*?)</desc>", found[0])[1])  # type: ignore[index]
    arrows = {
        (room, below)
        for part in said.split("; ")
        for room, _, all_below in [part.partition(" uses ")]
        for below in all_below.split(", ")
    }
    may = {
        (layer.partition(".")[0] or "pipeline", below.partition(".")[0])
        for layer in LAYERS
        for below in allowed(layer)
    }
    assert len(arrows) > 15
    assert {(room, below) for room, below in arrows if below != "base"} <= may


WRONG = {
    "link": ("[a](nowhere.md)", "cross-reference target not found"),
    "anchor": ("[a](index.md#nowhere)", "local id not found"),
    "language": ("```nonsense\nx\n```", "lexer name"),
    "heading": ("### Too deep", "Non-consecutive header level"),
}


@pytest.mark.parametrize(("line", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_page_fails_the_build(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "index.md").write_text(f"# Title\n\n{line}\n")
    words = ["--quiet", "--fail-on-warning", "--conf-dir", str(REPOSITORY / "docs/site"), ".", "o"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode != 0
    assert why in done.stderr

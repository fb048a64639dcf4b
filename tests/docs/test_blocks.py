"""Each command and each piece of code of the documentation is run, or has a reason not to be."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.blocks import Block, blocks, require_printed, require_right, run
from docs.exempt import EXEMPT
from workshop import REPOSITORY

FILES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
PAGES = {file.relative_to(REPOSITORY).as_posix(): file for file in FILES}
RUN = ("sh", "console")
CHECKED = ("json", "python", "toml", "yaml")


def exempt(page: str, block: Block) -> bool:
    reasons = EXEMPT.get(page, {})
    return "*" in reasons or block.first in reasons


def of(page: str) -> list[Block]:
    return [block for block in blocks(PAGES[page]) if not exempt(page, block)]


WITH_BLOCKS = [page for page in PAGES if of(page)]


@pytest.mark.registry
@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_the_blocks_of_a_page_do_what_it_shows(tmp_path: Path, page: str) -> None:
    found = of(page)
    unknown = [one for one in found if not one.file and one.language not in (*RUN, *CHECKED)]
    assert unknown == [], (
        "write it as a file, or give tests/docs/exempt.py the reason not to run it"
    )
    printed = ""
    outputs = run(found, tmp_path) if any(block.language in RUN for block in found) else {}
    for block in found:
        if block.language in RUN and not block.file:
            # Without commands of its own, it shows what the last one printed.
            printed = outputs[block] if "$ " in block.text or block.language == "sh" else printed
        if block.language == "console":
            require_printed(block.text, printed)
        require_right(block)


@pytest.mark.parametrize("page", EXEMPT)
def test_an_exemption_is_of_a_block_that_there_is_and_has_a_reason(page: str) -> None:
    firsts = {block.first for block in blocks(PAGES[page])}
    assert firsts
    assert EXEMPT[page].keys() - {"*"} <= firsts
    for reason in EXEMPT[page].values():
        assert len(reason.split()) >= 4
        for file in re.findall(r"tests/[\w/.-]+\.py", reason):
            assert (REPOSITORY / file).is_file(), file


WRONG: Mapping[str, str] = {
    "a command that fails": "```sh\nfalse\n```\n",
    "an output that is another": "```sh\necho a\n```\n```console\nb\n```\n",
    "a transcript that is another": "```console\n$ echo a\nb\n```\n",
    "code that does not parse": "```python\nx = = 1\n```\n",
    "an argument that no rule has": "```python\nrust_component('a', path='b', colour=1)\n```\n",
    "a language that nothing runs": "```go\npackage main\n```\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_wrong_on_a_page_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "page.md").write_text(text)
    monkeypatch.setitem(PAGES, "page", tmp_path / "page.md")
    with pytest.raises((AssertionError, SyntaxError, TypeError)):
        test_the_blocks_of_a_page_do_what_it_shows(tmp_path, "page")


def test_commands_in_an_indented_block_count(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("Run\n\n    doit all\n\nand see\n\n    a | picture\n")
    assert [block.language for block in blocks(tmp_path / "page.md")] == ["indented"]

"""The report in a real browser: it draws, loads nothing, and can be read by everybody."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from page import samples
from page.browser import Tab
from pipeline.report.page.html import html
from report.pages import STRANGE

pytestmark = pytest.mark.registry  # the browser comes from one

PHONE = {"width": 390, "height": 844}
LOOKS = {
    "desktop": {},
    "dark": {"dark": True},
    "phone": PHONE,
    "dark-phone": PHONE | {"dark": True},
    "small": {"width": 320, "height": 600},
}
PICTURES = "DOIT_WASM_PICTURES"
"""Names a directory for pictures of the report, for people to look at."""

Open = Callable[..., Tab]


def in_page(tab: Tab, script: str) -> str:
    """Return the JSON text of what an asynchronous function of JavaScript returns."""
    text: str = tab.do(f"(async () => JSON.stringify(await ({script})))()")
    return text


@pytest.mark.parametrize("look", ["desktop", "dark-phone"])  # all colours, and both layouts
def test_no_rule_of_accessibility_is_broken(tab: Open, axe: str, look: str) -> None:
    opened = tab(**LOOKS[look])
    opened.do("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    opened.do(axe)
    rules = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
    found = json.loads(in_page(opened, f"axe.run(document, {rules})"))
    broken = {
        rule["id"]: [node["target"] for node in rule["nodes"]][:5] for rule in found["violations"]
    }
    assert broken == {}
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_wider_than_the_screen_or_on_top_of_another(tab: Open, look: str) -> None:
    opened = tab(**LOOKS[look])
    # A phone would zoom out to show what is too wide, so its own idea of the width is no measure.
    assert opened.do("document.documentElement.scrollWidth") <= LOOKS[look].get("width", 1280)
    overlapping = """(() => {
      const blocks = [...document.querySelectorAll("main > section, header > *, section > *")];
      const boxes = blocks.map((one) => one.getBoundingClientRect());
      const hits = [];
      boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
        const [one, other] = [blocks[i], blocks[i + 1 + j]];
        if (one.contains(other) || !a.height || !b.height) return;
        const over = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (over > 1) hits.push(one.outerHTML.slice(0, 60) + " | " + other.outerHTML.slice(0, 60));
      }));
      return hits;
    })()"""
    assert opened.do(overlapping) == []
    if into := os.environ.get(PICTURES):
        opened.picture(Path(into) / f"14-page-{look}.png")


def test_the_page_asks_for_nothing_and_breaks_no_rule_of_its_own(tab: Open, sample: str) -> None:
    opened = tab()
    assert opened.do("document.querySelector('[data-fit]').hidden") is False  # the script has run
    assert opened.requests() == [sample]
    assert opened.said() == []


def test_every_task_is_drawn_once_inside_its_box(tab: Open) -> None:
    opened = tab()
    outside = """[...document.querySelectorAll(".box")].filter((box) => {
      const rect = box.querySelector("rect").getBBox();
      return [...box.querySelectorAll("text")].some((text) => {
        const { x, width } = text.getBBox();
        return x < rect.x || x + width > rect.x + rect.width;
      });
    }).map((box) => box.textContent)"""
    assert opened.do(outside) == []
    assert opened.do("document.querySelectorAll('a.box').length") == len(samples.TASKS)


def test_the_page_is_whole_without_scripts(tab: Open) -> None:
    opened = tab(scripts=False)
    hidden = "[...document.querySelectorAll('[hidden]')].every((one) => !one.offsetHeight)"
    opened.call("Emulation.setScriptExecutionDisabled", value=False)
    assert opened.do(hidden)
    assert opened.do("document.querySelectorAll('[hidden]').length") == 2  # filter and button
    assert opened.do("document.querySelector('.graph svg').getBoundingClientRect().width > 500")
    assert "--release -> --debug" in opened.do("document.body.textContent")


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(tab: Open) -> None:
    opened = tab()
    opened.do("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    opened.press("Tab")
    assert opened.do("document.activeElement.className") == "skip"
    assert opened.do("document.activeElement.getBoundingClientRect().left >= 0")
    tops, names = [], []
    for _ in range(400):
        opened.press("Tab")
        place = opened.do(
            "(() => { const one = document.activeElement; return one === document.body ? null : "
            "[one.closest('section')?.id ?? 'header', one.tagName, one.className, "
            "getComputedStyle(one).outlineStyle]; })()"
        )
        if place is None:
            break
        names.append(place[1])
        assert place[3] != "none", f"{place} shows no focus"
        if not tops or tops[-1] != place[0]:
            tops.append(place[0])
    assert tops == ["header", "tasks", "run", "history", "components", "tests", "tools"]
    assert {"A", "SUMMARY", "INPUT", "BUTTON", "DIV"} <= set(names)


def test_the_skip_link_leads_past_the_header(tab: Open) -> None:
    opened = tab()
    opened.press("Tab")
    opened.press("Enter")
    assert opened.do("document.activeElement.id") == "report"


def test_a_box_leads_to_its_row_in_the_table(tab: Open) -> None:
    opened = tab()
    opened.do("document.querySelector('.box.error').dispatchEvent(new MouseEvent('click'))")
    shown = "document.querySelector('tr:target')?.getBoundingClientRect().height > 0"
    assert opened.do("new Promise((done) => setTimeout(() => done(), 100))") is None
    assert opened.do(shown)
    assert "test:components" in opened.do("document.querySelector('tr:target').textContent")


def test_the_filter_shows_what_has_all_words(tab: Open) -> None:
    opened = tab()
    opened.do("document.querySelector('#all-tasks').open = true")
    field = "document.querySelector('[data-filter]')"
    opened.do(f"{field}.value = 'MAIN.RS stale'")
    opened.do(f"{field}.dispatchEvent(new Event('input'))")
    shown = "[...document.querySelectorAll('.tasks tbody tr')].filter((one) => one.offsetHeight)"
    assert opened.do(f"{shown}.map((one) => one.querySelector('.code').textContent)") == [
        "component:cli"
    ]
    assert opened.do("document.querySelector('[data-count]').textContent") == "1 of 18"


def test_a_box_under_the_pointer_stands_out_with_its_neighbours(tab: Open) -> None:
    opened = tab()
    opened.do(
        "document.querySelector('.box.error rect')"
        ".dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))"
    )
    names = "[...document.querySelectorAll('.box.near text:first-of-type')]"
    near = opened.do(f"{names}.map((one) => one.textContent)")
    assert sorted(near) == ["component:cli", "component:validator", "test:components"]


def test_hostile_names_stay_text(tab: Open, tmp_path: Path) -> None:
    report = samples.report()
    row = report.tasks[12]
    hostile = samples.standing(STRANGE, "stale", 1.0, "")
    path = tmp_path / "report.html"
    path.write_bytes(html(samples.changed(report, [
        *report.tasks, type(row)(hostile, STRANGE, STRANGE, STRANGE)
    ])))  # fmt: skip
    opened = tab(url=path.as_uri())
    assert opened.said() == []
    assert opened.requests() == [path.as_uri()]
    assert opened.do("document.images.length + document.scripts.length") == 1
    assert opened.do("document.title") == "updater: build report"
    shown = STRANGE.replace("\u202e", "\\u202e")
    assert opened.do("document.querySelector('tbody tr:last-child .code').textContent") is not None
    assert shown in opened.do("document.querySelector('.tasks tbody').textContent")


def test_a_report_without_anything_has_no_fault(tab: Open, tmp_path: Path, axe: str) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(html(samples.Report("empty", samples.WRITTEN, [], [], [], [])))
    opened = tab(url=path.as_uri())
    opened.do(axe)
    assert json.loads(in_page(opened, "axe.run()"))["violations"] == []
    assert opened.said() == []


def test_a_large_project_is_drawn_whole(tab: Open, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(html(samples.large(500)))
    opened = tab(url=path.as_uri())
    assert opened.do("document.querySelectorAll('.box').length") == 500
    assert opened.said() == []

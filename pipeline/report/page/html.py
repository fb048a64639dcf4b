"""The report as one HTML file that loads nothing and needs no script to be read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.report.page import text
from pipeline.report.page.components_section import components_section
from pipeline.report.page.document import Report
from pipeline.report.page.history_section import history_section
from pipeline.report.page.markup import Child, Markup, element
from pipeline.report.page.parts import badge, moment
from pipeline.report.page.run_section import run_section
from pipeline.report.page.tasks_section import STATES, tasks_section
from pipeline.report.page.tests_section import tests_section
from pipeline.report.page.tools_section import tools_section

SECTIONS: Final = {
    "tasks": ("Tasks", tasks_section),
    "run": ("Last run", run_section),
    "history": ("History", history_section),
    "components": ("Components", components_section),
    "tests": ("Tests", tests_section),
    "tools": ("Tools", tools_section),
}

_HERE: Final = Path(__file__).parent


def html(report: Report, *, served: bool = False) -> bytes:
    """Return the page.

    Args:
        report: What it shows.
        served: Whether a server of ours serves it, which it asks for news.
    """
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    rules = policy(style, script, served=served)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=rules),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{report.project}: build report"),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        _header(report),
        element("main", *(make(report) for _, make in SECTIONS.values()), id="report", tabindex=-1),
        element("footer", "Made by ", element("code", "doit-wasm report"), "."),
        element("script", Markup(script)),
    )
    document = element("html", head, body, lang="en", data_served=served)
    return f"<!doctype html>\n{document}\n".encode()


def policy(style: str, script: str, *, served: bool) -> str:
    """Return the policy that lets a browser apply this style and run this script, and no other."""
    allowed = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "connect-src": "'self'" if served else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _header(report: Report) -> Markup:
    links = [element("li", element("a", title, href=f"#{name}"))
             for name, (title, _) in SECTIONS.items()]  # fmt: skip
    asked = ", ".join(report.selected)
    return element(
        "header",
        element("h1", element("bdi", report.project), element("span", " build report")),
        element("p", "State of ", moment(report.written), class_="note"),
        element("p", f"Tasks: {asked}", class_="note asked") if asked else None,
        element("p", id="news", role="status", class_="news"),
        element("ul", *_tiles(report), class_="tiles"),
        element("nav", element("ul", *links), aria_label="Sections"),
    )


def _tiles(report: Report) -> Iterator[Markup]:
    counts = report.counts()
    order = [state for state in STATES if state in counts]
    states = [part for state in order for part in (badge(state, f"{counts[state]} {state}"), " ")]
    yield _tile("tasks", text.count(len(report.tasks), "task"), *states)
    if report.runs:
        run = report.runs[-1]
        yield _tile("run", text.seconds(run.seconds), badge(run.outcome), " last run")
    if built := [each for each in report.components if each.bytes is not None]:
        sizes = sum(each.bytes or 0 for each in built)
        yield _tile("components", text.size(sizes), f"in {text.count(len(built), 'component')}")
    if files := [file for tests in report.tests for file in tests.files]:
        failed = sum(file.failed for file in files)
        state = badge("failed", f"{failed} failed") if failed else badge("ok", "passed")
        yield _tile("tests", text.count(sum(file.tests for file in files), "test"), state)


def _tile(section: str, large: str, *small: Child) -> Markup:
    first = element("a", large, href=f"#{section}", class_="large")
    return element("li", first, element("div", *small))

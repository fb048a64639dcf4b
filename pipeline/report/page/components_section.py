"""The components: sizes, what they can use, and how those of a composition fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.report.page import text
from pipeline.report.page.components import HOST, Component, track
from pipeline.report.page.composition import composition
from pipeline.report.page.document import Report
from pipeline.report.page.markup import Markup, element, join
from pipeline.report.page.parts import code, details, items, note, number, row, section, table


def components_section(report: Report) -> Markup:
    """Return the section about components."""
    found = report.components
    if not found:
        words = "No selected task makes a component."
        return section("components", "Components", note(words))
    rows = [
        row(
            code(each.task),
            code(each.path),
            number(text.size(each.bytes)),
            number(f"{len(each.imports):,}" if each.bytes is not None else ""),
            number(f"{len(each.exports):,}" if each.bytes is not None else ""),
            _capabilities(each),
        )
        for each in found
    ]
    heads = ["Task", "File", "Size", "Imports", "Exports", "Can use"]
    made = {each.task: each for each in found}
    maps = [_map(each, made) for each in found if each.parts]
    worlds = [_world(each) for each in found if not each.parts and (each.imports or each.exports)]
    return section(
        "components", "Components", table("What the tasks make", heads, rows), *maps, *worlds
    )


def _capabilities(component: Component) -> Markup | str:
    if component.capabilities is None:
        return element("span", "not checked", class_="note")
    return ", ".join(component.capabilities) or "nothing of its surroundings"


def _map(component: Component, worlds: Mapping[str, Component]) -> Markup:
    """Return the imports and exports of a composition and of its parts."""
    inner = [link for link in component.links if link.provider not in ("", HOST)]
    title = f"What the parts of {component.task} take from each other"
    joined = table(
        title,
        ["Interface", "Exported by", "Imported by"],
        [row(code(link.name), code(link.provider), code(link.user)) for link in inner],
    )
    missing = [link for link in component.links if not link.provider]
    return element(
        "div",
        element("h3", "Map of ", code(component.task)),
        composition(component, worlds),
        joined if inner else note("No part imports what another one exports, by name."),
        details(_packages(component.imports, "import"), _users(component), open=True)
        if component.imports
        else note("It imports nothing: it needs no host."),
        details(
            text.count(len(component.exports), "export"),
            items(code(name) for name in component.exports),
            open=True,
        ),
        note(f"{text.count(len(missing), 'import')} of parts found no part by name.")
        if missing
        else None,
    )


def _users(component: Component) -> Markup:
    """Return what a composition imports, and for which of its parts."""
    users: dict[str, list[str]] = {}
    for link in component.links:
        if link.provider == HOST:
            users.setdefault(track(link.name), []).append(link.user)
    rows = [
        row(code(name), join(_separated(users.get(track(name), ())))) for name in component.imports
    ]
    title = f"What {component.task} imports"
    return table(title, ["Interface", "For"], rows)


def _world(component: Component) -> Markup:
    words = ", ".join(
        [text.count(len(component.imports), "import"), text.count(len(component.exports), "export")]
    )
    return details(
        join([code(component.task), Markup(" "), element("span", words, class_="note")]),
        element("h4", "Imports"),
        items(code(name) for name in component.imports),
        element("h4", "Exports"),
        items(code(name) for name in component.exports),
    )


def _packages(names: Sequence[str], noun: str) -> str:
    spaces = sorted({name.partition(":")[0] for name in names if ":" in name})
    return f"{text.count(len(names), noun)}: {', '.join(spaces) or 'functions'}"


def _separated(tasks: Sequence[str]) -> Iterator[Markup]:
    for at, task in enumerate(tasks):
        yield Markup(", ") if at else Markup()
        yield code(task)

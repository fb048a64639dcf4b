"""Whatever is named after a task is its own, whichever file system it lies on."""

import itertools
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engine import layout
from pipeline.testing.project import Project

LONG = "x" * 300
ALIKE = (
    *("gen:a/1", "gen:a-1", "gen-a:1", "gen-a-1", "gen_a_1", "gen+a+1", "gen/a/1", "gen.a.1"),
    *("gen:a", "gen: a", "gen:a ", "gen:a.", "gen::a", "gen:A", "Gen:a", "GEN:A", "gen%3aa"),
    *("a", ".a", "a.", "..a", "a..", "-a", "_a", "a_", "~a", "a~", "a/", "./a", "../a", "a/../a"),
    *("con", "CON", "con.log", "con:a", "nul", "com1", "com1.x", "lpt9", "aux", "prn", "_con"),
    *(LONG, LONG + "x", LONG + ":", LONG + "X", LONG[:100], LONG[:101], "y" + LONG),
    *("é", unicodedata.normalize("NFD", "é"), "É", "e", "ß", "ss", "\N{KELVIN SIGN}", "k", "İ"),
    *("日本", "日 本", "\N{MATHEMATICAL SCRIPT SMALL A}", "\N{LATIN SMALL LIGATURE FI}", "fi"),
    *("%", "%25", "*", "a\\b", "a|b"),
)  # fmt: skip
PLACES: tuple[Callable[[str], str | Path], ...] = (
    *(layout.slug, layout.log, layout.stamp, layout.wit, layout.component),
    *(layout.composition, layout.precompiled, layout.program),
)


def as_a_disk_sees_it(path: str | Path) -> str:
    """Return what a file system that ignores case and forms of Unicode makes of a path."""
    return unicodedata.normalize("NFC", str(path)).casefold()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_no_two_names_share_a_place(place: Callable[[str], str | Path]) -> None:
    assert len(set(ALIKE)) == len(ALIKE)
    seen: dict[str, str] = {}
    hashed = [layout.slug(name) for name in ALIKE]  # the place of a name is a name, too
    for name in {*ALIKE, *hashed}:
        other = seen.setdefault(as_a_disk_sees_it(place(name)), name)
        assert other == name, f"{name!r} and {other!r} share {place(name)}"


def test_every_combination_of_marks_is_a_place_of_its_own() -> None:
    names = ["".join(one) for n in range(1, 6) for one in itertools.product("aA-:./", repeat=n)]
    assert len({as_a_disk_sees_it(layout.slug(name)) for name in names}) == len(names)


@pytest.mark.parametrize("name", ALIKE)
def test_a_place_is_one_file_name_that_any_system_takes(name: str) -> None:
    found = layout.slug(name)
    assert len(found) <= 120
    assert found.isascii()
    assert not set(found) & set('<>:"/\\|?*% ')
    assert found not in {".", ".."}
    assert not found.endswith((".", " "))
    assert found.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


READABLE = {
    "component:cli": "component+cli",
    "test": "test",
    "hello-go": "hello-go",
    "v1.2": "v1.2",
    "Docs:Guide": "docs_guide~97282afc60140120",
}


@pytest.mark.parametrize(("name", "place"), READABLE.items(), ids=READABLE.keys())
def test_a_place_can_be_read(name: str, place: str) -> None:
    assert layout.slug(name) == place


def test_steps_of_similar_names_do_not_see_each_other(project: Callable[..., Project]) -> None:
    # Each begins while the other runs, and looks at what it wrote itself only after a while.
    steps = [
        f'step("{name}", doc="d", argv=["sh", "-c", "echo {name} > part; sleep {wait}; '
        f'cat part > $1; cat part", "x", Out("{out}")])'
        for name, wait, out in (
            ("d:g/i", 0.6, "one"),
            ("d:g-i", 0.3, "two"),
            ("d-g:i", 0.4, "three"),
        )
    ]
    made = project(*steps)
    run = made.doit("-n", "3")
    assert run.code == 0, run.text
    assert [made.read(out) for out in ("one", "two", "three")] == ["d:g/i\n", "d:g-i\n", "d-g:i\n"]
    logs = sorted(path.read_text().splitlines()[-1] for path in made.root.glob("build/log/*.log"))
    assert logs == ["d-g:i", "d:g-i", "d:g/i"]

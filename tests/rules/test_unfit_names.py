"""Names that a generator breaks on are reported before it runs, with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import CheckError
from pipeline.steps.go_world import Request, wrap

MEMORY = "world app { export memory: func(); }"
SELF_CASE = "interface i { enum e { self } f: func(x: e); }\nworld app { export i; }"
SELF_TYPE = "interface i { record self { x: u8 } f: func(x: self); }\nworld app { import i; }"
SELF_VARIANT = "interface i { variant v { self(u8) } f: func(x: v); }\nworld app { export i; }"
SELF = "interface i { f: func(self: u8); }\nworld app { export i; }"
MADE = "interface i { resource r { constructor(self: u8); } }\nworld app { export i; }"
FIELDS = (
    "interface i { record r { self: u8 } flags g { self } f: func(r: r, g: g); }\n"
    "interface j { f: func(self: u8); }\nworld app { import j; export i; }"
)
BROKEN = [
    ("wit-bindgen rust", SELF_CASE, "i.e has a case self"),
    ("wit-bindgen rust", SELF_TYPE, "i has a type self"),
    ("wit-bindgen rust", SELF_VARIANT, "i.v has a case self"),
    ("wit-bindgen rust", MEMORY, "the function memory cannot be exported by the world itself"),
    ("wit-bindgen c", MEMORY, "the function memory"),
    ("wit-bindgen", MEMORY, "the function memory"),
    ("componentize-qjs", "world app { export init: func(); }", "the function init"),
    ("componentize-py", "world app { export exports: func(); }", "the function exports"),
    ("componentize-py", SELF, "i.f has a parameter self"),
    ("componentize-py", MADE, "i.[constructor]r has a parameter self"),
    ("componentize-py", "world app { export f: func(self: u8); }", "app.f has a parameter self"),
]
FINE = [
    ("wit-bindgen rust", FIELDS),
    ("wit-bindgen rust", "world app { export init: func(self: u8); }"),
    ("wit-bindgen rust", "interface i { memory: func(); }\nworld app { export i; }"),
    ("wit-bindgen c", "world app { import memory: func(); export init: func(self: u8); }"),
    ("componentize-qjs", "interface i { init: func(self: u8); }\nworld app { export i; }"),
    ("componentize-py", FIELDS),
    ("componentize-py", SELF_CASE),
    ("componentize-py", "interface i { resource r { g: func(x: u8); } }\nworld app { export i; }"),
    ("componentize-py", "interface exports { f: func(); }\nworld app { import exports; }"),
]


@pytest.fixture
def check(tmp_path: Path, tool: Callable[[str], str]) -> Callable[[str, str], None]:
    """Give a function that does the step for a generator and a text of WIT."""

    def checked(generator: str, wit: str) -> None:
        (tmp_path / "wit").mkdir()
        (tmp_path / "wit/world.wit").write_text(f"package docs:a@0.1.0;\n{wit}\n")
        wrap(
            Request(
                wasm_tools=Path(tool("wasm-tools")),
                out=tmp_path / "own",
                name="app",
                world="",
                generator=generator,
                places=[tmp_path / "wit"],
                known=[],
                runtime=[],
            )
        )

    return checked


@pytest.mark.parametrize(("generator", "wit", "message"), BROKEN)
def test_a_name_that_a_generator_breaks_on_is_reported(
    check: Callable[[str, str], None], generator: str, wit: str, message: str
) -> None:
    with pytest.raises(CheckError) as caught:
        check(generator, wit)
    assert str(caught.value).startswith(f"{generator} breaks on names in world app: {message}")
    assert "give it another name in WIT" in str(caught.value)


@pytest.mark.parametrize(("generator", "wit"), FINE)
def test_a_name_that_it_can_generate_is_not(
    check: Callable[[str, str], None], generator: str, wit: str
) -> None:
    check(generator, wit)

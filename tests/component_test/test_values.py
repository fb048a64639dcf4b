"""Each WIT type, to a component and back, and to the test's functions and back."""

import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from component_test.sample import PAD, echo
from pipeline.testing import Err, Record, Variant, WrongTypeError
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.instance import Instance

TYPES = """
enum colour { red, hot-pink }
flags rights { read, write-all, run }
record point { x: s32, label-text: string }
variant shape { empty, dot(point), line(tuple<point, point>), size(u32), yes(bool) }
flags many { """ + ", ".join(f"f{n}" for n in range(32)) + " }"  # fmt: skip

YES = True
POINT = {"x": -1, "label-text": "ä"}
# Name of the function: type, what is passed, what comes back (the same if None).
CASES: dict[str, tuple[str, list[tuple[object, object]]]] = {
    "bool": ("bool", [(True, True), (False, False)]),
    "s-eight": ("s8", [(-128, -128), (127, 127)]),
    "u-eight": ("u8", [(0, 0), (255, 255)]),
    "s-sixteen": ("s16", [(-(1 << 15), -(1 << 15))]),
    "u-sixteen": ("u16", [(65535, 65535)]),
    "s-long": ("s32", [(-(1 << 31), -(1 << 31))]),
    "u-long": ("u32", [(2**32 - 1, 2**32 - 1)]),
    "s-huge": ("s64", [(-(1 << 63), -(1 << 63))]),
    "u-huge": ("u64", [(2**64 - 1, 2**64 - 1)]),
    "f-short": ("f32", [(1.5, 1.5), (2, 2.0), (math.inf, math.inf)]),
    "f-long": ("f64", [(0.1, 0.1), (-0.0, -0.0)]),
    "char": ("char", [("x", "x"), ("🦀", "🦀"), ("\0", "\0")]),
    "text": ("string", [("", ""), ("grüße 🦀", "grüße 🦀"), ("a\0b", "a\0b")]),
    "bytes": ("list<u8>", [(b"", b""), (b"\0\xff", b"\0\xff"), ([1, 2], b"\1\2")]),
    "numbers": ("list<s64>", [([], []), ((1, -2), [1, -2])]),
    "texts": ("list<list<string>>", [([["a"], []], [["a"], []])]),
    "pair": ("tuple<u8, string>", [((1, "a"), (1, "a")), ([1, "a"], (1, "a"))]),
    "colour": ("colour", [("hot-pink", "hot-pink"), ("hot_pink", "hot-pink")]),
    "rights": (
        "rights",
        [({"read", "write_all"}, {"read", "write-all"}), ([], set()), (("run",), {"run"})],
    ),
    "many": ("many", [({f"f{n}" for n in range(32)}, {f"f{n}" for n in range(32)})]),
    "point": (
        "point",
        [(POINT, POINT), (SimpleNamespace(x=-1, label_text="ä"), POINT), (Record(POINT), POINT)],
    ),
    "shape": (
        "shape",
        [
            ("empty", Variant("empty")),
            (("dot", POINT), Variant("dot", POINT)),
            (Variant("line", (POINT, POINT)), Variant("line", (POINT, POINT))),
            (("size", 3), Variant("size", 3)),
            (("yes", YES), Variant("yes", YES)),  # not the number 1 of the case before it
        ],
    ),
    "maybe": ("option<u32>", [(None, None), (0, 0)]),
    "maybe-twice": (
        "option<option<u32>>",
        [(None, None), (Variant("some"), Variant("some")), (5, Variant("some", 5))],
    ),
    "outcome": (
        "result<option<u32>, string>",
        [
            (Variant("ok", 3), Variant("ok", 3)),
            (Variant("ok"), Variant("ok")),
            (Err("no"), Variant("err", "no")),
            (("err", ""), Variant("err", "")),
        ],
    ),
    "bare": ("result", [("ok", Variant("ok")), ("err", Variant("err"))]),
    "same": (
        "result<string, string>",
        [(Variant("ok", "a"), Variant("ok", "a")), (Variant("err", "a"), Variant("err", "a"))],
    ),
}  # fmt: skip
EACH = [(name, given, got) for name, (_, pairs) in CASES.items() for given, got in pairs]


@pytest.fixture(scope="module")
def echo_file(build: Callable[[str, str], Path]) -> Path:
    return build(*echo(TYPES, {name: type_ for name, (type_, _) in CASES.items()}))


class Host:
    """Answers as the component does; methods are made by name."""

    def __init__(self) -> None:
        self.got: list[object] = []

    def __getattr__(self, name: str) -> Callable[[Any, Any], object]:
        def answer(value: object, pad: object) -> object:
            self.got.append(value)
            return value, pad

        return answer


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def echoed(component: Factory, echo_file: Path, host: Host) -> Instance:
    return component(echo_file, imports={"test:echo/host": host})


@pytest.mark.parametrize(("name", "given", "got"), EACH)
def test_a_value_passes_through_a_component(
    echoed: Instance, host: Host, name: str, given: object, got: object
) -> None:
    function = getattr(echoed.guest, f"give_{name.replace('-', '_')}")
    found = function(given, PAD)
    assert found == (got, PAD)
    assert type(found[0]) is type(got) or isinstance(found[0], Record)
    asked = echoed.guest.wit_function(f"ask-{name}")
    assert asked(given, PAD) == (got, PAD)
    assert host.got == [got]


def test_not_a_number_passes(echoed: Instance) -> None:
    assert math.isnan(echoed.guest.give_f_long(math.nan, PAD)[0])


def test_a_megabyte_passes(echoed: Instance) -> None:
    data = bytes(range(256)) * 2048
    assert echoed.guest.give_bytes(data, PAD)[0] == data


def test_a_record_has_attributes_and_equals_a_dictionary_in_either_spelling(
    echoed: Instance,
) -> None:
    point, _ = echoed.guest.give_point(POINT, PAD)
    assert (point.x, point.label_text, point["label_text"]) == (-1, "ä", "ä")
    assert point == {"x": -1, "label_text": "ä"} == point
    assert point != {"x": -1}
    with pytest.raises(AttributeError, match="no field `y`, but x, label_text"):
        _ = point.y


WRONG: list[tuple[str, object, str]] = [
    ("bool", 1, "WIT type: bool"),
    ("s-eight", 128, "from -128 to 127"),
    ("u-eight", -1, "from 0 to 255"),
    ("u-huge", 2**64, "WIT type: u64"),
    ("u-long", True, r"value: +True \(bool\)"),
    ("u-long", 1.0, r"1.0 \(float\)"),
    ("f-long", "1", "WIT type: f64"),
    ("f-long", 10**400, "too large"),
    ("char", "ab", "2 characters"),
    ("char", "", "0 characters"),
    ("text", "\ud800", "surrogate"),
    ("text", b"x", r"b'x' \(bytes\)"),
    ("bytes", "x", "WIT type: list<u8>"),
    ("bytes", [256], r"guest.give-bytes: argument value\[0\]"),
    ("texts", [["a"], [1]], r"guest.give-texts: argument value\[1\]\[0\]"),
    ("numbers", {1}, "WIT type: list<s64>"),
    ("pair", (1,), "1 elements, not 2"),
    ("pair", ("a", 1), r"guest.give-pair: argument value\[0\]"),
    ("colour", "blue", "red, hot-pink"),
    ("rights", {"fly"}, "read, write-all, run"),
    ("rights", "read", "WIT type: rights"),
    ("point", {"x": 1}, "lacks label-text"),
    ("point", {**POINT, "y": 1}, "no field y"),
    ("point", {**POINT, "x": "1"}, "guest.give-point: argument value.x has the wrong type"),
    ("point", 5, "that is: +record { x: s32, label-text: string }"),
    ("shape", "round", "no case round, but empty, dot, line, size, yes"),
    ("shape", ("empty", 1), "has no payload"),
    ("shape", ("size", "1"), "guest.give-shape: argument value.size"),
    ("shape", 3, "WIT type: shape"),
    ("maybe", "x", "WIT type: u32"),
    ("outcome", 3, 'write Variant."ok"'),
    ("bare", Variant("ok", 1), "no payload"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "message"), WRONG, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(WRONG)]
)
def test_a_wrong_value_is_an_error_that_names_the_type_and_the_value(
    echoed: Instance, name: str, value: object, message: str
) -> None:
    function = echoed.guest.wit_function(f"give-{name}")
    with pytest.raises(WrongTypeError, match=message):
        function(value, PAD)
    # Nothing of it has reached the component.
    assert echoed.guest.give_bool(YES, PAD)[0] is True


def test_a_function_that_returns_a_wrong_value_fails_the_test(
    component: Factory, echo_file: Path
) -> None:
    wrong = {"give-u-long": lambda _value, pad: ("7", pad)}
    made = component(echo_file, imports={"host": wrong})
    with pytest.raises(
        WrongTypeError, match=r"what host.give-u-long returned\[0\] has the wrong type"
    ):
        made.guest.ask_u_long(7, PAD)

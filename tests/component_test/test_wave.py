"""Text that is no value is refused with one error of ours, whatever is in it."""

import pytest

from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.types import Primitive, WitType
from pipeline.testing.component.values import checked
from pipeline.testing.component.wave import Reader


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("char", r"'\u{110000}'", r"`\u{110000}` is no character"),
        ("string", r'"a\u{FFFFFF}"', r"`\u{FFFFFF}` is no character"),
        ("char", r"'\u{d800}'", "it has a surrogate"),
        ("u64", "9" * 5000, f"a u64 is wanted, but found `{'9' * 80}…`"),
        ("u64", str(1 << 64), "it is from 0 to"),
        ("u8", "\u0661", "a u8 is wanted"),
        ("f32", "\u0661.5", "a f32 is wanted"),
    ],
)
def test_a_value_that_is_none_is_refused(name: str, text: str, message: str) -> None:
    type_ = Primitive(name)
    with pytest.raises(ComponentError) as caught:
        checked(type_, Reader(text).value(type_), "the value")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Primitive("u64"), str((1 << 64) - 1), (1 << 64) - 1),
        (Primitive("s64"), str(-(1 << 63)), -(1 << 63)),
        (Primitive("u8"), "0" * 30 + "7", 7),
        (Primitive("char"), r"'\u{10FFFF}'", chr(0x10FFFF)),
    ],
)
def test_the_largest_values_are_read(type_: WitType, text: str, value: object) -> None:
    assert Reader(text).value(type_) == value

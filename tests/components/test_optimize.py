"""Core modules in a component are replaced, at any depth, and nothing else of it is touched."""

import pytest

from pipeline.errors import CheckError
from pipeline.steps.wasm_opt import optimize

PREAMBLE = b"\0asm\x0d\x00\x01\x00"


def section(kind: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([kind]) + length + bytes([size]) + body


def halved(module: bytes) -> bytes:
    return module[: len(module) // 2]


def test_modules_at_any_depth_are_replaced_with_their_lengths() -> None:
    def component(size: int) -> bytes:
        module = section(1, b"m" * size)
        inner = section(4, PREAMBLE + section(0, b"\x01xkept") + module)
        return PREAMBLE + module + section(7, b"types") + inner + section(11, b"exports")

    assert optimize(component(60_000), halved) == component(30_000)


def test_a_module_that_would_grow_stays_as_it_was() -> None:
    component = PREAMBLE + section(1, b"module")
    assert optimize(component, lambda module: module + b"more") == component


@pytest.mark.parametrize("cut", [1, 40, 127])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(CheckError, match="in the middle of"):
        optimize((PREAMBLE + section(1, b"m" * 300))[:-cut], halved)
    with pytest.raises(CheckError, match="in the middle of a number"):
        optimize(PREAMBLE + b"\x01\x80", halved)


def test_a_real_component_comes_through_as_it_was(workshop) -> None:
    whole = (workshop.root / "build/component/validator.wasm").read_bytes()
    found: list[bytes] = []

    def seen(module: bytes) -> bytes:
        found.append(module)
        return module

    assert optimize(whole, seen) == whole
    assert len(found) > 1
    assert all(module.startswith(b"\0asm\x01\x00\x00\x00") for module in found)

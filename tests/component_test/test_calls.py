"""Calls of exports, and what happens when they go wrong."""

import operator
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from component_test.sample import CALC_WAT, CALC_WIT
from pipeline import process
from pipeline.testing import (
    ComponentError,
    DeadlineError,
    Err,
    NotExportedError,
    TrapError,
    WrongTypeError,
)
from pipeline.testing.component.compiled import Compiler
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.instance import Instance
from pipeline.testing.component.project import Project

Parse = Callable[..., Path]


@pytest.fixture
def calc(component: Factory, calc_file: Path) -> Instance:
    return component(calc_file, deadline=0.2)


def test_an_export_is_called_with_python_values(calc: Instance) -> None:
    assert calc.ops.eval({"left": 2, "right": 3, "op": "mul"}) == 6
    assert calc.ops.eval(e={"left": 2, "right": 3, "op": "add"}) == 5
    assert calc.ops.double_it(value=4) == 8
    assert calc.version() == 7


def test_an_interface_is_found_by_each_of_its_names(calc: Instance) -> None:
    for name in ("acme:calc/ops@0.1.0", "acme:calc/ops", "ops"):
        assert calc[name].double_it(1) == 2
    assert calc.wit_function("ops.double-it")(2) == 4
    assert calc.wit_function("version")() == 7
    assert {"ops", "version"} <= set(dir(calc))
    assert dir(calc.ops) == ["boom", "double_it", "eval", "spin"]


def test_the_error_case_of_a_result_raises(calc: Instance) -> None:
    with pytest.raises(Err, match="division-by-zero") as caught:
        calc.ops.eval({"left": 1, "right": 0, "op": "div"})
    assert caught.value.value == "division-by-zero"
    assert calc.ops.double_it(1) == 2, "it can be called again"


def test_a_function_shows_its_type(calc: Instance) -> None:
    assert str(calc.ops.eval.type) == "func(e: expr) -> result<s32, problem>"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("opps.eval", "does not export `opps`\n.*it exports acme:calc/ops@0.1.0, version"),
        ("ops.evil", "`evil` in acme:calc/ops@0.1.0\n.*it exports boom, double_it, eval, spin"),
        ("versions", "does not export `versions`"),
    ],
)
def test_what_is_not_exported_is_an_error_that_names_what_is(
    calc: Instance, path: str, message: str
) -> None:
    with pytest.raises(NotExportedError, match=message):
        calc.wit_function(path)
    with pytest.raises(AttributeError, match=message):
        operator.attrgetter(path)(calc)


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), ((1, 2), {}), ((1,), {"value": 1}), ((), {"values": 1})]
)
def test_a_wrong_number_of_arguments_is_an_error(
    calc: Instance, args: tuple[int, ...], named: dict[str, int]
) -> None:
    with pytest.raises(WrongTypeError, match=r"ops.double-it has 1 parameters \(value\)"):
        calc.ops.double_it(*args, **named)


def test_a_trap_names_its_cause_and_where_it_was(calc: Instance) -> None:
    with pytest.raises(TrapError, match="`unreachable` instruction executed") as caught:
        calc.ops.boom()
    assert "made: ops.boom trapped" in str(caught.value)
    assert "broken" in str(caught.value), "the name of the function in the code"
    with pytest.raises(ComponentError, match=r"trapped before\n.*ask for another instance"):
        calc.version()


def test_a_call_that_never_returns_fails_at_the_deadline(
    calc: Instance, component: Factory, calc_file: Path
) -> None:
    begin = time.monotonic()
    with pytest.raises(DeadlineError, match=r"ops.spin did not return in 0.2 s"):
        calc.ops.spin()
    assert time.monotonic() - begin < 1.2
    with pytest.raises(ComponentError, match="did not return in time"):
        calc.version()
    assert component(calc_file).version() == 7, "another instance is not affected"


def test_a_deadline_does_not_touch_an_instance_beside_it(
    component: Factory, calc_file: Path
) -> None:
    slow, quick = component(calc_file, deadline=1.0), component(calc_file, deadline=0.2)
    found: list[type[BaseException]] = []

    def spin(made: Instance) -> None:
        try:
            made.ops.spin()
        except DeadlineError as error:
            found.append(type(error))
            ended.append(time.monotonic() - begin)

    ended: list[float] = []
    begin = time.monotonic()
    threads = [threading.Thread(target=spin, args=[made]) for made in (slow, quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [DeadlineError, DeadlineError]
    assert max(ended) >= 1.0


def test_fuel_is_counted_and_limited(component: Factory, calc_file: Path) -> None:
    calc = component(calc_file)
    calc.ops.double_it(1)
    once = calc.fuel_used
    calc.ops.double_it(1)
    assert 0 < once < calc.fuel_used < 1000
    with pytest.raises(TrapError, match=r"ops\.spin used more than its 5,000 fuel"):
        component(calc_file, fuel=5000).ops.spin()


def test_memory_is_limited(component: Factory, calc_file: Path) -> None:
    component(calc_file, memory=65536)
    with pytest.raises(
        ComponentError,
        match="cannot be started: memory minimum size of 1 page",
    ):
        component(calc_file, memory=65535)


def test_machine_code_is_kept_and_made_again_when_damaged(tmp_path: Path, calc_file: Path) -> None:
    kept = tmp_path / "compiled"

    def version() -> int:
        made = Factory(Project(tmp_path, builds=False), Compiler(kept))
        try:
            return int(made(calc_file).version())
        finally:
            made.close()

    assert version() == 7
    (code,) = kept.iterdir()
    before = code.stat().st_ino
    assert version() == 7
    assert code.stat().st_ino == before
    data = code.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    for damaged in (b"", data[: len(data) // 2], data + b"\0", flipped, bytes(len(data))):
        code.unlink()
        code.write_bytes(damaged)
        assert version() == 7
        assert code.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0asm\x01\0\0\0", "is a core module, not a component\n"),
        (b"\0asm\x0d\0\x01\0\xff", "is not a component that wasmtime 50"),
        (b"", "is not a component"),
        (b"hello", "is not a component"),
    ],
)
def test_a_file_that_is_no_component_is_an_error(
    component: Factory, tmp_path: Path, data: bytes, message: str
) -> None:
    (tmp_path / "bad.wasm").write_bytes(data)
    with pytest.raises(ComponentError, match=message):
        component("bad.wasm")


def test_a_file_that_is_not_there_is_an_error(component: Factory, tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match=f"no component at {tmp_path}/none.wasm"):
        component("none.wasm")


ASYNC_WAT = """(component
  (core module $m
    (import "" "return" (func $return (param i32)))
    (func (export "go") (param i32) (result i32)
      (call $return (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
    (func (export "more") (param i32 i32 i32) (result i32) unreachable))
  (core func $return (canon task.return (result u32)))
  (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
  (type $go (func async (param "x" u32) (result u32)))
  (func (export "go") (type $go)
    (canon lift (core func $i "go") async (callback (core func $i "more")))))"""

STREAM_WAT = """(component
  (core module $m (func (export "go") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (type $bytes (stream u8))
  (func (export "give") (result $bytes) (canon lift (core func $i "go"))))"""


def test_an_async_function_is_called_as_others_are(component: Factory, parsed: Parse) -> None:
    made = component(parsed(ASYNC_WAT))
    assert str(made.go.type) == "async func(x: u32) -> u32"
    assert [made.go(1), made.go(41)] == [2, 42]


def test_a_type_without_values_is_an_error(component: Factory, parsed: Parse) -> None:
    made = component(parsed(STREAM_WAT))
    with pytest.raises(WrongTypeError, match="what give returns is a stream: the `wasmtime` pack"):
        made.give()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '(import "wasi:cli/stdout@0.3.0" (instance (export "f" (func (result u32)))))',
            "imports wasi:cli/stdout@0.3.0, which the test does not give",
        ),
        (
            '(import "wasi:cli/stdout@0.2.0" (instance (export "f" (func (result u32)))))',
            "cannot be started: .*`wasi:cli/stdout@0.2.0`.*; function implementation is missing",
        ),
    ],
)
def test_a_component_that_cannot_be_started_is_an_error(
    component: Factory, parsed: Parse, text: str, message: str
) -> None:
    with pytest.raises(ComponentError, match=message):
        component(parsed(f"(component {text})"))


@pytest.mark.parametrize(
    "given",
    [
        {"deadline": 0}, {"deadline": -1.0}, {"deadline": float("nan")}, {"deadline": 1e300},
        {"fuel": -1}, {"fuel": 1.5}, {"memory": -1}, {"memory": 1 << 70},
        {"args": [1]}, {"args": ["a\0b"]}, {"env": {"A": 1}}, {"stdin": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_limit_or_argument_is_an_error(
    component: Factory, calc_file: Path, given: dict[str, Any]
) -> None:
    with pytest.raises(ComponentError, match=r"cannot (be|have)"):
        component(calc_file, **given)


def test_a_trap_names_file_and_line_if_there_is_dwarf(
    component: Factory, parsed: Parse, wasm_tools: Path, tmp_path: Path
) -> None:
    core = parsed(CALC_WAT, "--generate-dwarf", "lines")
    (tmp_path / "calc.wit").write_text(CALC_WIT)
    process.run([wasm_tools, "component", "embed", "calc.wit", core, "-o", core], cwd=tmp_path)
    process.run([wasm_tools, "component", "new", core, "-o", core], cwd=tmp_path)
    line = CALC_WAT[: CALC_WAT.index("unreachable")].count("\n") + 1
    with pytest.raises(TrapError, match=rf"text\.wat:{line}:"):
        component(core).ops.boom()

"""Property tests: arguments of an export from its WIT types, by hypothesis."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.types import (
    U8,
    EnumType,
    FlagsType,
    ListType,
    OptionType,
    Primitive,
    RecordType,
    ResultType,
    TupleType,
    VariantType,
    WitType,
    python_name,
)
from pipeline.testing.component.values import Variant

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from pipeline.testing.component.factory import Factory
    from pipeline.testing.component.instance import Instance

Test: TypeAlias = Callable[..., object]


def given_wit(
    name: str, function: str, *, max_examples: int = 100, **given: Any
) -> Callable[[Test], Callable[[Factory], None]]:
    """Have a test run for many arguments of an export: `@given_wit("calc", "ops.eval")`.

    The test is called with a new instance, and the arguments by their names in WIT, `-` being `_`.

    Args:
        name: The component, as for the fixture `component`.
        function: The export.
        max_examples: How many arguments to try.
        given: Anything else that the fixture `component` takes, such as `imports`.

    Returns:
        A decorator.
    """

    def decorated(test: Test) -> Callable[[Factory], None]:
        def run(component: Factory) -> None:
            _run(
                test, component, function, make=lambda: component(name, **given), count=max_examples
            )

        functools.update_wrapper(run, test, assigned=("__module__", "__name__", "__doc__"))
        del run.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for its arguments
        return run

    return decorated


def _run(
    test: Test,
    component: Factory,
    function: str,
    *,
    make: Callable[[], Instance],
    count: int,
) -> None:
    if importlib.util.find_spec("hypothesis") is None:
        raise ComponentError(
            "given_wit needs the package hypothesis", fix="run `pip install doit-wasm[test]`"
        )
    import hypothesis

    params = make().wit_function(function).type.params
    arguments = {python_name(each): strategy(type_) for each, type_ in params}

    def example(**values: Any) -> None:
        component.start_again()
        test(make(), **values)

    example.__name__ = getattr(test, "__name__", "example")
    settings = hypothesis.settings(
        max_examples=count, deadline=None, database=None, print_blob=False
    )
    if arguments:
        settings(hypothesis.given(**arguments)(example))()
    else:
        example()


def strategy(type_: WitType) -> SearchStrategy[Any]:
    """Return a hypothesis strategy for the values of a type.

    Raises:
        ComponentError: It has no values that a test can make up, such as a resource.
    """
    made = _MAKE.get(type(type_))
    if made is None:
        raise ComponentError(
            f"there are no made-up values of type {type_}",
            fix="write a test that gets one from the component, and calls it",
        )
    found: SearchStrategy[Any] = made(type_)
    return found


def _primitive(type_: Primitive) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    simple: Mapping[str, Callable[[], SearchStrategy[Any]]] = {
        "bool": st.booleans,
        "f32": lambda: st.floats(width=32),
        "f64": st.floats,
        "char": lambda: st.characters(codec="utf-8"),
        "string": lambda: st.text(st.characters(codec="utf-8")),
    }
    if type_.name in simple:
        return simple[type_.name]()
    bits = int(type_.name[1:])
    if type_.name.startswith("u"):
        return st.integers(0, (1 << bits) - 1)
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


def _list(type_: ListType) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    return st.binary() if type_.element == U8 else st.lists(strategy(type_.element))


def _tuple(type_: TupleType) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    return st.tuples(*map(strategy, type_.elements))


def _record(type_: RecordType) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    return st.fixed_dictionaries({python_name(name): strategy(each) for name, each in type_.fields})


def _cases(cases: list[tuple[str, WitType | None]]) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    def case(name: str, type_: WitType | None) -> SearchStrategy[Any]:
        payload = st.none() if type_ is None else strategy(type_)
        return payload.map(lambda value: Variant(name, value))

    return st.one_of(*(case(name, type_) for name, type_ in cases))


def _enum(type_: EnumType) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    return st.sampled_from(list(type_.names))


def _flags(type_: FlagsType) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    return st.sets(st.sampled_from(list(type_.names)))


_MAKE: Final[Mapping[type, Callable[..., Any]]] = {
    Primitive: _primitive,
    ListType: _list,
    TupleType: _tuple,
    RecordType: _record,
    EnumType: _enum,
    FlagsType: _flags,
    VariantType: lambda type_: _cases(list(type_.cases)),
    OptionType: lambda type_: _cases([("none", None), ("some", type_.payload)]),
    ResultType: lambda type_: _cases([("ok", type_.ok), ("err", type_.err)]),
}

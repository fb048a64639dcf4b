"""Imports: functions, classes and objects of the test, and other components."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from component_test.sample import APP_WAT, APP_WIT, COUNTERS_WAT, COUNTERS_WIT
from pipeline.testing import ComponentError, Err, WrongTypeError
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.instance import Instance

Build = Callable[[str, str], Path]
COUNTERS = "acme:r/counters"


@pytest.fixture(scope="module")
def app_file(build: Build) -> Path:
    return build(APP_WIT, APP_WAT, "app")


@pytest.fixture(scope="module")
def counters_file(build: Build) -> Path:
    return build(COUNTERS_WIT, COUNTERS_WAT)


class Counter:
    """What a test writes in place of the resource."""

    dropped = 0

    def __init__(self, start: int) -> None:
        self.value = start

    def add(self, n: int) -> int:
        self.value += n
        return self.value


@pytest.fixture
def logged() -> list[str]:
    return []


@pytest.fixture
def app(component: Factory, app_file: Path, logged: list[str]) -> Instance:
    given = {COUNTERS: {"counter": Counter, "dropped": lambda: 0}, "log": logged.append}
    return component(app_file, imports=given)


def test_a_function_of_the_world_is_a_function_of_the_test(
    app: Instance, logged: list[str]
) -> None:
    app.shout()
    assert logged == ["hé!"]


def test_a_class_stands_for_a_resource(app: Instance) -> None:
    assert app.count(5) == 7
    one = Counter(1)
    assert app.lend(one) == 101
    assert app.keep(one) == 111
    assert one.value == 111


def test_a_component_stands_for_an_import(
    component: Factory, app_file: Path, counters_file: Path
) -> None:
    counters = component(counters_file)
    app = component(app_file, imports={COUNTERS: counters, "log": print})
    assert app.count(5) == 7
    assert app.ask_dropped() == 1 == counters.counters.dropped()
    part = component(app_file, imports={"counters": counters["counters"], "log": print})
    one = counters.counters.counter(3)
    assert part.lend(one) == 103
    assert part.keep(one) == 113
    assert counters.counters.dropped() == 2


def test_a_mock_stands_for_an_import(component: Factory, app_file: Path) -> None:
    counters, log = Mock(), Mock(return_value=None)
    counters.counter.return_value.add.return_value = 9
    app = component(app_file, imports={COUNTERS: counters, "log": log})
    assert app.count(1) == 9
    app.shout()
    log.assert_called_once_with("hé!")
    counters.counter.assert_called_once_with(1)


def test_resources_of_a_component_are_objects(component: Factory, counters_file: Path) -> None:
    counters = component(counters_file).counters
    one, other = counters.counter(1), counters.counter(start=5)
    assert one.add(2) == 3
    merged = counters.counter.merge(one, other)
    assert merged.add(0) == 8
    with pytest.raises(ComponentError, match="gone> cannot be used: it was dropped, or passed on"):
        one.add(1)
    with other:
        assert other.add(1) == 6
    assert counters.dropped() == 1
    merged.drop()
    merged.drop()
    assert counters.dropped() == 2


def test_a_method_that_is_not_there_is_an_error(component: Factory, counters_file: Path) -> None:
    counters = component(counters_file).counters
    with pytest.raises(AttributeError, match=r"`sub` in counter of acme:r/.*\n.*exports add\n"):
        counters.counter(1).sub(1)
    with pytest.raises(AttributeError, match=r"`join` in counter of acme:r/.*\n.*exports merge\n"):
        counters.counter.join()


def test_a_resource_of_another_component_is_an_error(
    component: Factory, counters_file: Path
) -> None:
    one = component(counters_file).counters.counter(1)
    other = component(counters_file).counters
    for wrong in (one, object(), 5):
        with pytest.raises(ComponentError, match=r"is no counter of made\n.*has returned"):
            other.counter.merge(wrong, other.counter(1))
    with pytest.raises(WrongTypeError, match="None"):
        other.counter.merge(None, None)
    assert other.counter(1).add(1) == 2


def test_what_an_import_raises_reaches_the_test_as_it_is(
    component: Factory, app_file: Path
) -> None:
    def log(text: str) -> None:
        assert text == "something else"

    app = component(app_file, imports={COUNTERS: Counter, "log": log})
    with pytest.raises(AssertionError, match="something else") as caught:
        app.shout()
    assert any(each.name == "log" for each in caught.traceback), "with the line of the test"
    with pytest.raises(ComponentError, match="an import raised AssertionError"):
        app.shout()


def test_an_import_runs_in_the_thread_of_the_test(component: Factory, app_file: Path) -> None:
    import threading

    threads: list[threading.Thread] = []
    log = lambda _text: threads.append(threading.current_thread())  # noqa: E731 - as tests do
    component(app_file, imports={COUNTERS: Counter, "log": log}).shout()
    assert threads == [threading.current_thread()]


def test_an_import_that_is_missing_is_an_error(component: Factory, app_file: Path) -> None:
    with pytest.raises(ComponentError, match=r"imports acme:r/counters@1.2.0, which the test"):
        component(app_file, imports={"log": print})
    with pytest.raises(ComponentError, match="imports the function log, which the test does not"):
        component(app_file, imports={COUNTERS: Counter})
    app = component(app_file, imports={COUNTERS: {"counter": Counter}, "log": print})
    assert app.count(1) == 3
    with pytest.raises(ComponentError, match=r"called counters.dropped, which the test does not"):
        app.ask_dropped()


def test_what_is_given_but_not_imported_is_an_error(component: Factory, app_file: Path) -> None:
    with pytest.raises(ComponentError, match=r"does not import acme:r/counter\n.*counters@1"):
        component(app_file, imports={"acme:r/counter": {}, "log": print})


def test_an_import_that_returns_a_wrong_value_is_an_error(
    component: Factory, app_file: Path
) -> None:
    given = {COUNTERS: {"dropped": lambda: -1}, "log": lambda _text: 5}
    with pytest.raises(WrongTypeError, match=r"what counters.dropped returned has the wrong type"):
        component(app_file, imports=given).ask_dropped()
    with pytest.raises(WrongTypeError, match="what log returned"):
        component(app_file, imports=given).shout()


def test_an_error_case_from_a_function_without_result_is_that_exception(
    component: Factory, app_file: Path
) -> None:
    def log(_text: str) -> None:
        raise Err("no")

    with pytest.raises(Err, match="no"):
        component(app_file, imports={COUNTERS: Counter, "log": log}).shout()

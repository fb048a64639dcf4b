"""A component gets what the test gives, and nothing else."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.testing import ComponentError, DeadlineError, NotExportedError, TrapError
from pipeline.testing.component.factory import Factory


@pytest.fixture
def probe(probe_file: Path) -> Path:
    return probe_file


def drawn(component: Factory, probe: Path, directory: Path, **given: object) -> tuple[bytes, int]:
    """Return the random bytes and the time that a command sees."""
    app = component(probe, dirs={"/data": directory}, **given)
    assert app.main() == 0
    data = (directory / "out").read_bytes()
    return data[:8], int.from_bytes(data[8:], "little")


def test_a_command_gets_arguments_variables_and_input(component: Factory, probe: Path) -> None:
    app = component(probe, env={"KEY": "wert ü"}, stdin="in\n")
    assert app.main() == 0
    assert app.stdout == "probe\0KEY=wert ü\0"
    assert app.stderr == "in\n"


def test_by_default_there_is_nothing(
    component: Factory, probe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the machine")
    app = component(probe)
    app.main()
    assert (app.stdout, app.stderr) == ("probe\0", "")


def test_the_exit_code_is_that_of_the_command(component: Factory, probe: Path) -> None:
    assert component(probe, args=["fail"]).main() == 1


def test_random_bytes_are_those_of_a_seed(component: Factory, probe: Path, tmp_path: Path) -> None:
    first, _ = drawn(component, probe, tmp_path)
    again, _ = drawn(component, probe, tmp_path)
    other, _ = drawn(component, probe, tmp_path, randomness=1)
    ours, _ = drawn(component, probe, tmp_path, randomness=lambda count: b"x" * count)
    assert first == again != other
    assert ours == b"xxxxxxxx"


def test_the_clock_is_that_of_the_test(component: Factory, probe: Path, tmp_path: Path) -> None:
    _, epoch = drawn(component, probe, tmp_path)
    assert epoch == 0
    now = datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
    _, given = drawn(component, probe, tmp_path, now=now)
    assert given == int(now.timestamp()) * 10**9 + 7000
    _, called = drawn(component, probe, tmp_path, now=lambda: datetime(1970, 1, 2))  # noqa: DTZ001 - as UTC
    assert called == 86_400 * 10**9


def test_a_directory_may_be_read_only(component: Factory, probe: Path, tmp_path: Path) -> None:
    app = component(probe, readonly_dirs={"/data": tmp_path}, args=["a", "b", "c", "d"])
    assert app.main() == 0
    assert app.stderr == "out"
    assert list(tmp_path.iterdir()) == []


CLOCKS_WAT = """(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core func $draw (canon lower (func $random "get-random-u64")))
  (func (export "now") (result u64) (canon lift (core func $now)))
  (func (export "draw") (result u64) (canon lift (core func $draw))))"""


def test_the_monotonic_clock_and_random_numbers_are_those_of_the_test(
    component: Factory, parsed: Callable[..., Path]
) -> None:
    file = parsed(CLOCKS_WAT)
    ticks = iter([5, 2**64 - 1])
    made = component(file, monotonic=lambda: next(ticks), randomness=3)
    assert [made.now(), made.now()] == [5, 2**64 - 1]
    again = component(file, randomness=3)
    assert [made.draw(), made.draw()] == [again.draw(), again.draw()]
    assert 0 < again.now() <= again.now()
    with pytest.raises(ComponentError, match="`randomness` returned 1 bytes, not 8"):
        component(file, randomness=lambda _count: b"x").draw()


def test_durations_cannot_be_given_to_a_component_that_waits(
    component: Factory, probe: Path
) -> None:
    with pytest.raises(ComponentError, match="`monotonic` cannot be given to a component that"):
        component(probe, monotonic=lambda: 1)


@pytest.mark.parametrize(
    ("dirs", "message"),
    [({"/data": "none-such"}, "it is no directory"), ({"data": "."}, 'write dirs={"/data": …}')],
)
def test_a_wrong_directory_is_an_error(
    component: Factory, probe: Path, dirs: dict[str, str], message: str
) -> None:
    with pytest.raises(ComponentError, match=message):
        component(probe, dirs=dirs)


def test_a_command_that_waits_in_the_host_fails_at_the_deadline(
    component: Factory, probe: Path
) -> None:
    app = component(probe, args=["a", "b"], deadline=0.1)
    begin = time.monotonic()
    with pytest.raises(DeadlineError, match=r"in 0.1 s: it waits in the host"):
        app.main()
    assert time.monotonic() - begin < 3
    assert app.stdout == "probe\0a\0b\0"


def test_a_command_that_traps_is_an_error(component: Factory, probe: Path) -> None:
    with pytest.raises(TrapError, match="unreachable"):
        component(probe, args=["a", "b", "c"]).main()


def test_what_is_no_command_cannot_be_run(component: Factory, calc_file: Path) -> None:
    with pytest.raises(NotExportedError, match="does not export `wasi:cli/run`"):
        component(calc_file).main()

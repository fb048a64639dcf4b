"""The bench of the webhook runs, at a size that takes no time; how fast it is, is not judged."""

import re

import pytest

from tests.bench import webhook


def test_a_small_bench_loses_no_delivery_over_restarts(capsys: pytest.CaptureFixture[str]) -> None:
    webhook.main(["--count", "40"])
    out = capsys.readouterr().out
    assert re.search(r"40 deliveries, 4 clients: median .* p99 .*(PASS|FAIL)", out)
    assert out.count("answers {202: 40}, 40 tools of 40 due  PASS (none lost)") == 2


def test_the_promise_is_about_the_slowest_hundredth() -> None:
    assert webhook.judged([0.001] * 990 + [9.0] * 10)[1]
    assert not webhook.judged([0.001] * 989 + [9.0] * 11)[1]


@pytest.mark.soak
def test_a_thousand_deliveries_are_answered_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert webhook.main(["--count", "1000"]) == 0, capsys.readouterr().out

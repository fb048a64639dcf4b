"""The bench of the webhook runs, at a size that takes no time; how fast it is, is not judged."""

import re

import pytest

from tests.bench import webhook


def test_a_small_bench_loses_no_delivery_over_restarts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", "")  # it sets another one
    webhook.main(["--count", "40"])
    out = capsys.readouterr().out
    assert re.search(r"40 deliveries, 4 clients: median .* p99 .*(PASS|FAIL)", out)
    assert out.count("answers {202: 40}, 40 tools of 40 due  PASS (none lost)") == 2


def test_the_promise_is_about_the_slowest_hundredth() -> None:
    assert webhook.judged([0.001] * 990 + [9.0] * 10)[1]
    assert not webhook.judged([0.001] * 989 + [9.0] * 11)[1]

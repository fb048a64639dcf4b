"""The benchmark of the remote cache at a size that takes no time; no time is judged here."""

import re

import pytest

from conftest import STORE
from tests.bench import remote_cache


def test_the_table_has_a_verdict_for_each_protocol(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    code = remote_cache.main(["--hits", "3"])
    out = capsys.readouterr().out
    assert re.search(r"a bare round trip +\d", out)
    verdicts = re.findall(r"a hit over (?:http|grpc) .*(PASS|FAIL) \(at most 5 ms\)", out)
    assert len(verdicts) == 2
    assert code == int("FAIL" in verdicts)

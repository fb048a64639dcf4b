"""The bench of shared runs at a size that takes little time; no time is judged here."""

import re

import pytest

from conftest import STORE
from tests.bench import shared_run


def test_each_server_has_a_line_and_each_bad_one_a_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    monkeypatch.setattr(shared_run, "BAD", {"never answers": shared_run.silent})
    code = shared_run.main(["--hits", "2", "--steps", "2", "--rounds", "1"])
    out = capsys.readouterr().out
    assert re.findall(r"(\w+|reads only) +\d+\.\d+ s, (\d) hits", out)[:3] == [
        ("first", "0"),
        ("second", "2"),
        ("reads only", "2"),
    ]
    assert len(re.findall(r"20 ms away, -n [18] .* 2 hits, 0 misses", out)) == 4
    verdicts = re.findall(r"never answers .*(PASS|FAIL) \(at most 2.00 s\)", out)
    assert len(verdicts) == 1
    assert code == int("FAIL" in verdicts)

"""The benchmark of the fixture `component`, with one round; no time is judged here."""

import re
from pathlib import Path

import pytest
import wasmtime

from tests.bench import component


def test_each_line_has_a_time_and_each_promise_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nothing.wasm"
    file.write_bytes(wasmtime.wat2wasm("(component)"))
    code = component.main([str(file), "--rounds", "1"])
    out = capsys.readouterr().out
    assert "nothing.wasm, 8 bytes" in out
    assert len(re.findall(r"^ +[a-z ]+ +[\d.]+ / [\d.]+", out, re.MULTILINE)) == 3
    verdicts = re.findall("PASS|FAIL", out)
    assert len(verdicts) == 2
    assert code == int("FAIL" in verdicts)

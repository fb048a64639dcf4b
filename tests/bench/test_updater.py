"""The bench of the updater runs, at a size that takes no time; how fast it is, is not judged."""

import re
from pathlib import Path

import pytest

from tests.bench import updater


def test_a_small_bench_measures_what_needs_no_rival(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--repositories", "0", "--mib", "2", "--large-mib", "3", "--rounds", "1"]
    words += ["--lists", "1", "--built", str(built), "--directory", str(tmp_path)]
    code = updater.main(words)
    out = capsys.readouterr().out
    assert code in {0, 1}
    assert re.search(r"`list` over 22 tools, 1 runs: [\d.]+ / [\d.]+ s  (PASS|FAIL)", out)
    assert "2 MiB downloaded and hashed" in out
    assert "3 MiB hashed with max-memory-size=67108864: PASS" in out
    assert not list(tmp_path.iterdir())


@pytest.mark.registry
def test_a_small_bench_polls_beside_nvchecker(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--repositories", "30", "--mib", "0", "--large-mib", "0", "--rounds", "1"]
    words += ["--lists", "1", "--built", str(built), "--directory", str(tmp_path)]
    updater.main(words)
    out = capsys.readouterr().out
    assert "30 repositories at 100 ms" in out
    assert re.search(r"ours, again.*\{304: 30\}  PASS", out)

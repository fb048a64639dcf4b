"""The bench of downloads runs, at a size that takes no time; how fast it is, is not judged."""

import pytest

from tests.bench import transfer


def test_a_small_bench_measures_and_judges_everybody(tmp_path, capsys) -> None:
    code = transfer.main(
        ["--mib", "1", "--large-mib", "2", "--rounds", "1", "--directory", str(tmp_path)]
    )
    out = capsys.readouterr().out
    assert code in {0, 1}
    assert "1 MiB from loopback" in out
    assert "received, hashed, placed" in out
    assert "2 MiB: " in out
    assert "(at most 80: PASS)" in out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("seconds", "kept"), [(0.95, True), (0.85, False)])
def test_a_promise_is_kept_or_broken_by_the_fastest_run(seconds, kept) -> None:
    lines = dict(transfer.judged({"ours": [1.0, 9.0], "curl": [seconds, 9.0]}, 1_000_000))
    (line,) = [line for line in lines if "curl" in line]
    assert lines[line] is kept
    assert ("PASS" if kept else "FAIL") in line

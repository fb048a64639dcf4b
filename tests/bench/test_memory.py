"""The measurement of memory, with a small graph."""

from pathlib import Path

from tests.bench.graphs import OURS, PLAIN
from tests.bench.memory import peak


def test_the_memory_of_both_is_measured_and_grows_with_the_graph(tmp_path: Path) -> None:
    small, large = (peak(tmp_path / f"ours-{size}", OURS, size) for size in (10, 4000))
    plain = peak(tmp_path / "plain", PLAIN, 10)
    assert 5_000_000 < plain < small < large < 500_000_000

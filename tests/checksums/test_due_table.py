"""The rule of what is due, by the table that also binds the simulation in Go."""

import json
from pathlib import Path

import pytest

from pipeline.checksums import due
from pipeline.checksums.watched import watched

TABLE = Path(__file__).parents[2] / "components/downloader/internal/simulation/testdata/due.json"
INTERVALS = {0: "0", 3600: "1h", 86400: "1d"}


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row["about"]) for row in json.loads(TABLE.read_text())]
)
def test_the_rule_is_that_of_the_table(tmp_path: Path, row) -> None:
    head = '[t]\nrepository = "o/r"\ntag = "v{version}"\n'
    text = f'{head}interval = "{INTERVALS[row["interval"]]}"\n'
    (tmp_path / "tools.toml").write_text(text)
    assert list(watched(tmp_path)) == ["t"]
    if row["polled"] >= 0:
        due.polled(tmp_path, "t", row["polled"])
    if row["marked"]:
        due.mark_due(tmp_path, "t")
    assert due.due(tmp_path, row["now"]) == (["t"] if row["due"] else [])

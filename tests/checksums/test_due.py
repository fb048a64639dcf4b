"""When each tool was polled is in the store, and a tool is due when that says so."""

import json
from pathlib import Path

import pytest

from pipeline.checksums import due
from pipeline.checksums.watched import DAY, watched
from pipeline.errors import DeclarationError

NOW = 1_795_000_000.0
HOUR = 3_600

TOOLS = """
[plain]
repository = "o/plain"
tag = "v{version}"

[hourly]
repository = "o/hourly"
tag = "v{version}"
interval = "1h"

[always]
repository = "o/always"
tag = "v{version}"
interval = "0"
"""


@pytest.fixture
def checksums(tmp_path: Path) -> Path:
    directory = tmp_path / "checksums"
    directory.mkdir()
    (directory / "tools.toml").write_text(TOOLS)
    return directory


def poll_all(checksums: Path, now: float = NOW) -> None:
    for tool in watched(checksums):
        due.polled(checksums, tool, now)


def test_a_tool_that_was_never_polled_is_due(checksums: Path) -> None:
    assert due.due(checksums, NOW) == ["always", "hourly", "plain"]


def test_a_poll_holds_for_the_interval_of_the_tool(checksums: Path) -> None:
    poll_all(checksums)
    assert due.due(checksums, NOW) == ["always"]
    assert due.due(checksums, NOW + HOUR - 1) == ["always"]
    assert due.due(checksums, NOW + HOUR) == ["always", "hourly"]
    assert due.due(checksums, NOW + DAY) == ["always", "hourly", "plain"]


@pytest.mark.parametrize("jump", [-365 * DAY, -1, DAY])
def test_a_clock_that_jumps_makes_tools_due_once(checksums: Path, jump: int) -> None:
    poll_all(checksums)
    there = NOW + jump
    assert due.due(checksums, there) == ["always", "hourly", "plain"]
    poll_all(checksums, there)
    assert due.due(checksums, there) == ["always"]
    poll_all(checksums, NOW)
    assert due.due(checksums, NOW) == ["always"]


def test_a_mark_makes_a_tool_due_until_a_poll_that_has_seen_it(checksums: Path) -> None:
    poll_all(checksums)
    due.mark_due(checksums, "plain")
    assert due.due(checksums, NOW) == ["always", "plain"]
    seen = due.marks(checksums)
    assert sorted(seen) == ["plain"]
    due.polled(checksums, "plain", NOW, mark=seen["plain"])
    assert due.due(checksums, NOW) == ["always"]


def test_a_mark_that_comes_during_a_poll_is_not_lost(checksums: Path) -> None:
    poll_all(checksums)
    due.mark_due(checksums, "plain")
    seen = due.marks(checksums)["plain"]
    due.mark_due(checksums, "plain")
    due.polled(checksums, "plain", NOW, mark=seen)
    assert due.due(checksums, NOW) == ["always", "plain"]


def test_another_table_makes_its_tool_due_and_no_other(checksums: Path) -> None:
    poll_all(checksums)
    path = checksums / "tools.toml"
    path.write_text(path.read_text().replace("o/hourly", "o/moved"))
    assert due.due(checksums, NOW) == ["always", "hourly"]


def test_another_interval_alone_is_no_other_table(checksums: Path) -> None:
    poll_all(checksums)
    path = checksums / "tools.toml"
    path.write_text(path.read_text().replace('"1h"', '"2h"'))
    assert due.due(checksums, NOW + HOUR) == ["always"]


def test_a_release_file_that_is_not_the_one_of_the_last_poll_makes_its_tool_due(
    checksums: Path, tmp_path: Path
) -> None:
    releases = tmp_path / "releases"
    releases.mkdir()
    for tool in ("always", "hourly", "plain"):
        (releases / f"{tool}.json").write_text("{}\n")
        due.polled(checksums, tool, NOW, release=releases / f"{tool}.json")
    assert due.due(checksums, NOW, releases) == ["always"]
    (releases / "plain.json").write_text('{"edited": true}\n')
    (releases / "hourly.json").unlink()
    assert due.due(checksums, NOW, releases) == ["always", "hourly", "plain"]


def test_another_api_and_another_directory_have_polls_of_their_own(
    checksums: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll_all(checksums)
    monkeypatch.setenv("GITHUB_API_URL", "https://github.example/api/v3")
    assert due.due(checksums, NOW) == ["always", "hourly", "plain"]
    monkeypatch.setenv("GITHUB_API_URL", "https://api.github.com/")
    assert due.due(checksums, NOW) == ["always"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "tools.toml").write_text(TOOLS)
    assert due.due(other, NOW) == ["always", "hourly", "plain"]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "{}", '{"polled": true}', '{"polled": "x"}']
)
def test_a_damaged_record_counts_as_never_polled(checksums: Path, text: str) -> None:
    poll_all(checksums)
    (due.state_directory(checksums) / "plain.json").write_text(text)
    assert due.due(checksums, NOW) == ["always", "plain"]


def test_nothing_is_written_among_the_sources(checksums: Path) -> None:
    before = sorted(checksums.rglob("*"))
    poll_all(checksums)
    due.mark_due(checksums, "plain")
    assert sorted(checksums.rglob("*")) == before


def test_when_a_tool_is_due_next(checksums: Path) -> None:
    entries = watched(checksums)
    assert due.next_poll(checksums, entries["hourly"]) is None
    poll_all(checksums)
    assert due.next_poll(checksums, entries["hourly"]) == NOW + HOUR
    due.mark_due(checksums, "hourly")
    assert due.next_poll(checksums, entries["hourly"]) is None


WRONG = ['"6 parsecs"', '"1"', '"-1d"', '"0d"', '"367d"', '"1.5h"', "6", "true", '["1d"]']


@pytest.mark.parametrize("interval", WRONG)
def test_an_interval_that_makes_no_sense_is_one_error(checksums: Path, interval: str) -> None:
    path = checksums / "tools.toml"
    path.write_text(path.read_text().replace('"1h"', interval))
    with pytest.raises(DeclarationError) as raised:
        due.due(checksums, NOW)
    said = json.dumps(json.loads(interval))
    assert f"{path}: [hourly] interval: {said} is not an interval" in str(raised.value)
    assert '"6h"' in raised.value.fix


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1_800), ("6h", 21_600), ("1d", DAY), ("2w", 14 * DAY), ("0", 0)]
)
def test_intervals(checksums: Path, text: str, seconds: int) -> None:
    path = checksums / "tools.toml"
    path.write_text(path.read_text().replace('"1h"', f'"{text}"'))
    assert watched(checksums)["hourly"].interval == seconds
    assert watched(checksums)["plain"].interval == DAY


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("tool = 1\n", "tool is not a table"),
        ('["a/b"]\ntag = "x"\n', "[a/b] is not the name of a tool"),
        ("[wac\n", "is not TOML"),
    ],
)
def test_a_file_that_has_no_tables_of_tools_is_one_error(
    checksums: Path, text: str, what: str
) -> None:
    (checksums / "tools.toml").write_text(text)
    with pytest.raises(DeclarationError, match=r"tools\.toml") as raised:
        watched(checksums)
    assert what in str(raised.value)

"""When each tool is polled next: the schedule, and the command that prints it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.checksums import due
from pipeline.checksums.schedule import Load, schedule
from pipeline.checksums.watched import DAY

NOW = 1_795_000_000.0
HOUR = 3_600
TOOLS = """
[daily]
repository = "o/daily"
tag = "v{version}"

[hourly]
repository = "o/hourly"
tag = "v{version}"
interval = "1h"

[always]
repository = "o/always"
tag = "v{version}"
interval = "0"

[go]
source = "go"
tag = "go{version}"
"""


@pytest.fixture
def checksums(tmp_path: Path) -> Path:
    directory = tmp_path / "checksums"
    directory.mkdir()
    (directory / "tools.toml").write_text(TOOLS)
    (tmp_path / "dodo.py").write_text("")
    return directory


def test_tools_are_listed_in_the_order_of_their_next_polls(checksums: Path) -> None:
    for tool, ago in {"daily": 2 * HOUR, "hourly": 600, "always": 5}.items():
        due.polled(checksums, tool, NOW - ago)
    polls = schedule(checksums, NOW).polls
    assert [(poll.tool, poll.at) for poll in polls] == [
        ("always", None),
        ("go", None),
        ("hourly", NOW - 600 + HOUR),
        ("daily", NOW - 2 * HOUR + DAY),
    ]


def test_what_is_due_in_the_schedule_is_what_due_says(checksums: Path) -> None:
    for tool in ("daily", "hourly", "always"):
        due.polled(checksums, tool, NOW)
    due.mark_due(checksums, "hourly")
    for now in (NOW, NOW + HOUR, NOW + DAY, NOW - DAY):
        polls = schedule(checksums, now).polls
        assert sorted(poll.tool for poll in polls if poll.at is None) == due.due(checksums, now)


def test_the_busiest_hour_counts_each_poll_when_it_is_due(checksums: Path) -> None:
    due.polled(checksums, "daily", NOW - DAY + 5 * HOUR + 10)
    due.polled(checksums, "hourly", NOW - 600)
    due.polled(checksums, "always", NOW)
    due.polled(checksums, "go", NOW)
    github, go = schedule(checksums, NOW).loads
    assert github == Load("api.github.com", tools=3, due=1, daily=25, busiest=2, quota=60)
    assert (go.host, go.due, go.quota) == ("go.dev", 0, None)


def test_a_token_and_another_server_have_other_quotas(
    checksums: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "a-token")
    assert schedule(checksums, NOW).loads[0].quota == 5000
    monkeypatch.setenv("GITHUB_API_URL", "https://github.example:8443/api/v3")
    load = schedule(checksums, NOW).loads[0]
    assert (load.host, load.quota) == ("github.example:8443", None)


def command(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from pipeline.commands.main import main; exit(main())"]
    return subprocess.run(
        [*program, *words], cwd=directory, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", [["polls"], ["releases", "--plan"]], ids=["polls", "releases"])
def test_the_command_prints_the_schedule(checksums: Path, words: list[str]) -> None:
    due.polled(checksums, "hourly", time.time() - 600)
    run = command(checksums.parent, *words)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].split() == ["TOOL", "HOST", "INTERVAL", "NEXT", "REQUESTS"]
    assert "hourly  api.github.com  1h         in 50m  1" in run.stdout
    assert "always  api.github.com  every run  now     1" in run.stdout
    assert "api.github.com: 3 tools, 2 due now; about 25 requests per day" in run.stdout


def test_the_command_prints_json(checksums: Path) -> None:
    due.polled(checksums, "hourly", 2_000_000_000)  # the clock was ahead, so it is due
    run = command(checksums.parent, "releases", "--json", "--plan", "--checksums", "checksums")
    found = json.loads(run.stdout)
    assert {tool["tool"]: tool["next"] for tool in found["tools"]} == dict.fromkeys(
        ["always", "daily", "go", "hourly"]
    )
    assert found["tools"][0] == {
        "tool": "always",
        "host": "api.github.com",
        "interval": 0,
        "next": None,
        "requests": 1,
    }
    assert set(found["hosts"][0]) == {
        "host",
        "tools",
        "due",
        "requests_per_day",
        "busiest_hour",
        "quota_per_hour",
    }


def test_more_tools_than_the_quota_covers_are_noted(checksums: Path) -> None:
    text = "".join(f'[t{n}]\nrepository = "o/r{n}"\ntag = "v{{version}}"\n' for n in range(61))
    (checksums / "tools.toml").write_text(text)
    run = command(checksums.parent, "polls")
    assert "note: more than 60; the rest follows when the quota is renewed. Set GITHUB_TOKEN" in (
        run.stdout
    )


def test_an_interval_that_makes_no_sense_is_one_error(checksums: Path) -> None:
    (checksums / "tools.toml").write_text(TOOLS.replace('"1h"', '"hourly"'))
    run = command(checksums.parent, "releases", "--plan")
    assert (run.returncode, run.stdout) == (2, "")
    assert "[hourly] interval" in run.stderr
    assert "Traceback" not in run.stderr

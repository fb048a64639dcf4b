"""The command and the pytest fixture."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from pipeline.testing.github import FakeGitHub

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "pipeline.testing.github"]


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_urls_and_serves_until_it_is_stopped(
    number: signal.Signals,
) -> None:
    command = [*COMMAND, "--json", "--base-path", "/api/v3"]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            urls = json.loads(first_line(process))
            assert urls["api"] == urls["web"] + "/api/v3"
            latest = requests.get(f"{urls['api']}/repos/example/tool/releases/latest", timeout=30)
            asset = latest.json()["assets"][0]
            body = requests.get(asset["browser_download_url"], timeout=30).content
            assert (latest.json()["tag_name"], len(body)) == ("v1.6.0", asset["size"])
            assert urls["cdn"].startswith("http://localhost:")
        finally:
            process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert [line.split()[0] for line in err.splitlines()] == ["api", "web", "cdn"]


def test_the_urls_are_one_plain_line() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        try:
            line = first_line(process)
        finally:
            process.send_signal(signal.SIGTERM)
    api, web, cdn = (part.partition("=") for part in line.split())
    assert (api[0], web[0], cdn[0]) == ("api", "web", "cdn")
    assert all(url.startswith("http://") for _, _, url in (api, web, cdn))


def test_help_says_what_is_served() -> None:
    done = subprocess.run(
        [*COMMAND, "--help"], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert "curl -i API/repos/example/tool/releases/latest" in done.stdout


def test_the_fixture_is_a_running_github(fake_github: FakeGitHub) -> None:
    fake_github.add_repository("o/r").add_release("v1")
    url = f"{fake_github.api_url}/repos/o/r/releases/latest"
    assert requests.get(url, timeout=30).json()["tag_name"] == "v1"


TEST = """
import requests

def test_that_fails(fake_github):
    requests.get(fake_github.api_url + "/repos/o/r", timeout=30)
    assert False
"""


def test_a_failed_test_shows_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "pipeline.testing.plugin", "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "api GET 127.0.0.1:" in done.stdout
    assert "/repos/o/r 404" in done.stdout

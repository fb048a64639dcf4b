"""A summary says what changed since a commit, and what needs a person comes first."""

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from checksums import command, sample
from checksums.command import Done
from pipeline.commands.summary import Summary
from workshop import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "docs/reference/schema/summary.schema.json").read_text())
NEW, OTHER = "a" * 64, "b" * 64
LINK = "https://github.com/o/shared"


class Place:
    """A repository with a committed directory of checksums."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checksums = sample.fill(root / "checksums")
        self.git("init", "-q")
        self.commit()

    def git(self, *words: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@t.test"]
        subprocess.run(["git", *who, *words], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "recorded")

    def summary(self, *words: str) -> Done:
        return command.run(Summary, self.root, *words)

    def json(self, code: int = 0) -> dict[str, Any]:
        done = self.summary("--json")
        assert done.returncode == code, done.stderr
        found = json.loads(done.stdout)
        jsonschema.validate(found, SCHEMA)
        return found

    def record(self, tool: str, version: str, *, latest: bool = True, **platforms: str) -> None:
        """Record a version of a tool: platforms and hashes, by default those that it has."""
        whole = copy.deepcopy(sample.document(tool))
        (release,) = copy.deepcopy(list(whole["versions"].values()))
        release["tag"] = f"v{version}"
        if platforms:
            release["platforms"] = {
                name: {"asset": f"{tool}-{name}", "sha256": digest, "size": 41_900_000,
                       "confirmed_by": ["digest", "sums", "bytes", "registry:hermit"]}
                for name, digest in platforms.items()
            }  # fmt: skip
        whole["versions"][version] = release
        if latest:
            whole["latest_version"] = version
        sample.write(self.checksums, tool, whole)

    def release_file(self, tool: str, **fields: object) -> None:
        whole = {"newest": None, "passed_over": [], "releases": [], "source": LINK, "tool": tool}
        path = self.root / "build/releases" / f"{tool}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**whole, **fields}))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_changed(place: Place) -> None:
    done = place.summary()
    assert (done.returncode, done.stdout) == (0, "No release was recorded since `HEAD`.\n\n")
    found = place.json()
    assert found["title"] == "checksums: no new release"
    assert (found["tampering"], found["updates"], found["waiting"]) == ([], [], [])


def test_a_new_release_has_its_files_links_sizes_and_who_confirmed_each_hash(place: Place) -> None:
    place.record("plain", "1.3.0", linux_amd64=NEW, darwin_arm64=OTHER)
    found = place.json()
    assert found["title"] == "checksums: record plain 1.3.0"
    (update,) = found["updates"]
    assert (update["before"], update["after"], update["latest"]) == ("1.2.0", "1.3.0", True)
    assert update["release_url"] == f"{LINK}/releases/tag/v1.3.0"
    assert update["compare_url"] == f"{LINK}/compare/v1.2.0...v1.3.0"
    assert update["size"] == 2 * 41_900_000
    assert update["dropped"] == ["windows_amd64"]
    assert [row["platform"] for row in update["assets"]] == ["darwin_arm64", "linux_amd64"]
    text = place.summary().stdout
    links = f"[release](<{LINK}/releases/tag/v1.3.0>), [compare](<{LINK}/compare/v1.2.0...v1.3.0>)"
    assert f"| `plain` | `1.2.0` | `1.3.0` of 2026-11-20 | 2 | 83.8 MB | {links} |\n" in text
    assert "`plain` `1.3.0` no longer has: `windows_amd64`." in text
    confirmed = "digest of the API, file of checksums, download, record of `hermit`"
    assert f"| `linux_amd64` | `plain-linux_amd64` | 41.9 MB | `{NEW}` | {confirmed} |\n" in text


def test_a_new_tool_an_older_line_and_later_files_are_updates_too(place: Place) -> None:
    place.git("rm", "-q", "--cached", "checksums/tools/arch.json")
    place.git("commit", "-qm", "not yet")
    place.record("plain", "1.1.9", latest=False, linux_amd64=NEW)
    more = sample.document("component")
    more["versions"]["1.2.0"]["platforms"]["linux_arm64"] = {"asset": "arm", "sha256": NEW}
    sample.write(place.checksums, "component", more)
    arch, component, plain = place.json()["updates"]
    assert (arch["tool"], arch["before"], arch["compare_url"]) == ("arch", "", "")
    assert (component["before"], component["after"], component["compare_url"]) == ("1.2.0",) * 2 + (
        "",
    )
    assert (plain["after"], plain["latest"]) == ("1.1.9", False)
    text = place.summary().stdout
    assert "| `arch` | new | `1.2.0` of 2026-11-20 |" in text
    assert "`1.1.9` (not the latest) of 2026-11-20" in text


def test_another_commit_can_be_named(place: Place) -> None:
    place.record("plain", "1.3.0", linux_amd64=NEW)
    place.commit()
    assert place.json()["updates"] == []
    done = place.summary("--json", "--since", "HEAD~1")
    assert [one["after"] for one in json.loads(done.stdout)["updates"]] == ["1.3.0"]


def change(whole: dict[str, Any]) -> None:
    whole["versions"]["1.2.0"]["platforms"]["linux_amd64"]["sha256"] = OTHER


def remove(whole: dict[str, Any]) -> None:
    del whole["versions"]["1.2.0"]["platforms"]["linux_amd64"]


def replace(whole: dict[str, Any]) -> None:
    whole["versions"]["9"] = whole["versions"].pop("1.2.0")
    whole["latest_version"] = "9"


EDITS = {
    "changed": (change, "the recorded hash was changed", OTHER),
    "removed": (remove, "the record was removed", ""),
    "version": (replace, "the version is no longer recorded", ""),
}


@pytest.mark.parametrize(("edit", "what", "other"), EDITS.values(), ids=EDITS)
def test_an_edited_record_comes_first(
    place: Place, edit: Callable[[dict[str, Any]], None], what: str, other: str
) -> None:
    whole = sample.document("plain")
    edit(whole)
    sample.write(place.checksums, "plain", whole)
    place.record("arch", "1.3.0", linux_amd64=NEW)
    found = place.json(code=4)
    assert found["title"].startswith("checksums: POSSIBLE TAMPERING; record ")
    (row,) = found["tampering"]
    assert (row["tool"], row["version"], row["what"], row["other"]) == (
        "plain",
        "1.2.0",
        what,
        other,
    )
    done = place.summary("-o", "body.md")
    assert done.returncode == 4
    text = (place.root / "body.md").read_text()
    assert text.startswith("> [!CAUTION]\n> **Possible tampering.**")
    assert f"| {what} |" in text


def published(digest: str, name: str = "plain-linux") -> list[dict[str, object]]:
    asset = {"api": "", "digest": digest, "name": name, "size": 1, "state": "uploaded",
             "updated_at": "", "url": ""}  # fmt: skip
    return [{"assets": [asset], "draft": False, "id": 1, "prerelease": False, "published_at": "",
             "tag": "v1.2.0"}]  # fmt: skip


def test_a_hash_that_upstream_no_longer_publishes_comes_first_without_any_edit(
    place: Place,
) -> None:
    place.release_file("plain", releases=published(f"sha256:{OTHER}"))
    (row,) = place.json(code=4)["tampering"]
    recorded = sample.sha256(sample.FILES["plain"]["linux_amd64"][1])
    assert (row["recorded"], row["other"]) == (recorded, OTHER)
    assert row["what"] == "upstream publishes another hash for the same file"
    place.release_file("plain", releases=published(f"sha256:{recorded}"))
    assert place.json()["tampering"] == []


def test_a_rolling_tag_may_change_and_is_an_update(place: Place) -> None:
    toml = place.checksums / "tools.toml"
    toml.write_text(toml.read_text().replace("[plain]", "[plain]\nrolling = true"))
    whole = sample.document("plain")
    change(whole)
    sample.write(place.checksums, "plain", whole)
    place.release_file("plain", releases=published(f"sha256:{NEW}"))
    found = place.json()
    assert found["tampering"] == []
    assert [one["tool"] for one in found["updates"]] == ["plain"]


def test_what_waits_is_named_with_its_reason_and_its_day(place: Place) -> None:
    passed = [
        {"version": "1.4.0", "tag": "v1.4.0", "reason": "it is too young", "until": "2026-12-01"},
        {"version": "", "tag": "odd", "reason": "not there yet: a.zip", "until": ""},
    ]
    asset = {"digest": "", "name": "x", "platform": "linux_amd64", "size": 1, "url": ""}
    newest = {"assets": [asset], "date": "", "tag": "v1.3.0", "url": "", "version": "1.3.0"}
    place.release_file("plain", passed_over=passed, newest=newest)
    rows = [(one["version"], one["until"]) for one in place.json()["waiting"]]
    assert rows == [("1.3.0", ""), ("1.4.0", "2026-12-01"), ("odd", "")]
    text = place.summary().stdout
    assert "### Not recorded yet\n" in text
    assert "| `plain` | `1.4.0` | `it is too young` | `2026-12-01` |\n" in text
    assert "| `plain` | `odd` | `not there yet: a.zip` | unknown |\n" in text


def test_what_servers_write_is_code_and_mentions_nobody(place: Place) -> None:
    reason = "see <b>@octocat</b> [x](http://evil.test) | `y` #7\n# z"
    passed = [{"version": "", "tag": "a|`@b`\n#", "reason": reason, "until": "@c"}]
    place.release_file("plain", passed_over=passed)
    (line,) = [one for one in place.summary().stdout.splitlines() if one.startswith("| `plain`")]
    cells = re.split(r" (?<!\\)\| ", line.strip("| "))
    assert cells == [
        "`plain`",
        r"`` a\|`@b` # ``",
        r"`` see <b>@octocat</b> [x](http://evil.test) \| `y` #7 # z ``",
        "`@c`",
    ]


def test_half_a_character_in_a_release_file_is_shown_as_such(place: Place) -> None:
    passed = [{"version": "", "tag": "odd", "reason": "a\ud800b", "until": ""}]
    place.release_file("plain", passed_over=passed)
    assert "| `a\\ud800b` |" in place.summary().stdout
    assert place.summary("-o", "out").returncode == 0


def test_a_title_is_one_line(place: Place) -> None:
    for name in "uvwxyz":
        sample.write(place.checksums, name, {**sample.document("plain"), "tool_name": name})
    named = "u 1.2.0, v 1.2.0, w 1.2.0, x 1.2.0 and 2 more"
    assert place.summary("--title").stdout == f"checksums: record {named}\n"
    assert place.summary("--title", "--json").returncode == 2


def test_a_long_summary_fits_into_a_pull_request(place: Place) -> None:
    for number in range(150):
        many = {f"os{index}": NEW for index in range(10)}
        place.record("plain", "1.3.0", **many)
        whole = json.loads((place.checksums / "tools/plain.json").read_text())
        sample.write(place.checksums, f"tool{number}", {**whole, "tool_name": f"tool{number}"})
    text = place.summary().stdout
    assert 10_000 < len(text) <= 60_000
    assert "The files are left out, because the text would be too long." in text
    assert "`tool149`" in text


WRONG = {
    "no-commit": (["--since", "nope"], "has no commit 'nope'", "--since REF"),
    "an-option": (["--since=--output=x"], "has no commit '--output=x'", "--since REF"),
    "words": (["plain"], "takes no arguments: plain", "doit-wasm help summary"),
    "no-directory": (["--checksums", "none"], "there is no directory none", "--checksums DIR"),
}


@pytest.mark.parametrize(("words", "what", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_one_error(place: Place, words, what: str, fix: str) -> None:
    done = place.summary(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr
    assert fix in done.stderr


def test_a_wrong_file_of_either_side_is_named(place: Place) -> None:
    place.release_file("plain", passed_over=7)
    assert "build/releases/plain.json is not a release file" in place.summary().stderr
    (place.root / "build/releases/plain.json").unlink()
    file = place.checksums / "tools/plain.json"
    good = file.read_text()
    file.write_text("{")
    assert "checksums/tools/plain.json is not JSON" in place.summary().stderr
    place.commit()
    file.write_text(good)
    assert "HEAD:checksums/tools/plain.json is not JSON" in place.summary().stderr


def test_without_git_history_the_error_says_so(tmp_path: Path, place: Place) -> None:
    (place.root / ".git").rename(place.root / "gone")
    done = place.summary()
    assert done.returncode == 2
    assert "has no commit 'HEAD' to compare with" in done.stderr
    assert "run this in a git repository" in done.stderr

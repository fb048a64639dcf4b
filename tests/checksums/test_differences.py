"""Why a tool is recorded again: its two files, its table, and what was compared before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.checksums import comparison
from pipeline.checksums.comparison import FAILED, Place

ONE, TWO = "1" * 63 + "a", "2" * 63 + "b"
TODAY = "2026-11-26"
Edit = Callable[[dict[str, Any]], None]


def release(version: str, digest: str = ONE) -> dict[str, Any]:
    asset = {"name": f"wac-{version}", "digest": f"sha256:{digest}", "size": 1, "url": "u"}
    return {
        "newest": {
            "assets": [asset | {"platform": "linux_amd64"}],
            "date": "",
            "tag": f"v{version}",
            "url": "",
            "version": version,
        },
        "passed_over": [],
        "releases": [{"tag": f"v{version}", "assets": [asset]}],
        "source": "s",
        "tool": "wac",
    }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give a tool whose newest release is recorded."""
    found = Place(tmp_path / "checksums", tmp_path / "releases", "wac")
    found.tool_file.parent.mkdir(parents=True)
    found.releases.mkdir()
    write(found.release_file, release("1.0.0"))
    asset = {"asset": "wac-1.0.0", "sha256": ONE}
    versions = {"1.0.0": {"release_date": "2026-01-01", "platforms": {"linux_amd64": asset}}}
    write(found.tool_file, {"latest_version": "1.0.0", "versions": versions})
    table(found)
    return found


def write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")


def table(place: Place, more: str = "") -> None:
    text = f'[wac]\nrepository = "o/wac"\ntag = "v{{version}}"\n{more}'
    (place.directory / "tools.toml").write_text(text)


def edit(path: Path, change: Edit) -> None:
    document = json.loads(path.read_text())
    change(document)
    write(path, document)


def why(place: Place, record: comparison.Record | None = None) -> list[tuple[str, str]]:
    found = comparison.differences(place, record or {}, TODAY)
    return [(one.kind, one.text.replace(f"{place.directory}", "checksums")) for one in found]


def test_what_is_recorded_is_no_difference_whether_it_was_compared_or_not(place: Place) -> None:
    assert why(place) == []
    assert why(place, comparison.record_of(place, TODAY)) == []


def test_a_new_release_is_one(place: Place) -> None:
    write(place.release_file, release("1.1.0"))
    assert why(place) == [("release", "release 1.1.0 after 1.0.0")]


def test_a_republished_file_is_a_changed_digest_unless_the_tag_is_rolling(place: Place) -> None:
    write(place.release_file, release("1.0.0", TWO))
    assert why(place) == [("digest", "the published digest of wac-1.0.0 of 1.0.0 changed")]
    table(place, "rolling = true\n")
    assert why(place) == [("release", "wac-1.0.0 of 1.0.0 was released anew")]


def test_a_digest_in_capitals_is_the_same(place: Place) -> None:
    write(place.release_file, release("1.0.0", ONE.upper()))
    assert why(place) == []


def test_an_edited_file_and_an_edited_table_are_noticed_once_it_was_compared(
    place: Place,
) -> None:
    record = comparison.record_of(place, TODAY)
    edit(place.tool_file, lambda document: document.update(extra=1))
    table(place, "cooldown = 1\n")
    assert why(place, record) == [
        ("other", "checksums/tools/wac.json changed"),
        ("other", "its table in checksums/tools.toml changed"),
    ]
    assert why(place, comparison.record_of(place, TODAY)) == []


def test_a_table_with_another_interval_or_place_in_the_file_is_the_same(place: Place) -> None:
    record = comparison.record_of(place, TODAY)
    table(place, 'interval = "2h"\n\n[other]\nrepository = "o/other"\ntag = "v{version}"\n')
    assert why(place, record) == []


def test_a_missing_and_an_invalid_tool_file_are_named(place: Place) -> None:
    place.tool_file.write_text("{")
    assert why(place) == [("other", "checksums/tools/wac.json is invalid")]
    place.tool_file.unlink()
    text = "release 1.0.0, and checksums/tools/wac.json is missing"
    assert why(place) == [("release", text)]


def test_what_failed_is_tried_again(place: Place) -> None:
    assert why(place, FAILED) == [("other", "it failed last time")]


@pytest.mark.parametrize(
    ("reason", "until", "text"),
    [
        ("it is a prerelease", "", None),
        ("it is a draft", "", None),
        ("tools.toml ignores it", "", None),
        ("it is too young", "2026-11-27", None),
        ("it is too young", TODAY, f"release 1.1.0 may be taken since {TODAY}"),
        ("it is incomplete: a", "", "release 1.1.0 is passed over: it is incomplete: a"),
    ],
)
def test_a_release_that_is_passed_over_is_looked_at_if_that_may_change(
    place: Place, reason: str, until: str, text: str | None
) -> None:
    passed = {"reason": reason, "tag": "v1.1.0", "until": until, "version": "1.1.0"}
    edit(place.release_file, lambda document: document.update(passed_over=[passed]))
    assert why(place) == ([("other", text)] if text else [])
    record = comparison.record_of(place, TODAY)
    # What is young is asked about until it is recorded; all else was seen.
    assert why(place, record) == ([("other", text)] if text and until else [])


def test_a_tool_that_is_only_watched_or_not_watched_is_never_recorded(place: Place) -> None:
    write(place.release_file, release("1.1.0"))
    edit(place.release_file, lambda document: document["newest"].update(assets=[]))
    assert why(place) == []
    write(place.release_file, release("1.1.0"))
    (place.directory / "tools.toml").write_text("")
    assert why(place) == []

"""A release file is read as its schema says, and what is not one is one error with a remedy."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.checksums import release_file
from pipeline.errors import DeclarationError
from workshop import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "docs/reference/schema/release.schema.json").read_text())
DIGEST = f"sha256:{'A1' * 32}"
GOOD: dict[str, Any] = {
    "newest": {
        "assets": [
            {
                "digest": DIGEST.lower(),
                "name": "wac-linux",
                "platform": "linux_amd64",
                "size": 12,
                "url": "https://host.test/wac-linux",
            }
        ],
        "date": "2026-11-20",
        "tag": "v0.12.0",
        "url": "https://host.test/o/wac/releases/tag/v0.12.0",
        "version": "0.12.0",
    },
    "passed_over": [
        {"reason": "it is a prerelease", "tag": "v1.0.0-rc.1", "until": "", "version": "1.0.0-rc.1"}
    ],
    "releases": [
        {
            "assets": [
                {
                    "api": "",
                    "digest": DIGEST,
                    "name": "wac-linux",
                    "size": 12,
                    "state": "uploaded",
                    "updated_at": "2026-11-20T12:00:00Z",
                    "url": "https://host.test/wac-linux",
                }
            ],
            "draft": False,
            "id": 7,
            "prerelease": False,
            "published_at": "2026-11-20T12:00:00Z",
            "tag": "v0.12.0",
        }
    ],
    "source": "https://host.test/repos/o/wac",
    "tool": "wac",
}


def write(directory: Path, document: object) -> None:
    (directory / "wac.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")


def test_a_release_file_is_read(tmp_path: Path) -> None:
    jsonschema.validate(GOOD, SCHEMA)
    write(tmp_path, GOOD)
    found = release_file.read(tmp_path, "wac")
    assert found.newest is not None
    assert (found.newest.version, found.newest.tag) == ("0.12.0", "v0.12.0")
    assert [(one.platform, one.name, one.size) for one in found.newest.assets] == [
        ("linux_amd64", "wac-linux", 12)
    ]
    assert [one.reason for one in found.passed_over] == ["it is a prerelease"]
    assert found.published == {("v0.12.0", "wac-linux"): DIGEST.lower()}


def test_that_nothing_can_be_recorded_is_read(tmp_path: Path) -> None:
    document = GOOD | {"newest": None}
    jsonschema.validate(document, SCHEMA)
    write(tmp_path, document)
    assert release_file.read(tmp_path, "wac").newest is None


FAULTS = {
    "no-tool": (("tool",), None, "tool is missing"),
    "another-tool": (("tool",), "wkg", "it is about 'wkg'"),
    "newest-is-text": (("newest",), "0.12.0", "newest is not an object"),
    "version-is-a-number": (("newest", "version"), 12, "version is not text"),
    "size-is-text": (("newest", "assets", 0, "size"), "12", "size is '12'"),
    "assets-is-text": (("newest", "assets"), "all", "assets is not a list"),
    "no-releases": (("releases",), None, "releases is missing"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_edited_by_hand_into_something_else_is_one_error(tmp_path: Path, fault: str) -> None:
    (*way, last), value, why = FAULTS[fault]
    document = copy.deepcopy(GOOD)
    place: Any = document
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) == (fault == "another-tool")
    write(tmp_path, document)
    with pytest.raises(DeclarationError) as raised:
        release_file.read(tmp_path, "wac")
    assert f"{tmp_path / 'wac.json'} is not a release file: {why}" in str(raised.value)
    assert "doit releases" in raised.value.fix


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"wac"', "[" * 100_000])
def test_what_is_no_document_is_one_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "wac.json").write_text(text)
    with pytest.raises(DeclarationError, match=r"wac\.json") as raised:
        release_file.read(tmp_path, "wac")
    assert "doit releases" in raised.value.fix


def test_a_tool_that_was_never_polled_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        release_file.read(tmp_path, "wac")

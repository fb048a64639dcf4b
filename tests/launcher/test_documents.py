"""What `--json` writes is what its schema says.

The documents are golden files: tests of the command compare them with what it writes.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from workshop import REPOSITORY

SCHEMA = json.loads(
    (REPOSITORY / "docs/reference/schema/checksum-updater.schema.json").read_text(encoding="utf-8")
)
GOLDEN = sorted((REPOSITORY / "components/cli/tests/golden").glob("*.json"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_each_document_keeps_to_the_schema(path: Path) -> None:
    VALIDATOR.validate(document(path))


def test_each_command_state_and_kind_of_problem_is_seen() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in GOLDEN)
    words = {
        "command": SCHEMA["properties"]["command"]["enum"],
        "state": SCHEMA["$defs"]["outcome"]["properties"]["state"]["enum"],
        # `trap` is the launcher's: tests/updater/test_traps.py has documents with it.
        "kind": set(SCHEMA["$defs"]["problem"]["properties"]["kind"]["enum"]) - {"trap"},
    }
    missing = [
        word
        for field, known in words.items()
        for word in known
        if f'"{field}": "{word}"' not in text
    ]
    assert missing == []


EDITS = {
    "a-field-nobody-knows": lambda text: text | {"more": 1},
    "no-tools": lambda text: {name: text[name] for name in text if name != "tools"},
    "a-field-of-another-command": lambda text: text | {"dry_run": False},
    "a-state-nobody-knows": lambda text: text | {"tools": [text["tools"][0] | {"state": "odd"}]},
    "a-field-of-a-tool": lambda text: text | {"tools": [text["tools"][0] | {"more": 1}]},
    "an-exit-code-nobody-knows": lambda text: text | {"exit_code": 2},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_the_schema_refuses_what_is_not_in_it(edit: Any) -> None:
    good = document(REPOSITORY / "components/cli/tests/golden/check.json")
    assert VALIDATOR.is_valid(good)
    assert not VALIDATOR.is_valid(edit(good))

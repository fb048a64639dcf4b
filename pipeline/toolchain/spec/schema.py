"""Check a parsed TOML file against the JSON Schema; messages name keys as users write them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SCHEMA: Final = Path(__file__).with_name("tool.schema.json")

_NOT_PARTS: Final = {"parts", "version", "uses", "tree", "directories", "run", "edits"}
_TYPES: Final = {str: "text", int: "number", bool: "boolean", list: "list", dict: "table"}


def require_name(file: Path) -> None:
    """Raise unless *file* is named as a tool may be: the name becomes part of paths and tasks.

    Raises:
        DeclarationError: It is not.
    """
    rules = _schema()["$defs"]["name"]
    if not re.search(rules["pattern"], file.stem):
        what = f"{file}: `{file.stem}` cannot be the name of a tool"
        raise DeclarationError(what, fix=f"give it {rules['description']}")


def require_tool(raw: Mapping[str, Any], file: Path) -> None:
    """Raise unless *raw*, which *file* holds, is a tool.

    Raises:
        DeclarationError: It is not valid; the message names file, key and remedy.
    """
    _check(raw, "", (), file)
    for index, source in enumerate(raw["source"]):
        for name, part in parts_of(source).items():
            where = ("source", index, *(("parts", name) if name else ()))
            for platform, merged in merged_tables(part):
                at = (*where, "platforms", platform) if platform else where
                _check(merged, merged.pop("kind"), at, file)


def parts_of(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the parts of a [[source]]; one without `parts` is its only part, called ""."""
    if "parts" in source:
        return dict(source["parts"])
    return {"": {key: value for key, value in source.items() if key not in _NOT_PARTS}}


def merged_tables(part: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the part's table per platform, or a single one for all platforms, called ""."""
    common = {key: value for key, value in part.items() if key != "platforms"}
    if "platforms" not in part:
        yield "", common
    for platform, special in part.get("platforms", {}).items():
        merged = dict(common)
        for key, value in special.items():
            both = isinstance(value, dict) and isinstance(common.get(key), dict)
            merged[key] = {**common[key], **value} if both else value
        yield platform, merged


def _check(raw: object, kind: str, where: tuple[str | int, ...], file: Path) -> None:
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("regex with one group", raises=(re.error, ValueError))(_has_one_group)
    schema = _schema()
    rules = {"$ref": f"#/$defs/kinds/{kind}", "$defs": schema["$defs"]} if kind else schema
    checker = Draft202012Validator(rules, format_checker=formats)
    for error in sorted(checker.iter_errors(raw), key=lambda one: str(one.path)):
        raise _declaration_error(error, where, file)


def _has_one_group(pattern: object) -> bool:
    # Anything but a text is reported by `type`.
    return not isinstance(pattern, str) or re.compile(pattern).groups == 1


@functools.cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kinds = list(schema["$defs"]["kinds"])
    schema["$defs"]["kind"] = {"description": f"one of {', '.join(kinds)}", "enum": kinds}
    return schema


def _declaration_error(
    error: ValidationError, where: tuple[str | int, ...], file: Path
) -> DeclarationError:
    rules: Any = error.schema
    got: Any = error.instance
    path = (*where, *error.absolute_path)
    if error.validator == "required":
        missing = next(key for key in rules["required"] if key not in got)
        what = f"{file}: `{_key((*path, missing))}` is missing"
        return DeclarationError(what, fix=f"add {_wanted(rules['properties'].get(missing, {}))}")
    if error.validator == "additionalProperties":
        import difflib  # slow to import, and needed only here

        known = list(rules["properties"])
        unknown = next(key for key in got if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1)
        return DeclarationError(
            f"{file}: `{_key((*path, unknown))}` is not a known key",
            fix=f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}",
        )
    if error.validator == "type":
        why = f"it is a {_TYPES.get(type(got), type(got).__name__)}: {got!r}"
    else:
        why = f"it is {got!r}" + (f": {error.cause}" if error.cause else "")
    return DeclarationError(
        f"{file}: `{_key(path)}` is wrong", why=why, fix=f"give {_wanted(rules)}"
    )


def _wanted(rules: Mapping[str, Any]) -> str:
    """Return the schema's description of a valid value."""
    name = str(rules.get("$ref", "")).rpartition("/")[2]
    resolved = _schema()["$defs"].get(name, rules)
    return str(rules.get("description") or resolved.get("description", SCHEMA.name))


def _key(path: Iterable[str | int]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")

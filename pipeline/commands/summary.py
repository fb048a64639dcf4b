"""`doit-wasm summary`: what a pull request about checksums says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline.checksums import due, history, markdown, summary
from pipeline.commands.export import CHECKSUMS, OUTPUT, checksums_directory, write
from pipeline.commands.project_root import beside_dodo
from pipeline.commands.tool_command import StandaloneCommand, flag, no_words
from pipeline.errors import DeclarationError

TAMPERED: Final = 4


class Summary(StandaloneCommand):
    """Compares the recorded checksums with those of a commit."""

    name: ClassVar[str | None] = "summary"
    doc_purpose = "print what changed in the recorded checksums, for a pull request"
    doc_usage = "[--since REF] [--json | --title] [--checksums DIR] [--releases DIR] [-o FILE]"
    doc_description = (
        "Compares the tool files with those of a commit: new releases with their files, sizes, "
        "links and who confirmed each hash; releases that are incomplete or too young, as far as "
        "they were polled; and, first, recorded hashes that changed or that upstream no longer "
        "publishes. Nothing is fetched.\n"
        "Exit code: 4 if a recorded hash changed; 2 if a file or an argument is wrong."
    )
    cmd_options = (
        {
            "name": "since",
            "long": "since",
            "short": "",
            "type": str,
            "default": "HEAD",
            "metavar": "REF",
            "help": "the commit to compare with [default: HEAD]",
        },
        flag("as_json", "for programs; docs/reference/schema/summary.schema.json has the shape"),
        flag("title", "print one line, for the title of the pull request"),
        CHECKSUMS,
        {
            "name": "releases",
            "long": "releases",
            "short": "",
            "type": str,
            "default": "",
            "metavar": "DIR",
            "help": f"the directory of the release files [default: {due.RELEASES}]",
        },
        OUTPUT,
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the summary; return 4 if a recorded hash changed."""
        no_words(words, "summary")
        if options["as_json"] and options["title"]:
            raise DeclarationError("--json and --title exclude each other", fix="name one")
        directory, since = checksums_directory(options), options["since"] or "HEAD"
        named = options["releases"]
        releases = Path(named) if named else beside_dodo(str(due.RELEASES))
        changes = history.changes(directory, since)
        found = summary.summarize(directory, releases, changes, since)
        write(options["output"], _text(found, options))
        return TAMPERED if found.tampering else 0


def _text(found: summary.Summary, options: Mapping[str, Any]) -> str:
    if options["title"]:
        return f"{found.title}\n"
    if options["as_json"]:
        return json.dumps(found.document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return markdown.render(found)

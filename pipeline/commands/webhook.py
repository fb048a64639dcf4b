"""`doit-wasm webhook`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pipeline.commands.project_root import beside_dodo, project_root
from pipeline.commands.tool_command import StandaloneCommand, flag
from pipeline.errors import DeclarationError

_TASKS: Final = ("releases", "checksums")


def _option(name: str, default: str, metavar: str, about: str) -> dict[str, object]:
    return {
        "name": name,
        "long": name.replace("_", "-"),
        "short": "",
        "type": str,
        "default": default,
        "metavar": metavar,
        "help": about,
    }


class Webhook(StandaloneCommand):
    """Receives deliveries of GitHub's webhooks and marks tools due."""

    name: ClassVar[str | None] = "webhook"
    doc_purpose = "receive GitHub's announcements of releases, and poll those tools next"
    doc_usage = "[TASK ...]"
    doc_description = (
        "Listens for deliveries of the event `release`, checks their signatures, and marks the "
        "tools of the repository as due, so that the next run of the task `releases` polls them. "
        "With --run it runs the tasks itself (default: releases checksums), one run at a time. "
        "The secret of the webhook is in the variable DOIT_WASM_WEBHOOK_SECRET or in a file; "
        "without it the command refuses to start. SIGTERM and Ctrl-C end it.\n"
        "docs/howto/webhooks.md sets it up."
    )
    cmd_options = (
        _option("listen", "127.0.0.1:8790", "HOST:PORT", "address; a port of 0: the system picks"),
        _option("secret_file", "", "FILE", "file with the secret"),
        _option("checksums", "", "DIR", "directory of tools.toml [default: checksums]"),
        flag("run", "run the tasks after each delivery"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Serve until a signal."""
        if words and not options["run"]:
            what = f"tasks are named, but not to be run: {' '.join(words)}"
            raise DeclarationError(what, fix="add --run")
        from pipeline.webhook.service import serve

        checksums = Path(options["checksums"]) if options["checksums"] else beside_dodo("checksums")
        serve(
            checksums.absolute(),
            root=project_root(),
            address=options["listen"],
            secret_file=Path(options["secret_file"]) if options["secret_file"] else None,
            tasks=(words or _TASKS) if options["run"] else (),
        )
        return 0

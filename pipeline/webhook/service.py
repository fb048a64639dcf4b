"""The whole service: secret, socket, server, and the runs that deliveries cause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.checksums import due
from pipeline.checksums.watched import watched
from pipeline.errors import DeclarationError
from pipeline.webhook import listener
from pipeline.webhook.application import PATH, Application
from pipeline.webhook.log import log
from pipeline.webhook.runs import Runs
from pipeline.webhook.secret import take_secret
from pipeline.webhook.server import Server


def serve(
    checksums: Path, *, root: Path, address: str, secret_file: Path | None, tasks: Sequence[str]
) -> None:
    """Receive deliveries until SIGTERM or SIGINT.

    Args:
        checksums: The directory of `tools.toml`.
        root: The directory of dodo.py.
        address: Where to listen, `HOST:PORT`, unless systemd passes a socket.
        secret_file: The file that holds the secret; None: it is in the environment.
        tasks: What to run after deliveries; none: nothing.

    Raises:
        PipelineError: There is no secret, no tool is watched, the address cannot be used, or the
            server library is not installed.
    """
    secret = take_secret(secret_file)
    _require_repositories(checksums)
    inherited = listener.inherited()
    with inherited or listener.listen(address) as socket:
        runs = Runs(root, tasks)
        application = Application(checksums, secret, runs.request)
        server = Server(application, socket, inherited=inherited is not None)
        runs.start()
        if due.marks(checksums):
            runs.request()  # an earlier process has answered these deliveries
        log(f"listening on {listener.url(socket, PATH)}")
        try:
            server.serve()
        finally:
            runs.stop()
    log("stopped")


def _require_repositories(checksums: Path) -> None:
    """Raise unless some tool has a repository that can announce releases."""
    if not any(tool.repository for tool in watched(checksums).values()):
        raise DeclarationError(
            f"{checksums / 'tools.toml'} names no repository",
            fix="run this in the project, or name the directory with --checksums DIR",
        )

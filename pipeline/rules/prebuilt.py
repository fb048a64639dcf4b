"""Components that were built elsewhere.

component:NAME ──> compose:APP
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.engine import layout
from pipeline.engine.edges import edges
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word, relative
from pipeline.errors import DeclarationError

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@rule
def prebuilt_component(
    name: str, *, file: str | Path = "", url: str = "", sha256: str = ""
) -> Iterator[Task]:
    """Declare `component:NAME`: a prebuilt component, which is validated.

    Give either *file* or *url*.

    Args:
        name: Name of the component.
        file: The component, a file of the project or one that a step makes which is declared
            before.
        url: Its address, HTTP or HTTPS; it is fetched unless the action cache has it.
        sha256: Its hash, 64 lower-case hex digits; required with a *url*.

    Raises:
        DeclarationError: Neither or both are given, the file does not exist, the URL is no URL, or
            the hash is missing or no hash.
    """
    what = f"prebuilt component {name}"
    if bool(file) == bool(url):
        raise DeclarationError(
            f"{what} needs a file or a URL, and not both",
            fix='write file="vendor/store.wasm", or url="https://…" with sha256="…"',
        )
    if file and not Path(file).is_file() and not edges().makes(relative(file)):
        why = "it is no file" if Path(file).exists() else "it does not exist"
        raise DeclarationError(f"{what} needs {file}", why=why)
    if url:
        _require_url(what, url)
    if (url or sha256) and not _SHA256.fullmatch(sha256):
        raise DeclarationError(
            f"{what}: sha256 is {'no hash' if sha256 else 'missing'}",
            why=f"it is {sha256!r}" if sha256 else "a file from the network is used only if pinned",
            fix="write 64 lower-case hexadecimal digits, as `sha256sum FILE` prints them",
        )
    source: list[Word] = [In(file, prefix="--file=")] if file else [f"--url={url}"]
    yield step(
        f"component:{name}",
        doc=f"Fetch the component {name}" if url else f"Take the component {name} from {file}",
        argv=[
            *(Python("pipeline.steps.prebuilt"), Tool("wasm-tools"), Out(layout.component(name))),
            *source,
            *([f"--sha256={sha256}"] if sha256 else []),
        ],
        fetches=bool(url),
    )


def _require_url(what: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        right = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
    except ValueError:
        right = False
    if not right:
        shown = url.rpartition("@")[2]  # what precedes it may be a secret
        raise DeclarationError(
            f"{what}: {shown} is no URL to fetch from",
            fix="write one like https://example.com/store.wasm, without credentials",
        )

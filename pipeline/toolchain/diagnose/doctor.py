"""Check the tools, their sources and the store."""

from __future__ import annotations

import functools
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.toolchain.diagnose.store_maintenance import size
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.settings import NetworkSettings
from pipeline.toolchain.platform import current
from pipeline.toolchain.sources.base import Source
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import ToolSpec
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.installed import InstalledTool
from pipeline.toolchain.store.store import Store

REACH_SECONDS: Final = 3.0
_RUN_SECONDS: Final = 20.0
_ASKED: Final = re.compile(r"^'(https?://[^']+)'", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ToolHealth:
    """The state of one tool.

    Attributes:
        tool: Its name.
        wanted: The version in its TOML file.
        version: The installed version, "" if none is.
        source: Where it came from.
        root: Directory of its tree.
        bytes: Its size on the disk.
        says: The line in which it prints its version.
        built_by: The public key of who built it on another machine, "" if it was made here.
        notes: What was used in place of a pin, or from this machine.
        problem: What is wrong, "" if nothing is.
        remedy: What to do about it.
    """

    tool: str
    wanted: str
    version: str = ""
    source: str = ""
    root: str = ""
    bytes: int = 0
    says: str = ""
    built_by: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Whether a source can be reached.

    Attributes:
        source: The kind of source, with its host if it has one.
        reached: Whether it answers; None if there is no cheap probe.
        seconds: How long the answer took.
        problem: Why it does not answer.
        remedy: What to do about it.
    """

    source: str
    reached: bool | None
    seconds: float
    problem: str = ""
    remedy: str = ""


def tools(files: ToolFiles, names: Collection[str], store: Store) -> list[ToolHealth]:
    """Run each of the tools *names*, and return their states.

    Raises:
        DeclarationError: A TOML file is wrong.
    """
    installer = Installer(files, store=store)
    known = load.load_named(files, names, current(), store.checked)

    def one(name: str) -> ToolHealth:
        return _tool(known[name], installer, store)

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, sorted(names)))


def _tool(tool: ToolSpec, installer: Installer, store: Store) -> ToolHealth:
    health = ToolHealth(tool.name, tool.version)
    if current() in tool.missing:
        return replace(health, problem="", says=f"not for this platform: {tool.missing[current()]}")
    try:
        found = installer.find(tool.name)
    except PipelineError as error:
        return replace(health, problem=f"{error.what}: {error.why}", remedy=error.fix)
    if found is None:
        return _absent(health, tool)
    entry = store.read(found.root.parent)
    health = replace(
        health,
        version=found.version,
        source=found.source,
        root=str(found.root),
        bytes=size(found.root),
        built_by=entry.builder if entry else "",
        notes=tuple(entry.notes) if entry else (),
    )
    asks = found.executables and tool.tells_version
    return _run(health, tool, found) if asks else health


def _absent(health: ToolHealth, tool: ToolSpec) -> ToolHealth:
    install = f"run `doit toolchain:{tool.name}`"
    if tool.helper:
        return replace(health, says="only serves to fetch other tools")
    if tool.optional:
        return replace(health, says=f"only for {tool.optional}: {install} to have it")
    why = "it, or a tool that it needs, is not in the store, or is damaged"
    return replace(health, problem=why, remedy=install)


def _run(health: ToolHealth, tool: ToolSpec, found: InstalledTool) -> ToolHealth:
    program = next(iter(found.executables.values()))
    env = process.environment(found.path, found.env)
    again = "run `doit-wasm store --verify`, then `doit toolchain:" + tool.name + "`"
    try:
        output = process.run([program, *tool.tells_version], env=env, seconds=_RUN_SECONDS).output
    except PipelineError as error:
        return replace(health, problem=f"it does not run: {error.what}", remedy=again)
    lines = [line for line in output.splitlines() if line.strip()]
    wanted = re.compile(rf"(?<![\d.]){re.escape(found.version)}(?!\.?\d)")
    says = next(filter(wanted.search, lines), lines[0] if lines else "(nothing)").strip()
    if found.version[:1].isdigit() and not wanted.search(says):
        problem = f"it should be {found.version}, but prints {says!r}"
        return replace(health, says=says, problem=problem, remedy=again)
    return replace(health, says=says)


def reach(files: ToolFiles, names: Iterable[str], store: Store) -> list[SourceHealth]:
    """Probe each source of the tools *names*, for at most 3 s, and return which answer.

    Raises:
        DeclarationError: A TOML file is wrong.
    """
    known = load.load_named(files, names, current(), store.checked)
    limits = Limits(connect_seconds=REACH_SECONDS, stall_seconds=REACH_SECONDS, attempts=1)
    network = NetworkSettings.configured(files.first)
    downloads = Downloads.configured(store.downloads, network, limits=limits, say=_nothing)
    asked = _questions(known.values(), downloads)
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        return list(pool.map(lambda item: _ask(item[0], item[1]), sorted(asked.items())))


Question = Callable[[], object]


def _questions(tools: Iterable[ToolSpec], downloads: Downloads) -> dict[str, Question | None]:
    asked: dict[str, Question | None] = {}
    for tool, part in _parts(tools):
        urls = [
            pin.url
            for pin in part.pins(tool.file.parent)
            if pin.url.startswith(("http:", "https:"))
        ]
        words = part.probe()
        if urls:
            label = f"{part.kind} ({urlsplit(urls[0]).hostname})"
            asked.setdefault(label, functools.partial(downloads.announced, urls[0]))
        elif words:
            asked.setdefault(part.kind, functools.partial(_command, words, downloads))
        elif part.kind == "rustup":
            asked.setdefault(part.kind, None)
    return asked


def _parts(tools: Iterable[ToolSpec]) -> Iterator[tuple[ToolSpec, Source]]:
    for tool in tools:
        for source in tool.sources:
            yield from ((tool, part) for part in source.parts.values())


def _ask(label: str, question: Question | None) -> SourceHealth:
    if question is None:
        return SourceHealth(label, None, 0.0, "its client has no cheap probe")
    started = time.monotonic()
    try:
        question()
    except PipelineError as error:
        seconds = round(time.monotonic() - started, 3)
        last = str(error.facts.get("output", "")).strip().split("\n")[-1].strip()
        problem = ": ".join(filter(None, (error.what, error.why or last)))
        remedy = error.fix or "check the network and the proxy variables, or name a mirror"
        return SourceHealth(label, reached=False, seconds=seconds, problem=problem, remedy=remedy)
    return SourceHealth(label, reached=True, seconds=round(time.monotonic() - started, 3))


def _nothing(line: str) -> None:
    del line  # a single attempt: nothing to report


def _command(words: Iterable[str], downloads: Downloads) -> None:
    first, *rest = words
    usual = ":".join(str(Path(one).expanduser()) for one in ("/usr/local/go/bin", "~/.cargo/bin"))
    program = shutil.which(first) or shutil.which(first, path=usual)
    if program is None:
        raise PipelineError(f"{first} is not on PATH", fix=f"install {first}, or use other sources")
    with tempfile.TemporaryDirectory() as scratch:
        # A cache would answer without any network.
        env = {**process.environment([Path(program).parent]), "GOMODCACHE": scratch}
        output = process.run(
            [program, *rest], cwd=Path(scratch), env=env, seconds=REACH_SECONDS
        ).output
    if found := _ASKED.search(output):
        downloads.announced(found[1])

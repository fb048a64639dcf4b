"""`doit lock`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from pipeline import files
from pipeline.commands.tools import DIRECTORY, ToolCommand, directory, flag
from pipeline.errors import DeclarationError
from pipeline.toolchain import load, lock
from pipeline.toolchain.bump import bump
from pipeline.toolchain.confirm import confirm
from pipeline.toolchain.credentials import Credentials
from pipeline.toolchain.fetch import RequestsFetcher
from pipeline.toolchain.hosts import Hosts
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.releases import Releases
from pipeline.toolchain.store import Store

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")


class Lock(ToolCommand):
    """Refreshes, checks or bumps what `toolchains/lock.json` records."""

    name: ClassVar[str | None] = "lock"
    doc_purpose = "record every file of every tool with its hash and who confirmed it"
    doc_usage = "[TOOL@VERSION]"
    doc_description = (
        "Writes lock.json beside the TOML files, from their pins and from what GitHub tells of its "
        "releases; what cannot be asked now stays as it was. TOOL@VERSION first rewrites the pins "
        "of one TOML file for that version. The difference is shown.\n"
        "With --check nothing is written and no network is asked.\n"
        "GITHUB_API_URL names another server than GitHub's own.\n"
        "Exit code: 1 if --check finds a difference or a gap, 4 if a recorded hash changed, which "
        "is never written."
    )
    cmd_options = (DIRECTORY, flag("check", "fail if anything would change"))

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Lock; return 1 if a check fails."""
        tools, checked = directory(options), Store.default().checked
        if len(words) > 1 or (words and options["check"]):
            raise DeclarationError("give one TOOL@VERSION, or --check alone",
                                   fix="see `doit help lock`")  # fmt: skip
        if options["check"]:
            return _check(tools, checked)
        limits = Limits()
        releases = Releases(
            RequestsFetcher(
                limits,
                Hosts(limits.connect_seconds),
                credentials=Credentials.of_environment(),
            )
        )
        if words:
            return _bump(tools, checked, words[0], releases)
        return _refresh(tools, checked, releases)


def _check(tools: Path, checked: Path) -> int:
    path = tools / "lock.json"
    old = lock.read(path) or lock.Lock({})
    new = lock.merged(old, lock.derive(tools, checked))
    problems = lock.differences(old, new)
    problems += [f"! {gap}: no entry" for gap in lock.gaps(old, tools, checked)]
    sys.stdout.writelines(f"{line}\n" for line in problems)
    if problems:
        what = f"error: {path} is not what the TOML files say; run `doit lock`\n"
        sys.stderr.write(what)
    return 1 if problems else 0


def _refresh(tools: Path, checked: Path, releases: Releases) -> int:
    path = tools / "lock.json"
    old = lock.read(path) or lock.Lock({})
    # Compared before anybody is asked: our own files must not have changed either.
    new = lock.merged(old, lock.derive(tools, checked))
    new = lock.merged(old, confirm(new, tools, checked, releases=releases, say=_say))
    _show(path, old, new)
    lock.write(path, new)
    return 0


def _bump(tools: Path, checked: Path, word: str, releases: Releases) -> int:
    name, _, version = word.partition("@")
    file = tools / f"{name}.toml"
    if not _VERSION.fullmatch(version):
        raise DeclarationError(
            f"`{word}` is not TOOL@VERSION", fix="write one like wasmtime@47.0.2"
        )
    if not file.is_file():
        there = ", ".join(load.names(tools))
        raise DeclarationError(f"there is no tool `{name}`", fix=f"name one of: {there}")
    load.load(tools, name, "linux_amd64", checked)  # what is wrong in it is told in its own words
    path = tools / "lock.json"
    old = lock.read(path) or lock.Lock({})
    lock.merged(old, lock.derive(tools, checked))
    bumped = bump(file, version, releases)
    before = file.read_bytes()
    files.write_atomic(file, bumped.text.encode())
    try:
        new = lock.merged(old, _told(lock.derive(tools, checked), bumped.told))
        _show(path, old, new)
        lock.write(path, new)
    except BaseException:
        files.write_atomic(file, before)
        raise
    return 0


def _told(derived: lock.Lock, told: Mapping[str, tuple[str, int]]) -> lock.Lock:
    def known(one: lock.Locked) -> lock.Locked:
        if one.url not in told:
            return one
        confirmed, size = told[one.url]
        return replace(one, confirmed=confirmed, size=size)

    tools = {
        tool: {platform: [known(one) for one in rows] for platform, rows in platforms.items()}
        for tool, platforms in derived.tools.items()
    }
    return lock.Lock(tools)


def _show(path: Path, old: lock.Lock, new: lock.Lock) -> None:
    lines = lock.differences(old, new) or [f"{path}: nothing changes"]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")

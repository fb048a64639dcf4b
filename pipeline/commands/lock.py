"""`doit-wasm lock`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pipeline import files
from pipeline.commands.tool_command import (
    DIRECTORY,
    StandaloneCommand,
    flag,
    own_tool_files,
    tool_files,
)
from pipeline.errors import DeclarationError, OfflineError
from pipeline.settings import OFFLINE, is_offline
from pipeline.toolchain.install.installer import say_on_stderr
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.lock import lockfile, model
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.settings import NetworkSettings
from pipeline.toolchain.pinning.bump import bump
from pipeline.toolchain.pinning.confirm import confirm
from pipeline.toolchain.pinning.github_releases import ReleaseApi
from pipeline.toolchain.pinning.refetch import Refetcher
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")


class Lock(StandaloneCommand):
    """Refreshes, checks or bumps the records in `toolchains/lock.json`."""

    name: ClassVar[str | None] = "lock"
    doc_purpose = "record every file of every tool with its hash and who confirmed it"
    doc_usage = "[TOOL@VERSION]"
    doc_description = (
        "Writes lock.json next to the TOML files, from their pins and from the hashes that "
        "releases, servers and hash files publish; records of servers that do not answer are kept. "
        "TOOL@VERSION first rewrites the pins of one TOML file for that version. The command "
        "prints the difference.\n"
        "--fetch also fetches each file that only its pin vouches for from its own source and "
        "compares it; that may take long, and happens once per file.\n"
        "--check writes nothing and uses no network.\n"
        "GITHUB_API_URL names a server to use in place of GitHub's own.\n"
        "Exit code: 1 if --check finds a difference or a gap, 4 if a recorded hash changed, which "
        "is never written."
    )
    cmd_options = (
        DIRECTORY,
        flag("check", "fail if anything would change"),
        flag("fetch", "fetch and compare files that only their pins vouch for"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write or check the lock file; return 1 if the check fails."""
        # To check writes nothing, so it may read the files of this package.
        tools = tool_files(options) if options["check"] else own_tool_files(options)
        store = Store.default()
        if len(words) + options["check"] + options["fetch"] > 1:
            raise DeclarationError("give one TOOL@VERSION, or --check or --fetch alone",
                                   fix="see `doit-wasm help lock`")  # fmt: skip
        if options["check"]:
            return _check(tools, store.checked)
        if words:
            return _bump(tools, store, words[0])
        return _refresh(tools, store, fetch=options["fetch"])


def _check(tools: ToolFiles, checked: Path) -> int:
    path = tools.first / lockfile.NAME
    old = lockfile.read(path) or model.Lockfile({})
    new = model.merged(old, model.derive(tools, checked))
    problems = model.differences(old, new)
    problems += [f"! {gap}: no entry" for gap in model.gaps(old, tools, checked)]
    sys.stdout.writelines(f"{line}\n" for line in problems)
    if problems:
        what = f"error: {path} is not what the TOML files say; run `doit-wasm lock`\n"
        sys.stderr.write(what)
    return 1 if problems else 0


def _refresh(tools: ToolFiles, store: Store, *, fetch: bool) -> int:
    path = tools.first / lockfile.NAME
    old = lockfile.read(path) or model.Lockfile({})
    # Compared before any server is asked: the project's own files must not have changed either.
    new = model.merged(old, model.derive(tools, store.checked))
    downloads, releases = _asking(tools, store)
    asked = confirm(
        new, tools, store.checked, downloads=downloads, releases=releases, say=say_on_stderr
    )
    new = model.merged(old, asked)
    if fetch:
        new = model.merged(old, Refetcher(tools, store, say_on_stderr).compare(new))
    _show(path, old, new)
    lockfile.write(path, new)
    return 0


def _bump(tools: ToolFiles, store: Store, word: str) -> int:
    name, _, version = word.partition("@")
    if not name or not _VERSION.fullmatch(version):
        raise DeclarationError(
            f"`{word}` is not TOOL@VERSION", fix="write one like wasmtime@47.0.2"
        )
    names = tools.names_of_first()
    if name not in names:
        there = ", ".join(names)
        raise DeclarationError(f"there is no tool `{name}`", fix=f"name one of: {there}")
    if is_offline():
        raise OfflineError(f"cannot ask for {word}", why=f"{OFFLINE} is set", fix="unset it")
    file = tools.find(name)
    # Errors in the file are reported as its own.
    load.load(tools, name, "linux_amd64", store.checked)
    path = tools.first / lockfile.NAME
    old = lockfile.read(path) or model.Lockfile({})
    model.merged(old, model.derive(tools, store.checked))
    _, releases = _asking(tools, store)
    bumped = bump(file, version, releases, Refetcher(tools, store, say_on_stderr))
    before = file.read_bytes()
    files.write_atomic(file, bumped.text.encode())
    try:
        new = model.merged(
            old, model.with_confirmations(model.derive(tools, store.checked), bumped.confirmations)
        )
        _show(path, old, new)
        lockfile.write(path, new)
    except BaseException:
        files.write_atomic(file, before)
        raise
    return 0


def _asking(tools: ToolFiles, store: Store) -> tuple[Downloads, ReleaseApi]:
    network = NetworkSettings.configured(tools.first)
    downloads = Downloads.configured(store.downloads, network, limits=Limits(), say=say_on_stderr)
    return downloads, ReleaseApi(downloads, network.credentials.api)


def _show(path: Path, old: model.Lockfile, new: model.Lockfile) -> None:
    lines = model.differences(old, new) or [f"{path}: nothing changes"]
    sys.stdout.writelines(f"{line}\n" for line in lines)

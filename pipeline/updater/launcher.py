"""`checksum-updater`: the composed updater under wasmtime, with the rights that its command needs.

| command | directory | variables | network |
|---|---|---|---|
| what polls | checksums, release files, what polls remember | those below | HTTP |
| all others | checksums | none | none: a list of hosts that names none |

Where a command is about several tools, the launcher waits for the updater: if that traps, each
tool is run by itself (`isolate`). Else it becomes the updater.

It starts often, so it imports almost nothing: `os` and `sys` are loaded anyway.
"""

from __future__ import annotations

import os
import sys

from pipeline.ownership import doubt
from pipeline.updater.line import Line

TYPE_CHECKING = False  # typing has it too, and takes longer to import than all this to run
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

PLACE = "DOIT_WASM_UPDATER"
MACHINE_CODE, PROGRAM = "updater.cwasm", "updater.wasmtime"
VARIABLES = (
    "GITHUB_API_URL",
    "CHECKSUM_UPDATER_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "CHECKSUM_UPDATER_HOSTS",
    "CHECKSUM_UPDATER_WAIT",
    "CHECKSUM_UPDATER_CONNECTIONS",
    "CHECKSUM_UPDATER_PACE",
)
MEMORY_BYTES = 512 << 20
LOCKS = os.name == "posix"  # elsewhere the updater itself keeps others out, by a file
FAILED, USAGE, INTERRUPTED = 1, 2, 130


class LaunchError(Exception):
    """The updater cannot be started.

    Args:
        what: What is wrong.
        fix: What the user can do about it.
        code: The exit code.
    """

    def __init__(self, what: str, fix: str, code: int = FAILED) -> None:
        from pipeline.error_codes import coded  # only what fails has the time

        super().__init__(coded(f"error: {what}\n  help: {fix}", "DW406") + "\n")
        self.code = code


def main() -> int:
    """Become the updater, or wait for it and return its exit code."""
    try:
        line = Line([_text(f"the argument {word!a}", word, USAGE) for word in sys.argv[1:]])
        place = build(os.environ)
        words = command(line, place, os.environ)
        if line.writes and LOCKS:
            _lock(line.directory, alone=not line.releases)
        if not (line.isolates and LOCKS):
            _become(words)
        return _wait(line, place, words)
    except LaunchError as error:
        sys.stderr.write(str(error))
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED


def command(line: Line, place: str, variables: Mapping[str, str]) -> list[str]:
    """Return the command that runs *line*.

    Args:
        line: What the user asked for.
        place: Directory of what `doit check:updater` has made.
        variables: Those that are set.

    Raises:
        LaunchError: A file or directory is missing.
    """
    # No cache: it is compiled already, and a home where none can be made would end it.
    words = [_wasmtime(place), "run", "--allow-precompiled", "-C", "cache=n"]
    words += ["-W", f"max-memory-size={MEMORY_BYTES}", "-S", "http"]
    if line.reads:
        words += [_mount(_directory(line.directory), "/checksums")]
        _require_no_pipes(line.directory, os.path.join(line.directory, "tools"), line.releases)
    if line.reads and line.releases:
        words += _release_files(line)
    if line.online:
        words += _memory()
        # Without its value, which other users of the machine could read.
        for name in VARIABLES:
            if name in variables:
                _text(name, variables[name])
                words += [f"--env={name}"]
    else:
        # wasmtime cannot withhold HTTP from what imports it; the downloader asks no other host.
        words += ["--env=CHECKSUM_UPDATER_HOSTS=none"]
    if line.writes and LOCKS:
        words += ["--env=CHECKSUM_UPDATER_LOCKED=1"]
    shown = ["--shown-as", line.directory]
    if line.releases:
        shown += ["--releases-shown-as", line.releases]
    return [*words, os.path.join(place, MACHINE_CODE), *shown, *line.rest]


def build(variables: Mapping[str, str]) -> str:
    """Return the directory that holds the updater.

    It is the one named in *variables*, else that of the project we belong to, else that of the
    nearest project, a directory with a dodo.py, that we are in.

    Raises:
        LaunchError: There is none.
    """
    named = variables.get(PLACE)
    try:
        here = os.getcwd()
    except OSError as error:
        raise LaunchError(f"the current directory: {error.strerror}", "go to another") from error
    if named:
        return os.path.abspath(named)
    above = [here]
    while os.path.dirname(above[-1]) != above[-1]:
        above.append(os.path.dirname(above[-1]))
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    projects = [path for path in above if os.path.exists(os.path.join(path, "dodo.py"))]
    for project in (ours, *projects):
        found = os.path.join(project, "build")
        if os.path.exists(os.path.join(found, MACHINE_CODE)):
            return found
    raise LaunchError(
        "the updater is not built",
        f"run `doit check:updater` in the project, or name its directory `build` in {PLACE}",
    )


def _wasmtime(place: str) -> str:
    path = os.path.join(place, PROGRAM)
    _require_trusted(path)
    try:
        with open(path, encoding="utf-8") as file:
            program = file.read().strip()
    except OSError as error:
        raise LaunchError(f"{path}: {error.strerror}", "run `doit check:updater`") from error
    for needed in (program, os.path.join(place, MACHINE_CODE)):
        _require_trusted(needed)
        if not os.path.exists(needed):
            raise LaunchError(f"{needed} is gone", "run `doit check:updater`")
    return program


def _require_trusted(path: str) -> None:
    """Raise unless only this user and root could have put *path* there: it is about to be run."""
    if why := doubt(path):
        raise LaunchError(
            f"not run: {why}",
            "make it yours alone, with all above it (`chown`, `chmod go-w`), "
            f"or name another `build` in {PLACE}",
        )


def _text(name: str, value: str, code: int = FAILED) -> str:
    """Return *value*, which wasmtime takes only if it is text."""
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise LaunchError(f"{name} is not UTF-8", "give it as UTF-8 text", code)
    return value


def _directory(directory: str) -> str:
    if not os.path.isdir(directory):
        raise LaunchError(f"there is no directory `{directory}`", "name the right one with `--dir`")
    return directory


def _require_no_pipes(*directories: str) -> None:
    """Raise if the updater would wait for the other end of what it takes for a file."""
    for path in (path for directory in directories for path in _members(directory)):
        if not path.endswith((".json", ".toml")) or not os.path.exists(path):
            continue  # a link that leads nowhere is left to the updater
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise LaunchError(f"{path} is not a regular file", "move it away")


def _members(directory: str) -> list[str]:
    try:
        return [os.path.join(directory, name) for name in os.listdir(directory)]
    except OSError:
        return []  # the updater says what is wrong


def _mount(directory: str, place: str) -> str:
    if "::" in directory:
        raise LaunchError(
            f"{directory}: wasmtime takes no `::`", "go there and give `--dir .`, or rename it"
        )
    return f"--dir={directory}::{place}"


def _release_files(line: Line) -> list[str]:
    """Return the words that let it use the directory of release files, which a poll makes."""
    if line.command == "poll":
        try:
            os.makedirs(line.releases, exist_ok=True)
        except OSError as error:
            raise LaunchError(
                f"{line.releases}: {error.strerror}", "name another directory with `--releases`"
            ) from error
    if not os.path.isdir(line.releases):
        raise LaunchError(
            f"there is no directory `{line.releases}`",
            "name the right one with `--releases`, or make it with `poll`",
        )
    return [_mount(line.releases, "/releases"), "--env=CHECKSUM_UPDATER_RELEASES=/releases"]


def _memory() -> list[str]:
    """Return the words that let it keep answers of polls, so that servers need not repeat them."""
    from pipeline.errors import StoreError  # what polls has the time
    from pipeline.settings import store_root

    try:
        state = store_root() / "updater"
    except StoreError as error:
        raise LaunchError(error.what, error.fix) from error
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchError(
            f"{state}: {error.strerror}", "make room there, or name another in DOIT_WASM_STORE"
        ) from error
    return [_mount(str(state), "/state"), "--env=CHECKSUM_UPDATER_STATE=/state"]


def _wait(line: Line, place: str, words: list[str]) -> int:
    from pipeline.updater.child import TRAPPED, follow

    code = follow(words, str(_unstarted(words[0], "{}")))
    if code != TRAPPED:
        return code
    from pipeline.errors import exit_code_of  # only now is there time for more
    from pipeline.updater.isolate import run_each

    return exit_code_of(lambda: run_each(line, lambda each: command(each, place, os.environ)))


def _unstarted(program: str, why: str) -> LaunchError:
    return LaunchError(f"{program}: {why}", "run `doit check:updater`")


def _become(words: list[str]) -> NoReturn:
    if os.name == "posix":
        try:
            os.execv(words[0], words)
        except OSError as error:
            raise _unstarted(words[0], str(error.strerror)) from error
    import subprocess  # noqa: TID251 - nothing else here can wait for it and pass its code on

    sys.exit(subprocess.call(words))


def _lock(directory: str, *, alone: bool) -> None:
    """Take the lock of *directory*, which the updater holds until it ends, however it ends.

    Updaters that record from release files share it: each is about tools of its own, and replaces a
    file only if nobody else has changed it since.
    """
    import fcntl

    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    try:
        handle = os.open(os.path.join(directory, ".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"waiting for another updater of {directory}\n")
            sys.stderr.flush()
            fcntl.flock(handle, kind)
    except OSError as error:
        raise LaunchError(
            f"{directory}/.lock: {error.strerror}", "make the directory one that you may write"
        ) from error
    fcntl.fcntl(handle, fcntl.F_SETFD, 0)  # wasmtime is to have it

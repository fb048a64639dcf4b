"""Applications under wasmtime.

component:NAME or compose:NAME ──> guard:KIND-NAME ──> run:NAME, serve:NAME
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.action import ReportedAction
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.tool_stamp import Stamp
from pipeline.engine.words import In, Out, Python, Root, Tool, relative
from pipeline.errors import CommandError, DeclarationError
from pipeline.rules.parts import application
from pipeline.rules.wit import INSIDE, WASI

ANY_HOST: Final = ("*",)
_NETWORK: Final = ("-S", "http", "-S", "inherit-network", "-S", "allow-ip-name-lookup")
_ADDRESS: Final = re.compile(r"(?:(?P<four>[0-9.]+)|\[(?P<six>[^]]+)\]):(?P<port>[0-9]{1,5})")
_LAST_PORT: Final = 65_535
_HOST: Final = re.compile(r"(?:[A-Za-z0-9_.-]{1,240}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@rule
def run(
    name: str,
    *,
    args: Sequence[str] = (),
    dirs: Mapping[str, str | Path] | None = None,
    env: Mapping[str, str] | None = None,
    inherit: Sequence[str] = (),
    hosts: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> Iterator[Task]:
    """Declare `run:NAME`: run a command under wasmtime, each time that the task is selected.

    `doit run:NAME -- WORD…` adds words to its arguments. It has what is declared here and nothing
    else, and its standard input is empty.

    Args:
        name: Name of a composition, or of a component that is declared before.
        args: Its arguments.
        dirs: The directories of this machine that it may read and write, by the absolute path that
            each has for it.
        env: Its variables.
        inherit: Names of variables that it gets with the values that doit has.
        hosts: The hosts that it may reach: over HTTP, `api.example.com` at any port,
            `localhost:8080` at that one; `["*"]` for all, by sockets, too. Default: none.
        flags: Further options of `wasmtime run`, such as `-W max-memory-size=67108864`.

    Raises:
        DeclarationError: A directory has no absolute path, or a host cannot be one.
    """
    if hosts:
        yield from _guard("run", name, hosts)
    network = _NETWORK if tuple(hosts) == ANY_HOST else ("-S", "http") if hosts else ()
    file = _file("run", name, hosts or ANY_HOST)  # without hosts, it has no HTTP at all
    launch = Launch(
        name, file, ["run", *network, *flags], args, rights=_given(name, dirs, env, inherit)
    )
    yield _task(f"run:{name}", f"Run {name}", launch)


@rule
def serve(
    name: str,
    *,
    addr: str = "127.0.0.1:8080",
    dirs: Mapping[str, str | Path] | None = None,
    env: Mapping[str, str] | None = None,
    inherit: Sequence[str] = (),
    hosts: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> Iterator[Task]:
    """Declare `serve:NAME`: answer HTTP requests under wasmtime until Ctrl-C.

    It gets what is declared here and nothing else.

    Args:
        name: Name of a composition, or of a component that is declared before, which exports
            `wasi:http/incoming-handler`.
        addr: The IP address and port to listen on.
        dirs: As for `run`.
        env: As for `run`.
        inherit: As for `run`.
        hosts: As for `run`.
        flags: Further options of `wasmtime serve`.

    Raises:
        DeclarationError: *addr* is no IP address with a port, a directory has no absolute path, or
            a host cannot be one.
    """
    _require_address(name, addr)
    yield from _guard("serve", name, hosts)
    network = _NETWORK if tuple(hosts) == ANY_HOST else ()
    words = ["serve", "-S", "cli", "--addr", addr, *network, *flags]
    file = _file("serve", name, hosts)
    launch = Launch(name, file, words, (), rights=_given(name, dirs, env, inherit))
    yield _task(f"serve:{name}", f"Serve {name} at http://{addr}", launch)


@dataclass(frozen=True, slots=True)
class Rights:
    """What an application gets of this machine.

    Attributes:
        dirs: Directories, by the path that each has for the application.
        env: Variables.
        inherit: Names of variables whose values are those of doit.
    """

    dirs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    inherit: Sequence[str] = ()


def _given(
    name: str,
    dirs: Mapping[str, str | Path] | None,
    env: Mapping[str, str] | None,
    inherit: Sequence[str],
) -> Rights:
    for guest in dirs or {}:
        if not guest.startswith("/"):
            raise DeclarationError(
                f"{name} cannot have a directory as {guest}",
                why="its path for the application is not absolute",
                fix=f'write dirs={{"/{guest.lstrip("./")}": …}}',
            )
    return Rights({guest: str(path) for guest, path in (dirs or {}).items()}, env or {}, inherit)


def _require_address(name: str, addr: str) -> None:
    import ipaddress  # few projects serve

    found = _ADDRESS.fullmatch(addr)
    try:
        ipaddress.ip_address(found["four"] or found["six"] if found else addr)
    except ValueError:
        found = None
    if found is None or int(found["port"]) > _LAST_PORT:
        raise DeclarationError(
            f"serve {name}: {addr!r} is not an IP address with a port",
            fix="write one like '127.0.0.1:8080' or '[::1]:8080'",
        )


def _guard(kind: str, name: str, hosts: Sequence[str]) -> Iterator[Task]:
    """Declare `guard:KIND-NAME`, which keeps an application to some hosts, unless it may reach all.

    Raises:
        DeclarationError: A host cannot be one.
    """
    if tuple(hosts) == ANY_HOST:
        return
    wrong = [host for host in hosts if not _HOST.fullmatch(host)]
    if wrong:
        raise DeclarationError(
            f"{kind} {name} names the host {wrong[0]!r}, which is none",
            fix='write hosts=["api.example.com", "localhost:8080"], or ["*"] for all',
        )
    yield step(
        f"guard:{kind}-{name}",
        doc=f"Keep {name} to {', '.join(hosts) or 'no host'}",
        argv=[
            *(Python("pipeline.steps.guard_hosts"), Tool("wasm-tools"), Tool("wac")),
            *(Root(WASI["0.2.0"], INSIDE), In(application(name))),
            Out(layout.guarded(f"{kind}-{name}")),
            *hosts,
        ],
    )


def _file(kind: str, name: str, hosts: Sequence[str]) -> Path:
    return application(name) if tuple(hosts) == ANY_HOST else layout.guarded(f"{kind}-{name}")


class Launch(ReportedAction):
    """Runs an application to its end; its output goes to where doit's goes.

    Args:
        name: Its name.
        file: Its file.
        words: The words of wasmtime before the file.
        args: The arguments of the application.
        rights: What it gets of this machine.

    Attributes:
        file: The application.
        on_request: It runs only if its task is named.
        instead: What is done with an application whose file is there, unless it is run to its end.
    """

    on_request: ClassVar[bool] = True
    instead: ClassVar[Callable[[Launch], None] | None] = None

    def __init__(
        self,
        name: str,
        file: Path,
        words: Sequence[str],
        args: Sequence[str],
        *,
        rights: Rights,
    ) -> None:
        self.file = file
        self._name = name
        self._words = words
        self._args = args
        self._rights = rights

    def __repr__(self) -> str:
        return " ".join(["wasmtime", *self._words, str(self.file), *self._args])

    def command(self) -> list[str]:
        """Return the command.

        Raises:
            ToolMissingError: wasmtime is not installed.
            DeclarationError: A directory does not exist.
        """
        wasmtime = Stamp.read("wasmtime").executable("wasmtime")
        more = getattr(self.task, "pos_arg_val", None) or []
        return [wasmtime, *self._words, *self._granted(), str(self.file), *self._args, *more]

    def _granted(self) -> Iterator[str]:
        for guest, path in self._rights.dirs.items():
            if not Path(path).is_dir():
                raise DeclarationError(
                    f"{self._name} cannot have {path} as {guest}",
                    why="it is no directory" if Path(path).exists() else "it does not exist",
                    fix="make the directory, or have a step make it",
                )
            yield f"--dir={path}::{guest}"
        for variable in self.variables():
            yield f"--env={variable}"  # with its value, others could read it in the command

    def variables(self) -> dict[str, str]:
        """Return the variables that the application gets."""
        found = {name: os.environ[name] for name in self._rights.inherit if name in os.environ}
        return found | dict(self._rights.env)

    def environment(self) -> dict[str, str]:
        """Return the environment of the command."""
        details = {"WASMTIME_BACKTRACE_DETAILS": "1"}  # a trap names file and line
        return process.environment(extra=details | self.variables())

    def perform(self) -> None:
        """Start the application.

        Raises:
            PipelineError: It cannot be started, or failed.
        """
        self.begin()
        if Launch.instead:
            Launch.instead(self)
            return
        code = process.attach(self.command(), env=self.environment())
        if code:
            fix = "if it lacks an import of wasi:http, name its hosts in run()"
            raise CommandError(f"{self._name} ended with code {code}", fix=fix if code == 1 else "")


def _task(name: str, doc: str, launch: Launch) -> Task:
    return Task(
        basename=name,
        doc=doc,
        actions=[launch],
        file_dep=[relative(launch.file)],
        task_dep=["toolchain:wasmtime"],
        uptodate=[False],
        pos_arg="words",
    )

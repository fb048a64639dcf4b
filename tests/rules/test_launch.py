"""Applications run under wasmtime with what is declared, and nothing else."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from rules.dummies import dummies
from rules.programs import SERVER_WORLD, STEPS, command, server


def program(project: Project, body: str, *, end: str = "") -> Project:
    project.write("command.wat", command("mark", end))
    project.write("server.wat", server(202))
    project.write("server.wit", SERVER_WORLD)
    dummies(project, {}, STEPS + body)
    return project


GIVEN: Mapping[str, tuple[str, list[str], str]] = {
    "nothing": ("", [], "mark\ncommand.wasm\0"),
    "arguments": (', args=["a b", "-x"]', [], "command.wasm\0a b\0-x\0"),
    "arguments of the command line": (
        ', args=["one"]', ["--", "two", "--three"], "command.wasm\0one\0two\0--three\0",
    ),
    "variables": (', env={"A": "1", "B": "x=y z"}', [], "A=1\0B=x=y z\0"),
    "a variable of the caller": (', inherit=["SECRET", "ABSENT"]', [], "SECRET=hush\0"),
    "a directory": (', dirs={"/data": "some dir"}', [], "/data"),
    "flags": (', flags=["-W", "max-memory-size=9999999"]', [], "mark"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "words", "shown"), GIVEN.values(), ids=GIVEN.keys())
def test_a_command_gets_what_is_declared(
    project: Project, arguments: str, words: list[str], shown: str
) -> None:
    (project.root / "some dir").mkdir()
    program(project, f'yield from run("command"{arguments})')
    caller = replace(project, env={**project.env, "SECRET": "hush", "OTHER": "x"})
    for _ in range(2):  # each time that it is selected
        run = caller.doit("run:command", *words)
        assert run.code == 0, run.text
        assert shown in run.out
        assert "OTHER" not in run.out
        assert ("SECRET" in run.out) == ("SECRET" in shown)
    assert "component:command" not in run.executed


WRONG: Mapping[str, tuple[str, list[str]]] = {
    "a directory that is not there": (
        'run("command", dirs={"/data": "nowhere"})', ["cannot have nowhere as /data", "not exist"],
    ),
    "a directory without a place": (
        'run("command", dirs={"data": "wit"})', ["cannot have a directory as data", '{"/data"'],
    ),
    "a URL in the place of a host": (
        'run("command", hosts=["http://a.test/"])', ["'http://a.test/', which is none"],
    ),
    "no such application": ('run("comand")', ["comand.wasm"]),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_run_is_named(project: Project, rule: str, words: list[str]) -> None:
    program(project, f"yield from {rule}")
    run = project.doit("run:comand" if "comand" in rule else "run:command")
    assert run.code != 0
    for word in words:
        assert word in run.text, run.text
    assert "Traceback" not in run.text


def test_nothing_is_started_that_is_not_named(project: Project) -> None:
    program(project, 'yield from run("command")\nyield from serve("server")')
    dodo = (project.root / "dodo.py").read_text()
    project.write("dodo.py", dodo.replace('default_tasks=["check:app"]', ""))
    run = project.doit()
    assert run.code == 0, run.text
    assert "component:server" in run.executed
    assert {"run:command", "serve:server"}.isdisjoint(run.executed)
    assert "run:command" in project.doit("run:command").executed


def test_a_command_that_fails_fails_the_task(project: Project) -> None:
    run = program(project, 'yield from run("command")', end="(call $exit (i32.const 1))").doit(
        "run:command"
    )
    assert run.code != 0
    assert "command ended with code 1" in run.text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status(port: int) -> int | None:
    """Return the status of an answer at *port*, None if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            found: int = answer.status
            return found
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def wait_for(port: int, wanted: int | None, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while (found := status(port)) != wanted:
        assert time.monotonic() < end, found
        time.sleep(0.05)


def output_of(project: Project) -> Path:
    """Return a file that is not in the project, which is watched."""
    return project.root.parent / "output.txt"


@contextmanager
def started(project: Project, *words: str) -> Iterator[subprocess.Popen[str]]:
    with output_of(project).open("w") as output:
        process = subprocess.Popen(
            words, cwd=project.root, env=project.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_server_answers_until_doit_ends(project: Project, number: signal.Signals) -> None:
    port = free_port()
    program(project, f'yield from serve("server", addr="127.0.0.1:{port}")')
    words = project.command("serve:server")
    with started(project, *words) as process:
        wait_for(port, 202)
        os.kill(process.pid, number)
        process.wait(10)
        wait_for(port, None)


def test_a_change_restarts_only_what_has_other_bytes(project: Project) -> None:
    port = free_port()
    program(project, f'yield from serve("server", addr="127.0.0.1:{port}")')
    seen = output_of(project)

    def builds() -> int:
        return seen.read_text().count("\nwatching ")

    def edited(text: str) -> None:
        """Replace the server's text at once, and wait for the end of the build that follows."""
        before = builds()
        written = project.root.parent / "written"
        written.write_text(text)
        written.replace(project.root / "server.wat")
        end = time.monotonic() + 60
        while builds() == before:
            assert time.monotonic() < end, seen.read_text()
            time.sleep(0.05)

    with started(project, *project.command("dev", "serve:server")) as process:
        wait_for(port, 202)
        edited(server(202, "a comment"))
        assert seen.read_text().count("serve:server: ") == 1, seen.read_text()
        edited(server(204, "a comment"))
        wait_for(port, 204)
        assert "serve:server: restarted" in seen.read_text()
        edited("(module (nonsense))")
        assert status(port) == 204  # it runs on while a build fails
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0, seen.read_text()
    wait_for(port, None)

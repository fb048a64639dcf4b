"""Components become machine code for the targets that are named."""

from collections.abc import Callable

import pytest

from pipeline import process
from pipeline.errors import CommandError
from pipeline.testing.project import Project
from pipeline.toolchain.platform import current
from rules.dummies import dummies
from rules.programs import SERVER_WORLD, STEPS, command, server

HERE, OTHER = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
if current().endswith("arm64"):
    HERE, OTHER = OTHER, HERE


def declare(project: Project, body: str) -> None:
    project.write("command.wat", command("mark"))
    project.write("server.wat", server(202))
    project.write("server.wit", SERVER_WORLD)
    dummies(project, {}, f"{STEPS}{body}")


def test_each_target_gets_code_of_its_own(project: Project, tool: Callable[..., str]) -> None:
    declare(
        project,
        'yield from precompile("command")\n'
        f'yield from precompile("server", targets=["{HERE}", "{OTHER}"])',
    )
    tasks = ["precompile:command", f"precompile:server-{HERE}", f"precompile:server-{OTHER}"]
    run = project.doit(*tasks)
    assert run.code == 0, run.text
    assert project.doit(*tasks).executed == []
    wasmtime, code = tool("wasmtime"), project.root / "build/machine-code"
    words = [wasmtime, "run", "--allow-precompiled"]
    assert process.run([*words, code / "host/command.cwasm"]).output.startswith("mark\n")
    with pytest.raises(CommandError, match="target"):
        process.run([*words, code / f"{OTHER}/server.cwasm"])
    with pytest.raises(CommandError, match="wasi:cli/run"):  # it is loaded, and is no command
        process.run([*words, "-S", "http", code / f"{HERE}/server.cwasm"])


@pytest.mark.parametrize(
    ("targets", "task", "word"),
    [
        ('["nonsense"]', "precompile:command-nonsense", "Unrecognized architecture: nonsense"),
        ('["a b"]', "precompile:command-a b", "'a b' is no target"),
        ('["x", "x"]', "precompile:command-x", "names x twice"),
    ],
)
def test_a_target_that_is_none_is_named(
    project: Project, targets: str, task: str, word: str
) -> None:
    declare(project, f'yield from precompile("command", targets={targets})')
    run = project.doit(task)
    assert run.code != 0
    assert word in run.text, run.text

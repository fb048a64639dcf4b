"""`python -m tests.soak.graphs`: random graphs of steps, random edits, compared with clean builds.

Steps read files, directories, what is in the outputs of others and what holds them. After each edit
one run must end well, the next do nothing, and all outputs be those of a build from nothing, but
for the digits that some steps make up: if the outputs of such a step are lost, it alone runs. A
graph that has no order must be refused; that is judged by comparing every pair of paths.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain

from pipeline import Out, doit_config, files, process, step
from pipeline.engine.task import Task
from tests.engine.remote.faulty import faulty
from tests.soak import graph_step

FILES = ("s/a", "s/b", "t/x/p", "t/x/q", "t/y", "u")
DIRECTORIES = ("s", "t", "t/x")
PLACES = ("o/1", "o/2", "o/p/3", "o/p/4", "s/5", "t/6", "t/x/7", "t/z/8", "v")
WITHIN = ("f", "d", "d/g")  # what every directory that a step makes has
ABOVE = ("o", "o/p", "t/z")
EDITS = 4
STEP = str(Path(graph_step.__file__))


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a graph.

    Attributes:
        name: Its name.
        inputs: Paths it reads.
        outputs: Path to whether it is a directory.
        blunt: Of sixteen, how many contents of the inputs make no difference.
        reproducible: Whether it makes no digits up.
    """

    name: str
    inputs: Sequence[str]
    outputs: Mapping[str, bool]
    blunt: int
    reproducible: bool = True

    def task(self) -> Task:
        """Return it as a dodo.py would declare it."""
        spec = {
            "name": self.name,
            "inputs": self.inputs,
            "outputs": list(self.outputs.items()),
            "blunt": self.blunt,
            "reproducible": self.reproducible,
        }
        return step(
            self.name,
            doc="A step of a random graph",
            argv=[sys.executable, STEP, json.dumps(spec)],
            inputs=self.inputs,
            outputs=[Out(path) for path in self.outputs],
            reproducible=None if self.reproducible else False,
        )


def graph(dice: random.Random) -> list[Node]:
    """Return a random graph; some have no order."""
    places = dice.sample(PLACES, dice.randint(2, 6))
    made: list[dict[str, bool]] = []
    while places:
        count = min(len(places), dice.choice((1, 1, 1, 2)))
        made.append({places.pop(): dice.random() < 0.5 for _ in range(count)})
    if dice.random() < 0.1:
        made.append({f"{dice.choice([*made[0]])}/f": False})
    nodes = [
        Node(
            f"n{number}",
            _inputs(dice, made, number),
            outputs,
            dice.choice((0, 0, 8)),
            dice.random() < 0.7,
        )
        for number, outputs in enumerate(made)
    ]
    dice.shuffle(nodes)
    return nodes


def _inputs(dice: random.Random, made: Sequence[Mapping[str, bool]], number: int) -> list[str]:
    """Choose what a step reads, mostly of those before it: else most graphs would be circles."""
    others = [made[other] for other in range(number)] if dice.random() < 0.97 else list(made)
    chosen = dice.sample(FILES, dice.randint(0, 2)) + dice.sample(
        DIRECTORIES, dice.choice((0, 0, 0, 1))
    )
    for outputs in others:
        for path, is_directory in outputs.items():
            if dice.random() < 0.4:
                inside = [f"{path}/{name}" for name in WITHIN] if is_directory else []
                above = [name for name in ABOVE if path.startswith(f"{name}/")]
                chosen.append(dice.choice([path, *inside, *above]))
    return list(dict.fromkeys(chosen))


def touch(one: str, other: str) -> bool:
    """Return whether a path is, holds or lies in another."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def without_order(nodes: Sequence[Node]) -> set[str]:
    """Return the steps that no order fits, and those that need them, by comparing all pairs."""
    outputs = [(node.name, path) for node in nodes for path in node.outputs]
    for at, (_, path) in enumerate(outputs):
        if any(touch(path, other) for _, other in outputs[:at]):
            return {node.name for node in nodes}
    needs = {
        node.name: {
            maker.name
            for maker in nodes
            if any(touch(read, path) for read in node.inputs for path in maker.outputs)
        }
        for node in nodes
    }
    while free := [name for name, before in needs.items() if not before & needs.keys()]:
        for name in free:
            del needs[name]
    return set(needs)


class Fault(Exception):  # noqa: N818 - what is found, not what went wrong here
    """A graph of which the engine did not keep its word."""


class Trial:
    """One graph in one directory, built again after each edit.

    Args:
        seed: Decides everything.
        root: An empty directory.
        options: For doit, how it runs.
    """

    def __init__(self, seed: int, root: Path, options: Sequence[str]) -> None:
        self._dice = random.Random(seed)
        self.nodes = graph(self._dice)
        self._root = root
        self._options = options

    def run(self) -> str:
        """Return `refused` or `built`.

        Raises:
            Fault: The engine did not keep its word.
        """
        for path in FILES:
            _write(self._root / path, f"{path} {self._dice.random()}")
        if bad := without_order(self.nodes):
            code, output, ran = self._build(self._root)
            named = {*re.findall(r"\bn\d+\b", output.partition("ERROR")[2])}
            if code != 3 or ran or not bad & named or "Traceback" in output:
                raise Fault(f"it has no order, and doit ended with {code}:\n{output}")
            return "refused"
        for number in range(EDITS + 1):
            if number:
                self._edit()
            self._judge(f"after edit {number}" if number else "at first")
        return "built"

    def _judge(self, when: str) -> None:
        code, output, _ = self._build(self._root)
        if code:
            raise Fault(f"{when} the run failed:\n{output}")
        code, output, ran = self._build(self._root)
        if code or ran:
            raise Fault(f"{when} the next run did something: {ran}\n{output}")
        clean = self._root.with_name("clean")
        shutil.rmtree(clean, ignore_errors=True)
        shutil.copytree(self._root, clean, ignore=self._made)
        code, output, _ = self._build(clean)
        if code:
            raise Fault(f"{when} a build from nothing failed:\n{output}")
        for path in self._outputs():
            if _digest(self._root / path) != _digest(clean / path):
                raise Fault(f"{when} {path} differs from that of a build from nothing")
        self._lose(when)

    def _lose(self, when: str) -> None:
        """Remove what steps make that are not reproducible; nothing else may run."""
        lost = [node for node in self.nodes if not node.reproducible]
        for path in (path for node in lost for path in node.outputs):
            files.remove_tree(self._root / path)
        code, output, ran = self._build(self._root)
        if code or {*ran} != {node.name for node in lost}:
            raise Fault(f"{when} what {lost} make was lost, and these ran: {ran}\n{output}")

    def _outputs(self) -> list[str]:
        return [path for node in self.nodes for path in node.outputs]

    def _made(self, directory: str, names: Sequence[str]) -> list[str]:
        here = Path(directory).relative_to(self._root)
        left_out = {"build", *self._outputs()}
        return [name for name in names if (here / name).as_posix() in left_out]

    def _edit(self) -> None:
        """Change one or two things: a source, a directory of sources, something that was made."""
        for _ in range(self._dice.randint(1, 2)):
            text = str(self._dice.random())
            path = self._dice.choice(FILES)
            beside = (self._root / path).parent / f"new-{self._dice.randint(0, 2)}"
            made = self._root / self._dice.choice(self._outputs())
            match self._dice.randrange(6):
                case 0 | 1:
                    _write(self._root / path, text)
                case 2:
                    _write(beside, text)
                case 3:
                    beside.unlink(missing_ok=True)
                case 4:
                    files.remove_tree(made)
                case _ if made.is_dir():
                    _write(made / "f", text)
                case _:
                    _write(made, text)

    def _build(self, root: Path) -> tuple[int, str, list[str]]:
        """Run doit; return its code, what it wrote, and the steps that ran."""
        order = list(self.nodes)
        self._dice.shuffle(order)
        half = len(order) // 2
        screen = self._root.with_name("screen")
        errors = io.StringIO()
        with contextlib.chdir(root), contextlib.redirect_stderr(errors):
            namespace = {
                "DOIT_CONFIG": doit_config(),
                "task_one": lambda: (node.task() for node in order[:half]),
                "task_two": lambda: (node.task() for node in order[half:]),
            }
            main = DoitMain(ModuleTaskLoader(namespace), config_filenames=())
            code = main.run(["run", "-o", str(screen), *self._options])
        lines = screen.read_text() if screen.exists() else ""
        screen.unlink(missing_ok=True)
        ran = [line.split()[1] for line in lines.splitlines() if line[:1] in {".", "="}]
        return int(code or 0), lines + errors.getvalue(), ran


def _digest(path: Path) -> str:
    """Return the digest of an output without the digits that steps make up."""

    def of_file(file: Path) -> str:
        return hashlib.sha256(file.read_text().partition(graph_step.MARK)[0].encode()).hexdigest()

    return files.digest(path, of_file=of_file)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def record_here(
    argv: Sequence[str], log: process.Recording, *, cwd: Path, env: Mapping[str, str]
) -> None:
    """Do in this process what `graph_step.py` does in one of its own, which takes 20 ms."""
    _, program, spec = argv
    assert program == STEP
    with log.create(argv):
        graph_step.work(spec, cwd)


def _remote(address: str) -> dict[str, str]:
    """Return the variables for a remote cache, behind a local one that is of little use."""
    return {
        "DOIT_WASM_REMOTE_CACHE": address,
        "DOIT_WASM_REMOTE_WAIT": "30",
        "DOIT_WASM_CACHE_BYTES": "5000",
    }


def main(words: Sequence[str] | None = None) -> int:
    """Try graphs; the exit code says whether the engine kept its word for all."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.graphs", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="graphs; default: 10,000")
    parser.add_argument("--seed", type=int, default=0, help="of the first graph")
    parser.add_argument("--processes", action="store_true", help="run each step as a process")
    parser.add_argument("--remote", action="store_true", help="use a remote cache")
    parser.add_argument("--options", default="-n 0", help="of doit, such as `-n 3`")
    asked = parser.parse_args(words)
    if not asked.processes:
        process.record = record_here
    counts = {"built": 0, "refused": 0, "wrong": 0}
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name,
        faulty() as server,
    ):
        os.environ |= _remote(server.address) if asked.remote else {}
        os.environ["DOIT_WASM_STORE"] = f"{name}/store"
        os.environ.setdefault("DOIT_WASM_CACHE_BYTES", "0")
        for seed in range(asked.seed, asked.seed + asked.count):
            root = Path(name, "graph")
            root.mkdir()
            trial = Trial(seed, root, asked.options.split())
            try:
                counts[trial.run()] += 1
            except Fault as fault:
                counts["wrong"] += 1
                print(f"seed {seed}: {fault}", *trial.nodes, sep="\n  ", flush=True)  # noqa: T201
            shutil.rmtree(root)
            done = seed - asked.seed + 1
            if done % 500 == 0 or done == asked.count:
                print(f"{done} graphs: {counts}", flush=True)  # noqa: T201
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())

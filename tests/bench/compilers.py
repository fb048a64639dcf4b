"""`python -m tests.bench.compilers`: how long an edit of one line takes, per language.

Go: one component built by both compilers, from the edit to the composition. Rust: the cli of this
repository, by its task and by the bare commands in another copy, in turns, in two profiles.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pipeline.settings import store_root
from pipeline.steps.wasm_opt import modules, wasm_opt
from tests.bench.timing import ROOT, Times, clock
from tests.workshop import copy_repository

GO_SECONDS = 1.0
RUST_RATIO = 1.1

GO_FILES = {
    "dodo.py": """
from pipeline import compose, doit_config, go_component, toolchains
DOIT_CONFIG = doit_config()
def task_all():
    yield from toolchains("toolchains")
    for name, compiler in (("tiny", "tinygo"), ("stock", "go")):
        yield from go_component(name, path=f"cmd/{name}", compiler=compiler)
        yield from compose(f"app-{name}", wac=f"{name}.wac", parts=[name])
""",
    "go.mod": "module ex.com/app\n\ngo 1.24\n\nrequire go.bytecodealliance.org/cm v0.3.0\n",
    "wit/world.wit": """package docs:text@0.1.0;
interface text { join: func(words: list<string>) -> string; }
world joiner { export text; }
""",
    "words/words.go": """// Package words is what both components share.
package words

import (
	"encoding/json"
	"strings"
	"time"
)

type reply struct {
	Joined string `json:"joined"`
	Edit   int    `json:"edit"`
	At     int64  `json:"at"`
}

// Join joins words.
func Join(words []string) string {
	text, err := json.Marshal(reply{strings.Join(words, " "), 0, time.Now().Unix()})
	if err != nil {
		return err.Error()
	}
	return string(text)
}
""",
    "cmd/tiny/main.go": """package main

import (
	"ex.com/app/cmd/tiny/gen/docs/text/text"
	"ex.com/app/words"
	"go.bytecodealliance.org/cm"
)

func init() {
	text.Exports.Join = func(given cm.List[string]) string { return words.Join(given.Slice()) }
}

func main() {}
""",
    "cmd/stock/main.go": "package main\n\nfunc main() {}\n",
    "cmd/stock/export_docs_text_text/text.go": """package export_docs_text_text

import "ex.com/app/words"

func Join(given []string) string { return words.Join(given) }
""",
}
WAC = "package docs:app-{name};\nlet part = new docs:{name} {{ ... }};\nexport part...;\n"


def go_edits(rounds: int, directory: Path) -> Iterator[tuple[str, bool]]:
    """Yield the lines about Go, and whether each keeps its promise.

    Args:
        rounds: How many edits.
        directory: Where to work.
    """
    root = directory / "go"
    shutil.copytree(ROOT / "toolchains", root / "toolchains")
    for name, text in GO_FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copy(ROOT / "components/hello-go/go.sum", root / "go.sum")
    for name in ("tiny", "stock"):
        (root / f"{name}.wac").write_text(WAC.format(name=name))
    doit(root, "compose:app-tiny", "compose:app-stock")
    code = root / "words/words.go"
    seconds: dict[str, list[float]] = {"tiny": [], "stock": []}
    for number in range(rounds):
        for offset, (name, found) in enumerate(seconds.items(), 1):
            edit = f'" "), {2 * number + offset},'
            code.write_text(GO_FILES["words/words.go"].replace('" "), 0,', edit))
            found.append(clock(partial(doit, root, f"compose:app-{name}")))
    tiny, stock = Times(seconds["tiny"]), Times(seconds["stock"])
    ok = stock.minimum <= GO_SECONDS
    yield f"Go, edit to composition: TinyGo {shown(tiny)}", True
    yield f"Go, edit to composition: go {shown(stock)}  {verdict(ok)} (at most {GO_SECONDS} s)", ok


def rust_edits(rounds: int, directory: Path) -> Iterator[tuple[str, bool]]:
    """Yield the lines about Rust, and whether each keeps its promise.

    Args:
        rounds: How many edits, for each profile.
        directory: Where to work.
    """
    for profile, words in (("dev", []), ("release", ["--release"])):
        roots = {name: directory / profile / name for name in ("ours", "bare")}
        for root in roots.values():
            copy_repository(root, str(store_root()))
            doit(root, f"profile={profile}", "component:cli")
        bare = Bare(roots["bare"], directory / profile / "target", words)
        works = {
            "ours": partial(doit, roots["ours"], f"profile={profile}", "component:cli"),
            "cargo": bare.build,
        }
        if profile == "release":
            works["wasm-opt"] = bare.shrink
        for work in works.values():
            work()
        seconds: dict[str, list[float]] = {name: [] for name in works}
        for number in range(rounds):
            for root in roots.values():
                main = root / "components/cli/src/main.rs"
                text = main.read_text().partition("\n// edit")[0]
                main.write_text(f"{text}\n// edit\n#[used]\nstatic EDIT: u32 = {number};\n")
            for name, work in works.items():
                seconds[name].append(clock(work))
        times = {name: Times(found) for name, found in seconds.items()}
        cargo = times["cargo"].minimum
        same = cargo + (times["wasm-opt"].minimum if "wasm-opt" in times else 0)
        ratio = times["ours"].minimum / same
        ok = ratio <= RUST_RATIO
        each = ", ".join(f"{name} {shown(time)}" for name, time in times.items())
        alone = f"; {times['ours'].minimum / cargo:.2f}x cargo alone" if same > cargo else ""
        whole = f"{each}: {ratio:.2f}x{alone}  {verdict(ok)} (at most {RUST_RATIO}x)"
        yield f"Rust, edit of the cli, {profile}: {whole}", ok


class Bare:
    """The commands that a person would type instead of the task.

    Args:
        root: A copy of the repository, whose tools are installed.
        target: cargo's directory.
        words: What chooses the profile.
    """

    def __init__(self, root: Path, target: Path, words: Sequence[str]) -> None:
        self._root = root
        self._target = target
        self._words = words
        self._bin = self._tool("rust", "cargo").parent

    def _tool(self, name: str, program: str = "") -> Path:
        stamp = json.loads((self._root / f"build/toolchain/{name}.json").read_text())
        return Path(stamp["executables"][program or name])

    def build(self) -> None:
        """Build the cli with cargo-component."""
        command = [
            *(str(self._tool("cargo-component")), "component", "build", *self._words, "--locked"),
            *("-p", "cli", "--bin", "cli", "--target", "wasm32-wasip1"),
            *("--target-dir", str(self._target)),
        ]
        execute(command, self._root / "components", {"PATH": f"{self._bin}:/usr/bin:/bin"})

    def shrink(self) -> None:
        """Run wasm-opt on each module in the component, one after the other."""
        component = (self._target / "wasm32-wasip1/release/cli.wasm").read_bytes()
        for module in modules(component):
            wasm_opt(str(self._tool("binaryen", "wasm-opt")))(module)


def shown(times: Times) -> str:
    """Return times for people."""
    return f"{times.minimum:.2f} / {times.median:.2f} s"


def verdict(ok: bool) -> str:  # noqa: FBT001 - it is the word for a truth
    """Return the word for a promise."""
    return "PASS" if ok else "FAIL"


def doit(root: Path, *tasks: str) -> None:
    """Run tasks without results from the action cache."""
    execute([sys.executable, "-m", "doit", *tasks], root, {})


def execute(argv: Sequence[str], root: Path, env: dict[str, str]) -> None:
    """Run a command.

    Raises:
        SystemExit: It failed; its output is in the message.
    """
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "DOIT_WASM_CACHE_BYTES": "0", **env}
    done = subprocess.run(
        argv, cwd=root, env=variables, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)} in {root} ended with {done.returncode}\n{done.stdout}")


def main() -> int:
    """Run as a command; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compilers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--languages", default="go,rust", help="go, rust, or both")
    args = parser.parse_args()
    kept = True
    with tempfile.TemporaryDirectory() as name:
        for language in args.languages.split(","):
            measure = {"go": go_edits, "rust": rust_edits}[language]
            for line, ok in measure(args.rounds, Path(name)):
                print(line, flush=True)  # noqa: T201 - it is the report
                kept = kept and ok
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

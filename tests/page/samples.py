"""Reports of projects that nobody has: one in which everything has happened, one that is large."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.engine.key_changes import Change
from pipeline.report.page.components import Component, Link
from pipeline.report.page.document import Report, TaskRow, Tests, ToolOnPlatform, ToolRow
from pipeline.report.page.junit import FailedTest, ResultFile
from pipeline.report.query.graph import graph, tip
from pipeline.report.query.survey import Standing, State
from pipeline.report.runs import Run, TaskRun

WRITTEN = 1_795_644_000.0
DAY = 86_400.0
OLD, NEW = "932f2b4ea74f" + "0" * 52, "f760bb7f8629" + "0" * 52

TASKS: Sequence[tuple[str, State, float | None, str]] = (
    ("toolchain:rust", "fresh", 41.0, ""),
    ("toolchain:tinygo", "fresh", 122.4, ""),
    ("toolchain:wasm-tools", "fresh", 18.2, ""),
    ("toolchain:wac", "fresh", 44.9, ""),
    ("wit:wasi", "fresh", 0.6, ""),
    ("wit:downloader", "fresh", 0.6, "wit:wasi"),
    ("lock:components", "fresh", 2.1, "toolchain:rust"),
    ("bindings:downloader", "fresh", 8.4, "wit:downloader toolchain:wasm-tools"),
    ("bindings:validator", "fresh", 1.2, "toolchain:rust wit:wasi"),
    ("bindings:cli", "fresh", 1.3, "toolchain:rust wit:wasi"),
    ("component:downloader", "fresh", 15.9, "bindings:downloader toolchain:tinygo"),
    ("component:validator", "stale", 9.1, "bindings:validator lock:components"),
    ("component:cli", "stale", 12.0, "bindings:cli lock:components"),
    ("compose:updater", "maybe", 0.4,
     "component:downloader component:validator component:cli toolchain:wac"),
    ("check:updater", "maybe", 3.6, "compose:updater toolchain:wasm-tools"),
    ("test:components", "error", 6.5, "component:validator component:cli"),
    ("docs", "ignored", None, ""),
    ("demo", "maybe", 3.8, "check:updater"),
)  # fmt: skip

CHANGES = {
    "component:validator": (Change("input", "components/validator/src/lib.rs", OLD, NEW),),
    "component:cli": (
        Change("input", "components/cli/src/main.rs", OLD, NEW),
        Change("command", "7", "--release", "--debug"),
        Change("variable", "RUSTFLAGS", None, "-C opt-level=s"),
    ),
    "test:components": (Change("input", "checksums/absent.json", None, "missing"),),
}


def report() -> Report:
    """Return the report of a project in which everything has happened."""
    standings = {name: standing(name, state, seconds, needs)
                 for name, state, seconds, needs in TASKS}  # fmt: skip
    drawn = graph(standings)
    rows = [
        TaskRow(one, f"Make what {one.task} makes", "" if one.state == "fresh" else tip(one),
                f"build/log/{one.task.replace(':', '+')}.log")
        for one in drawn.nodes
    ]  # fmt: skip
    return Report(
        project="updater",
        written=WRITTEN,
        selected=["component", "check", "demo"],
        tasks=rows,
        edges=drawn.edges,
        runs=list(runs()),
        components=components(),
        tools=[tool("rust", "sums file"), tool("tinygo", "digest"), tool("wac", "pin")],
        tests=tests(),
    )


def standing(name: str, state: State, seconds: float | None, needs: str) -> Standing:
    """Return the state of a task that needs others, named in a text."""
    before = tuple(needs.split())
    maybe = before[:1] if state == "maybe" else ()
    changes = CHANGES.get(name, ())
    return Standing(name, state, changes, maybe, before, seconds)


def runs() -> Iterator[Run]:
    """Yield runs of two weeks; the last one failed."""
    for number in range(14):
        last = number == 13
        start, done = 0.0, []
        for name, _, seconds, needs in TASKS:
            if seconds is None or (number and name.startswith("toolchain:")):
                continue
            took = round(seconds * (1 + 0.03 * ((number * 7) % 5)), 3)
            failed = last and name == "test:components"
            begin = start if needs else 0.1
            chained = name.startswith(("bindings:d", "component:d", "compose", "check", "wit:"))
            outcome = "failed" if failed else "cached" if number % 4 == 3 else "run"
            reason = "error: 2 tests failed\n  left: 3\n right: 4" if failed else ""
            done.append(TaskRun(name, outcome, round(begin, 3), took, reason, critical=chained))
            start += took * chained
        whole = max(task.start + task.seconds for task in done)
        ends = {"run": sum(task.outcome == "run" for task in done), "fresh": 3}
        sizes = {"build/component/cli.wasm": 188_000 + 700 * number,
                 "build/updater.wasm": 992_300 - 1500 * number}  # fmt: skip
        outcome = "failed" if last else "interrupted" if number == 5 else "ok"
        yield Run(
            WRITTEN - DAY * (14 - number), round(whole + 0.4, 3), outcome, ["check", "demo"],
            ends | ({"failed": 1, "not-run": 2} if last else {}), done, sizes,
        )  # fmt: skip


def components() -> list[Component]:
    """Return three components and their composition."""
    cli, down, valid = "component:cli", "component:downloader", "component:validator"
    own = "doit-wasm:updater"
    host = ["wasi:cli/environment@0.2.12", "wasi:clocks/wall-clock@0.2.12",
            "wasi:filesystem/types@0.2.12", "wasi:http/outgoing-handler@0.2.0"]  # fmt: skip
    links = [
        Link(f"{own}/documents@0.1.0", valid, cli),
        Link(f"{own}/releases@0.1.0", down, cli),
        Link(f"{own}/hashing@0.1.0", valid, down),
        *(Link(name, "host", cli if "cli" in name else down) for name in host),
    ]
    return [
        Component(valid, "build/component/validator.wasm", 372_200, (),
                  [f"{own}/documents@0.1.0", f"{own}/hashing@0.1.0"]),
        Component(cli, "build/component/cli.wasm", 197_100, host[:1], ["wasi:cli/run@0.2.3"]),
        Component(down, "build/component/downloader.wasm", None),
        Component("compose:updater", "build/updater.wasm", 972_800, host, ["wasi:cli/run@0.2.3"],
                  ["clocks", "environment", "filesystem", "network"], [valid, cli, down], links),
    ]  # fmt: skip


def tool(name: str, trust: str) -> ToolRow:
    """Return a tool that one platform has no source for."""
    systems = [f"{system}_{chip}" for system in ("linux", "darwin", "windows")
               for chip in ("amd64", "arm64")]  # fmt: skip
    here = [ToolOnPlatform(one, trust, f"GitHub owner/{name} v1.2.3", ["2 projects"], 1)
            for one in systems[:-1]]  # fmt: skip
    none = ToolOnPlatform(systems[-1], "", "upstream publishes none")
    return ToolRow(name, "1.2.3", f"GitHub owner/{name} v1.2.3", [*here, none])


def tests() -> list[Tests]:
    """Return a task with results, and a file that cannot be read."""
    failures = [FailedTest("tests.test_update.test_a_new_release", "assert 3 == 4\n  left: 3")]
    good = ResultFile("build/junit/unit.xml", 212, 0, 3, 4.25)
    bad = ResultFile("build/junit/components.xml", 34, 1, 0, 6.5, failures)
    wrong = ResultFile("results.xml", problem="no JUnit results: the root is <html>")
    return [
        Tests("test:components", "error", "failed", WRITTEN - DAY, 6.5, [good, bad]),
        Tests("", files=[wrong]),
    ]


def large(size: int) -> Report:
    """Return the report of a project of *size* tasks, each of which needs some others."""
    states: Sequence[State] = ("fresh", "fresh", "fresh", "stale", "maybe")
    standings = {}
    for number in range(size):
        before = {number - 12, number // 3 + number % 7} if number >= 12 else set()
        needs = " ".join(f"component:part-{one}" for one in sorted(before) if 0 <= one < number)
        name = f"component:part-{number}"
        standings[name] = standing(name, states[number % 5], number % 17 / 3, needs)
    drawn = graph(standings)
    rows = [TaskRow(one, "Compile a component", tip(one), "") for one in drawn.nodes]
    done = [TaskRun(row.standing.task, "run", at / 9, 1.0) for at, row in enumerate(rows)]
    run = Run(WRITTEN, size / 9 + 1, "ok", ["component"], {"run": size}, done, {})
    return Report("large", WRITTEN, ["component"], rows, drawn.edges, [run])


def changed(report: Report, rows: Sequence[TaskRow]) -> Report:
    """Return a report with other tasks."""
    return replace(report, tasks=rows)

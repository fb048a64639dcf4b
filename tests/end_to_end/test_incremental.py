"""The whole chain, and exactly what re-runs after an edit of it."""

import os
import re
from collections.abc import Callable

import pytest

from pipeline.testing.project import Project

CHAIN = ["compose:updater", "check:updater", "demo"]
PINS = {  # of the wheel of another version, for this platform
    "49.0.2": "49.0.4",
    "d1cc74bbfcb180d8e0207317eb69808b976885200bc95cd183c95bd651e4d458":
        "aec172b14f21b0388e73751b1aac05fb21302b05674b2c288905c80c4b72e70a",
}  # fmt: skip


def test_doit_without_arguments_ends_with_the_demo(workshop: Project) -> None:
    output = workshop.read("first-run/output.txt")
    assert re.search(r"wac +updated +0\.9\.0 +0\.12\.0", output), output
    assert "updater.wasm: valid" in output


def test_a_second_run_runs_nothing(workshop: Project) -> None:
    run = workshop.doit()
    assert (run.code, run.executed) == (0, [])


def test_the_list_reads_like_a_description(workshop: Project) -> None:
    rows = workshop.doit("list", "--all").out.splitlines()
    assert len(rows) > 25
    undescribed = [row for row in rows if len(row.split(maxsplit=1)) < 2]
    assert undescribed == []


def append(name: str, text: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        project.write(name, project.read(name) + text)

    return edit


def touch(project: Project) -> None:
    for file in project.root.glob("components/**/*"):
        if "gen" not in file.parts and file.is_file():
            os.utime(file)


def flag(project: Project) -> None:
    name = "dodo.py"
    text = project.read(name)
    line = 'go_component("hello-go", path="components/hello-go", bindings=GEN, flags='
    new = text.replace(f"{line}SMALL)", f'{line}[*SMALL, "-opt=z"])')
    assert new != text
    project.write(name, new)


def tool(project: Project) -> None:
    name = "toolchains/wasmtime.toml"
    text = project.read(name)
    for old, new in PINS.items():
        assert old in text
        text = text.replace(old, new)
    project.write(name, text)


EDITS: dict[str, tuple[Callable[[Project], None], list[str]]] = {
    "touched": (touch, []),
    "go-comment": (append("components/downloader/main.go", "// 1\n"), ["component:downloader"]),
    "go-code": (
        append("components/downloader/main.go", 'func init() { println("edited") }\n'),
        ["component:downloader", *CHAIN],
    ),
    "go-test": (append("components/downloader/internal/files/files_test.go", "// 1\n"), []),
    "rust-code": (
        append("components/cli/src/main.rs", "#[used]\nstatic EDITED: [u8; 6] = *b\"edited\";\n"),
        ["component:cli", *CHAIN],
    ),
    "wac-comment": (
        append("components/updater.wac", "// 1\n"), ["wac:updater", "compose:updater"],
    ),
    "checksums": (append("checksums/tools.toml", "# 1\n"), ["demo"]),
    "compiler-flag": (flag, ["component:hello-go"]),
    "tool-digest": (tool, ["toolchain:wasmtime", "check:updater", "demo"]),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "reruns"), EDITS.values(), ids=EDITS.keys())
def test_exactly_what_an_edit_touches_reruns(
    workshop: Project, edit: Callable[[Project], None], reruns: list[str]
) -> None:
    edit(workshop)
    run = workshop.doit()
    assert (run.code, run.executed) == (0, reruns), run.text
    assert workshop.doit().executed == []

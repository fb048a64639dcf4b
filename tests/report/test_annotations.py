"""Failures as GitHub Actions shows them: annotations at the lines that compilers name."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.report.live.annotations import LIMIT, Annotation, located
from pipeline.testing.project import Project
from report.runs import FAILED, make

HERE = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": ""}
FOUND = re.compile(r"^::error .*$", re.MULTILINE)

SOURCES = {
    "deep/src/bad.rs": "pub fn f() -> u32 {\n    let unused = 1;\n    missing()\n}\n",
    "deep/bad.c": "int f(void) {\n    return missing;\n}\n",
    "deep/p/bad.go": "package p\n\nfunc f() int { return missing }\n",
    "deep/go.mod": "module example.com/p\n\ngo 1.21\n",
}

# What calls the compiler, the place of the name that does not exist, and what is said about it.
COMPILERS = {
    "rustc": (
        f"{shutil.which('rustc')} --crate-type lib --emit metadata -o out src/bad.rs",
        "file=deep/src/bad.rs,line=3,col=5",
        "cannot find function `missing` in this scope",
    ),
    "cc": ("cc -c -o out bad.c", "file=deep/bad.c,line=2,col=12", "missing"),
    "go": (
        f"{shutil.which('go')} vet ./...",
        "file=deep/p/bad.go,line=3,col=23",
        "undefined: missing",
    ),
}


def failing(root: Path, script: str, **env: str) -> Project:
    inputs = ", ".join(map(repr, SOURCES))
    task = f"""sh("bad", {script!r}, cwd="deep", inputs=[{inputs}])"""
    made = make(root, task, env={**HERE, **env})
    for name, text in SOURCES.items():
        made.write(name, text)
    return made


@pytest.mark.parametrize(("script", "place", "what"), COMPILERS.values(), ids=COMPILERS.keys())
def test_an_error_of_a_compiler_is_annotated_at_its_line(
    tmp_path: Path, script: str, place: str, what: str
) -> None:
    home = f"HOME={Path.home()} GOCACHE={tmp_path}/cache"
    run = failing(tmp_path, f"{home} {script}").doit()
    (line,) = FOUND.findall(run.out)
    assert line.startswith(f"::error {place},title=bad::"), run.out
    assert what in line


def test_paths_are_relative_to_the_checkout_of_which_the_project_is_a_part(tmp_path: Path) -> None:
    script = "echo 'src/bad.rs:1:2: wrong'; exit 1"
    run = failing(tmp_path / "part", script, GITHUB_WORKSPACE=str(tmp_path)).doit()
    assert FOUND.findall(run.out) == [
        "::error file=part/deep/src/bad.rs,line=1,col=2,title=bad::wrong"
    ]


def test_cargo_names_a_file_from_the_workspace_above(tmp_path: Path) -> None:
    run = failing(tmp_path, "echo 'deep/src/bad.rs:3: wrong'; exit 1").doit()
    assert FOUND.findall(run.out) == ["::error file=deep/src/bad.rs,line=3,title=bad::wrong"]


def test_a_failure_without_a_place_in_the_project_is_annotated_with_its_reason(
    tmp_path: Path,
) -> None:
    long = "x" * 3000
    script = f"echo '/etc/passwd:1:2: no'; echo 'gone.c:1:2: no'; echo '{long}:1: no'; exit 3"
    (line,) = FOUND.findall(failing(tmp_path, script).doit().out)
    assert line.startswith("::error title=bad::")
    assert "ended with code 3" in line


def test_what_a_command_writes_cannot_end_the_annotation(tmp_path: Path) -> None:
    made = failing(tmp_path, "echo 'a,b:c.rs:1: x'; echo 'a%,b.rs:2: 50%::error'; exit 1")
    made.write("deep/a%,b.rs", "")
    assert FOUND.findall(made.doit().out) == [
        "::error file=deep/a%25%2Cb.rs,line=2,title=bad::50%25::error"
    ]


def test_github_shows_ten_and_gets_ten_each_once(tmp_path: Path) -> None:
    made = failing(
        tmp_path, "for i in $(seq 25); do echo bad.c:$i: no; echo bad.c:$i: no; done; false"
    )
    found = FOUND.findall(made.doit().out)
    assert found == [f"::error file=deep/bad.c,line={n + 1},title=bad::no" for n in range(LIMIT)]


def test_there_are_none_elsewhere(tmp_path: Path) -> None:
    assert "::" not in make(tmp_path, FAILED, env={"GITHUB_ACTIONS": ""}).doit().out


OUTPUTS = {
    "warnings": ("warning: no\n --> a.rs:1:2\na.c:1:2: warning: x\na.c:1:2: note: x", []),
    "a panic in a test": (
        "thread 't' (12) panicked at src/lib.rs:7:9:\nassertion failed\nnote: run with",
        [Annotation("src/lib.rs", 7, 9, "assertion failed")],
    ),
    "WIT": (
        "error: failed\n\nCaused by:\n    0: name `x` is not defined\n       --> w/a.wit:3:10",
        [Annotation("w/a.wit", 3, 10, "name `x` is not defined")],
    ),
    "wac": (
        "  \u00d7 undefined name `y`\n   ╭─[app.wac:2:5]\n 2 │ let x",
        [Annotation("app.wac", 2, 5, "undefined name `y`")],
    ),
    "a Go test": ("    a_test.go:12: got 3", [Annotation("a_test.go", 12, 0, "got 3")]),
    "go vet": ("vet: ./a.go:3:2: undefined: y", [Annotation("./a.go", 3, 2, "undefined: y")]),
    "C": ("a.c:1:2: fatal error: no such file", [Annotation("a.c", 1, 2, "no such file")]),
}


@pytest.mark.parametrize(("text", "expected"), OUTPUTS.values(), ids=OUTPUTS.keys())
def test_each_way_to_name_a_place_is_understood(text: str, expected: list[Annotation]) -> None:
    assert list(located(text)) == expected

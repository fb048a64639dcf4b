"""Tests of Go and Rust leave their results in a file, and print what they print without it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.report.page import junit
from pipeline.report.page.junit import ResultFile
from workshop import REPOSITORY

GO = {
    "go.mod": "module example.com/m\n\ngo 1.22\n",
    "good/good_test.go": """package good

import ("fmt"; "testing")

func TestGood(t *testing.T) { fmt.Println("not shown") }
func TestLater(t *testing.T) { t.Skip("later") }
""",
    "bad/bad_test.go": """package bad

import "testing"

func TestParts(t *testing.T) {
	t.Run("one", func(t *testing.T) {})
	t.Run("two", func(t *testing.T) { t.Error("got <1>, want 2 \\x1b[31m") })
}
func TestGood(t *testing.T) { t.Log("not shown either") }
""",
    "broken/broken_test.go": "package broken\n\nfunc missing() { there() }\n",
    "ends/ends_test.go": """package ends

import ("os"; "testing")

func TestMain(m *testing.M) { println("no tests for you"); os.Exit(3) }
func TestGood(t *testing.T) {}
""",
    "none/none.go": "package none\n",
}
RUST = {
    "Cargo.toml": '[package]\nname = "sums"\nversion = "1.0.0"\nedition = "2021"\n[workspace]\n',
    "src/lib.rs": """//! Sums.

/// ```
/// assert_eq!(sums::add(1, 2), 3);
/// ```
#[must_use]
pub fn add(a: u32, b: u32) -> u32 { a + b }

#[cfg(test)]
mod tests {
    #[test]
    fn adds() { assert_eq!(super::add(1, 2), 3); }
    #[test]
    fn fails() { println!("before"); assert_eq!(super::add(1, 2), 4, "sums"); }
    #[test]
    #[should_panic]
    fn panics() { panic!("on purpose"); }
    #[test]
    #[should_panic]
    fn does_not_panic() {}
    #[test]
    #[ignore = "later"]
    fn waits() {}
}
""",
    "tests/whole.rs": '#[test]\nfn aborts() { eprintln!("bye"); std::process::abort(); }\n',
    "tests/noise.rs": """use std::io::Write as _;
#[test]
fn loud() {
    std::thread::sleep(std::time::Duration::from_millis(50));
    std::io::stdout().write_all(b"half a line ").unwrap();
}
""",
}


def write(root: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def run(cwd: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "RUST_TEST_THREADS": "1", "GOWORK": "off"}
    return subprocess.run(
        words, cwd=cwd, env=env, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def counts(found: ResultFile) -> tuple[int, int, int, str]:
    return found.tests, found.failed, found.skipped, found.problem


def untimed(text: str) -> set[str]:
    """Return the lines without times; what runs at the same time ends in any order."""
    times = r"\(?\d+\.\d+s\)?|\(cached\)"
    return {re.sub(times, "", line).strip() for line in text.splitlines()}


def test_tests_of_go_leave_results_and_print_what_go_prints(tmp_path: Path) -> None:
    write(tmp_path, GO)
    go = shutil.which("go") or "go"
    made = run(tmp_path, sys.executable, "-m", "pipeline.steps.go_test", "r.xml", go, "./...")
    plain = run(tmp_path, go, "test", "./...")
    assert (made.returncode, plain.returncode) == (1, 1)
    assert untimed(made.stdout) == untimed(plain.stdout)
    found = junit.read(tmp_path / "r.xml")
    assert counts(found) == (8, 4, 1, "")
    failures = {failed.name: failed.message for failed in found.failures}
    assert set(failures) == {
        "example.com/m/bad.TestParts",
        "example.com/m/bad.TestParts/two",
        "example.com/m/broken.(package)",
        "example.com/m/ends.(package)",
    }
    assert r"got <1>, want 2 \x1b[31m" in failures["example.com/m/bad.TestParts/two"]
    assert "undefined: there" in failures["example.com/m/broken.(package)"]
    assert "no tests for you" in failures["example.com/m/ends.(package)"]


def test_tests_of_rust_leave_results_and_print_what_cargo_prints(tmp_path: Path) -> None:
    write(tmp_path, RUST)
    cargo = [shutil.which("cargo") or "cargo", "test", "--no-fail-fast"]
    made = run(tmp_path, sys.executable, "-m", "pipeline.steps.cargo_test", "r.xml", *cargo)
    assert made.returncode == 101
    assert "\ntest tests::adds ... ok\n" in made.stdout
    found = junit.read(tmp_path / "r.xml")
    assert counts(found) == (8, 3, 1, "")
    failures = {failed.name: failed.message for failed in found.failures}
    early = "whole.(the program of tests ended early)"
    assert set(failures) == {"sums.tests::fails", "sums.tests::does_not_panic", early}
    assert failures["sums.tests::fails"].startswith("before\n")
    assert "assertion `left == right` failed: sums" in failures["sums.tests::fails"]
    assert "SIGABRT" in failures[early]
    assert "Doc-tests" not in failures[early]


@pytest.mark.parametrize(
    ("language", "broken"), [("go", "package x\n\nfunc {"), ("rust", "fn main( {")]
)
def test_what_does_not_compile_leaves_no_results_of_tests(
    tmp_path: Path, language: str, broken: str
) -> None:
    write(tmp_path, {"go.mod": GO["go.mod"], "Cargo.toml": RUST["Cargo.toml"]})
    write(tmp_path, {"x_test.go": broken, "src/lib.rs": broken})
    words = {"go": ["go_test", "r.xml", "go", "./..."],
             "rust": ["cargo_test", "r.xml", "cargo", "test"]}[language]  # fmt: skip
    made = run(tmp_path, sys.executable, "-m", f"pipeline.steps.{words[0]}", *words[1:])
    assert made.returncode in (1, 101)
    assert "x_test.go:3" in made.stdout or "src/lib.rs:1" in made.stdout
    if language == "rust":
        assert not (tmp_path / "r.xml").exists()
    else:
        assert [one.name for one in junit.read(tmp_path / "r.xml").failures] == [
            "example.com/m.(package)"
        ]

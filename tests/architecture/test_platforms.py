"""What differs on systems that the gate does not run on, simulated here as far as it can be."""

import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.testing.project import Project
from workshop import REPOSITORY

CI: dict[str, Any] = YAML(typ="safe").load((REPOSITORY / ".github/workflows/ci.yml").read_text())
PAGE = REPOSITORY / "docs/reference/platforms.md"

# The standard library of this system must be loaded before it is another one.
WINDOWS = """
import sys, os, signal, subprocess, tempfile, pathlib, ctypes, json, logging, importlib
for name in ("fcntl", "pwd", "grp", "termios", "pty", "tty", "resource"):
    sys.modules[name] = None
for name in ("fork", "geteuid", "getuid", "killpg", "setsid", "posix_spawn", "uname", "listxattr"):
    delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGPIPE", "SIGCHLD", "SIGQUIT"):
    delattr(signal, name)
os.environ["PROCESSOR_ARCHITECTURE"] = "AMD64"
sys.platform = "win32"
"""
# `sitecustomize`: each Python of the build is that of a system without what only Linux has.
MACOS = """
import os, subprocess, sys
for name in ("listxattr", "getxattr", "setxattr", "pidfd_open", "memfd_create", "eventfd",
             "copy_file_range", "splice", "sched_getaffinity", "posix_fadvise", "unshare"):
    if hasattr(os, name):
        delattr(os, name)
sys.platform = "darwin"
print("simulated", file=open(os.environ["SIMULATED"], "a"))
"""
SCPROXY = "def _get_proxies():\n    return {}\ndef _get_proxy_settings():\n    return {}\n"

DODO = """
from pipeline import In, Out, doit_config, step

DOIT_CONFIG = doit_config()


def task_copy():
    script = "cat in.txt > out.txt; mkdir d; ln -s ../out.txt d/link"
    yield step("copy", doc="d", argv=["sh", "-c", script], inputs=["in.txt"],
        outputs=[Out("out.txt"), Out("d")])
    yield step("fails", doc="d", argv=["sh", "-c", "echo wrong; exit 4"])
"""


def on_windows(code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY}/pipeline/scripts"}
    words = [sys.executable, "-c", WINDOWS + code]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["pipeline", "pipeline.updater.launcher", "pipeline.settings"])
def test_what_the_updater_needs_is_there_on_windows(module: str) -> None:
    done = on_windows(f"importlib.import_module({module!r})")
    assert (done.returncode, done.stderr) == (0, "")


def test_tools_of_windows_are_named_as_there() -> None:
    code = "from pipeline.toolchain.platform import *\nprint(current(), exe(current()))"
    assert on_windows(code).stdout.split() == ["windows_amd64", ".exe"]


def test_a_build_needs_nothing_that_only_linux_has(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/sitecustomize.py").write_text(MACOS)
    (tmp_path / "here/_scproxy.py").write_text(SCPROXY)
    seen = tmp_path / "seen"
    env = {
        "PYTHONPATH": f"{tmp_path}/here{os.pathsep}{REPOSITORY}",
        "DOIT_WASM_STORE": str(tmp_path / "store"),
        "SIMULATED": str(seen),
    }
    made = Project(tmp_path / "project", env)
    made.write("dodo.py", DODO)
    made.write("in.txt", "1\n")
    first = made.doit("copy")
    assert (first.code, first.executed) == (0, ["copy"]), first.text
    assert "1 fresh" in made.doit("copy").out
    made.write("in.txt", "2\n")
    assert made.doit("copy").executed == ["copy"]
    made.write("in.txt", "1\n")
    assert "=  copy" in made.doit("copy").out
    assert made.read("d/link") == "1\n"
    failed = made.doit("fails")
    assert failed.code == 1
    assert "sh ended with code 4" in failed.out
    assert made.doit("explain", "copy").code == 0
    assert seen.read_text().count("simulated") >= 6


def tracked() -> list[str]:
    words = ["git", "ls-files", "-z"]
    done = subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\0").split("\0")


def test_no_two_files_are_one_where_case_is_ignored() -> None:
    paths = tracked()
    folders = {str(above) for path in paths for above in Path(path).parents}
    names = [*paths, *folders]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(names)


def test_windows_can_check_out_each_file() -> None:
    refused = re.compile(
        r'(?i)(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(/|$)|[<>:"\\|?*\x00-\x1f]|[. ](/|$)'
    )
    assert [path for path in tracked() if refused.search(path)] == []


def test_a_checkout_with_the_line_ends_of_windows_has_the_same_bytes(tmp_path: Path) -> None:
    git = ["git", "-c", "core.autocrlf=true"]
    words = [*git, "clone", "-q", "--depth", "1", REPOSITORY.as_uri(), tmp_path / "clone"]
    subprocess.run(words, check=True)
    done = subprocess.run([*git, "ls-files", "--eol"], cwd=tmp_path / "clone", check=True,
                          capture_output=True, text=True)  # fmt: skip
    assert len(done.stdout.splitlines()) > 1000
    assert [line for line in done.stdout.splitlines() if "w/crlf" in line] == []


def test_the_page_names_the_machines_of_the_workflow() -> None:
    named = set(re.findall(r"`((?:ubuntu|macos|windows)-[\w.-]+)`", PAGE.read_text()))
    jobs = CI["jobs"].values()
    assert named == {one for job in jobs for one in job["strategy"]["matrix"]["runner"]}

"""A tool moves to its recorded version if the build and the tests pass, and back if they do not."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checksums.sample import archive, sha256, write
from pipeline.checksums.versions import is_newer
from pipeline.testing.github import FakeGitHub, Repository
from pipeline.toolchain.platform import PLATFORMS, current
from pipeline.toolchain.spec.tool_files import SHIPPED
from workshop import REPOSITORY

OLD, NEW = "1.9.0", "1.10.0"
DODO = """
from pipeline import Out, Tool, doit_config, step, toolchains

DOIT_CONFIG = doit_config()

def task_tools():
    yield from toolchains("toolchains")

def task_says():
    yield step("says", doc="Say", argv=[Tool("t"), Out("build/said")])
"""
# What the tools of these tests are: they write their version into the file that is named.
PROGRAM = '#!/bin/sh\necho {} > "$1"\n'
SECOND = '\n[[source]]\nkind = "pypi"\npackage = "no-such-{tool}=={version}"\nsha256 = "{pin}"\n'
Done = subprocess.CompletedProcess[str]


class Place:
    """A project with a tool whose releases the fake GitHub has, and records of them."""

    def __init__(self, root: Path, github: FakeGitHub) -> None:
        self.root = root
        self.github = github
        self.tools = root / "toolchains"
        self.lock = self.tools / "lock.json"
        self.repositories: dict[str, Repository] = {}
        self.tools.mkdir()
        (root / "dodo.py").write_text(DODO)
        self.add("t")

    def add(self, tool: str, second: str = SECOND) -> None:
        """Add a tool with the release of its TOML file and a newer one, which is recorded."""
        repository = self.repositories[tool] = self.github.add_repository(f"o/{tool}")
        rows = {}
        for version in (OLD, NEW):
            name, data = self.asset(tool, version)
            repository.add_release(f"v{version}", assets={name: data})
            asset = {"asset": name, "confirmed_by": ["digest", "registry:hermit"],
                     "sha256": sha256(data), "size": len(data)}  # fmt: skip
            rows[version] = {"platforms": {current(): asset}, "release_date": "2026-11-20",
                             "tag": f"v{version}"}  # fmt: skip
        write(self.root / "checksums", tool, {"github_repo": f"o/{tool}", "latest_version": NEW,
              "tool_name": tool, "versions": rows})  # fmt: skip
        name, data = self.asset(tool, OLD)
        missing = "".join(f'{one} = "none"\n' for one in PLATFORMS if one != current())
        pinned = f'[source.platforms.{current()}]\nasset = "{name}"\nsha256 = "{sha256(data)}"\n'
        more = second.format(tool=tool, version=OLD, pin="b" * 64) if second else ""
        more += f"platforms.{current()} = {{}}\n" if second else ""
        self.file(tool).write_text(
            f'# What it is for.\nversion = "{OLD}"\nexecutables = ["bin/{tool}"]\n'
            f"[missing]\n{missing}\n"
            f'[[source]]\nkind = "github"\nrepo = "o/{tool}"\nserver = "{self.github.web_url}"\n'
            f'tag = "v{OLD}"\nstrip = 1\n{pinned}{more}'
        )

    @staticmethod
    @functools.cache  # an archive holds the time at which it was made
    def asset(tool: str, version: str) -> tuple[str, bytes]:
        name = f"{tool}-{version}.tar.gz"
        return name, archive(name, {f"{tool}-{version}/bin/{tool}": PROGRAM.format(version)})

    def file(self, tool: str) -> Path:
        return self.tools / f"{tool}.toml"

    def record(self, tool: str, edit: Callable[[dict], None]) -> None:
        path = self.root / f"checksums/tools/{tool}.json"
        whole = json.loads(path.read_text())
        edit(whole)
        path.write_text(json.dumps(whole, indent=2, sort_keys=True))

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pipeline", "follow", *words]

    def environment(self, **env: str) -> dict[str, str]:
        index = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
        return {**os.environ, "PYTHONPATH": str(REPOSITORY), **index, **env}

    def follow(self, *words: str, **env: str) -> Done:
        return subprocess.run(
            self.words(*words), cwd=self.root, env=self.environment(**env), text=True,
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip

    def locked(self) -> Done:
        """Check that the lock is what the TOML files say."""
        words = [sys.executable, "-m", "pipeline", "lock", "--check"]
        return subprocess.run(words, cwd=self.root, env=self.environment(), text=True,
                              capture_output=True, check=False)  # fmt: skip

    def state(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.tools.iterdir())}

    @property
    def journal(self) -> Path:
        return self.root / "build/follow/journal.json"


@pytest.fixture
def place(tmp_path: Path, fake_github: FakeGitHub) -> Place:
    root = tmp_path / "project"
    root.mkdir()
    return Place(root, fake_github)


def test_a_tool_moves_and_the_build_uses_it(place: Place) -> None:
    done = place.follow("t")
    assert done.returncode == 0, done.stderr
    assert (place.root / "build/said").read_text() == f"{NEW}\n"  # the default is doit
    text = place.file("t").read_text()
    assert text.startswith(f'# What it is for.\nversion = "{NEW}"\n')
    assert f'tag = "v{NEW}"\nstrip = 1\n' in text
    name, data = place.asset("t", NEW)
    assert f'asset = "{name}"\nsha256 = "{sha256(data)}"\nconfirmed_by = ["hermit"]\n' in text
    (row, _) = json.loads(place.lock.read_text())["tools"]["t"][current()]
    assert (row["confirmed"], row["size"], row["version"]) == ("digest", len(data), NEW)
    assert place.locked().returncode == 0
    assert not place.journal.exists()
    assert "says" in (place.root / "build/follow/t.log").read_text()
    assert place.follow("t").stdout == f"t: has {NEW} already\n"


def test_a_source_that_lacks_the_version_keeps_its_own_and_is_named(place: Place) -> None:
    done = place.follow("t", "--run", "true")
    assert f"github (source 1): {OLD} -> {NEW}" in done.stdout
    assert f"pypi (source 2): keeps {OLD}: PyPI no-such-t=={NEW} cannot serve" in done.stdout
    assert f'[[source]]\nversion = "{OLD}"\nkind = "pypi"\npackage = "no-such-t=={OLD}"' in (
        place.file("t").read_text()
    )


def test_a_command_that_fails_puts_everything_back_and_keeps_its_log(place: Place) -> None:
    before = place.state()
    check = f"{sys.executable} -c \"print('checked'); raise SystemExit(7)\""
    done = place.follow("t", "--run", check)
    assert done.returncode == 1
    assert place.state() == before
    assert not place.journal.exists()
    assert "t: put back toolchains/t.toml and toolchains/lock.json" in done.stderr
    assert "ended with code 7" in done.stderr
    assert "log:     build/follow/t.log" in done.stderr
    assert "checked\n" in (place.root / "build/follow/t.log").read_text()


def test_a_build_that_fails_with_the_version_puts_everything_back(place: Place) -> None:
    name, _ = place.asset("t", NEW)
    data = archive(name, {f"t-{NEW}/bin/t": "#!/bin/sh\nexit 1\n"})
    (release,) = [one for one in place.repositories["t"].releases if NEW in one.tag_name]
    release.replace_asset(name, data)

    def edit(whole: dict) -> None:
        asset = whole["versions"][NEW]["platforms"][current()]
        asset |= {"sha256": sha256(data), "size": len(data)}

    place.record("t", edit)
    before = place.state()
    done = place.follow("t")
    assert done.returncode == 1
    assert place.state() == before
    assert "says" in done.stderr


def started(place: Place, marker: Path) -> "subprocess.Popen[str]":
    """Start a follow whose command waits, and return once the command runs."""
    wait = f"{sys.executable} -c \"open('{marker}', 'w').close(); import time; time.sleep(60)\""
    process = subprocess.Popen(
        place.words("t", "--run", wait), cwd=place.root, env=place.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not marker.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def test_after_a_kill_the_next_start_puts_everything_back(place: Place, tmp_path: Path) -> None:
    before = place.state()
    process = started(place, tmp_path / "runs")
    process.kill()
    process.communicate()
    assert place.state() != before
    # Even a start that then refuses its arguments.
    done = place.follow("nope")
    assert done.returncode == 2
    assert done.stderr.count("the last follow was cut off") == 2
    assert place.state() == before
    assert place.follow("t", "--run", "true").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_puts_everything_back_at_once(
    place: Place, tmp_path: Path, number: signal.Signals
) -> None:
    before = place.state()
    process = started(place, tmp_path / "runs")
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in err
    assert place.state() == before


def test_what_was_edited_after_a_kill_is_not_overwritten(place: Place, tmp_path: Path) -> None:
    process = started(place, tmp_path / "runs")
    process.kill()
    process.communicate()
    edited = place.file("t").read_text() + "# mine\n"
    place.file("t").write_text(edited)
    done = place.follow("t", "--run", "true")
    assert done.returncode == 1
    assert "toolchains/t.toml was edited in the meantime, so nothing is put back" in done.stderr
    assert "journal.json" in done.stderr
    assert place.file("t").read_text() == edited
    assert place.journal.exists()


def test_one_that_fails_leaves_the_others_done(place: Place) -> None:
    place.add("a")
    place.add("z")
    place.record("a", lambda whole: whole["versions"][NEW].update(tag="gone"))
    done = place.follow("--all", "--run", "true")
    assert done.returncode == 1
    assert [f'version = "{OLD}"' in place.file(one).read_text()[:60] for one in "atz"] == [
        *(True, False, False)
    ]
    assert "a: put back" in done.stderr
    assert place.locked().returncode == 0


def test_a_newer_toolchain_stays(place: Place) -> None:
    place.record("t", lambda whole: whole.update(latest_version=OLD))
    text = place.file("t").read_text().replace(OLD, "1.9.1")
    place.file("t").write_text(text)
    done = place.follow("t")
    assert (done.returncode, done.stdout) == (0, f"t: stays at 1.9.1, which is newer than {OLD}\n")
    assert place.file("t").read_text() == text


def test_a_version_that_only_other_machines_can_get_is_not_taken_for_tested(place: Place) -> None:
    place.add("t2", second=f'\n[[source]]\nkind = "path"\nversion = "{OLD}"\nprogram = "sh"\n'
                    'pattern = "([0-9.]+)"\nargs = ["-c", "echo 2"]\nat_least = "1"\n')  # fmt: skip
    place.record("t2", lambda whole: whole["versions"][NEW].update(tag="gone"))
    text = place.file("t2").read_text().replace('executables = ["bin/t2"]', "executables = []")
    place.file("t2").write_text(text)
    done = place.follow("t2", "--run", "true")
    assert done.returncode == 1
    assert f"t2: no source here can serve {NEW}: " in done.stderr
    assert f"serves {OLD}" in done.stderr
    assert place.file("t2").read_text() == text


def test_no_source_with_the_version_is_an_error_that_names_each(place: Place) -> None:
    def edit(whole: dict) -> None:
        files = whole["versions"][NEW]["platforms"]
        files["plan9_mips"] = files.pop(current())

    place.record("t", edit)
    before = place.state()
    done = place.follow("t", "--run", "true")
    assert done.returncode == 1
    assert f"no source of t has {NEW}" in done.stderr
    assert f"github (source 1): keeps {OLD}: no file for {current()} is recorded" in done.stderr
    assert f"pypi (source 2): keeps {OLD}: " in done.stderr
    assert place.state() == before


def test_a_record_that_contradicts_the_lock_is_tampering(place: Place) -> None:
    assert place.follow("t", "--run", "true").returncode == 0
    back = place.file("t").read_text().replace(f'version = "{NEW}"', f'version = "{OLD}"', 1)
    place.file("t").write_text(
        back.replace(f'"v{NEW}"', f'"v{OLD}"').replace(f"t-{NEW}", f"t-{OLD}")
    )

    def edit(whole: dict) -> None:
        whole["versions"][NEW]["platforms"][current()]["sha256"] = "c" * 64

    place.record("t", edit)
    before = place.state()
    done = place.follow("t", "--run", "true")
    assert done.returncode == 4
    assert "tampering" in done.stderr
    assert place.state() == before


WRONG = {
    "nothing": ([], "name tools, or give --all"),
    "both": (["t", "--all"], "name tools, or give --all"),
    "unknown": (["u"], "toolchains has no file of the tool `u`"),
    "not-recorded": (["n"], "checksums/tools has no file of the tool `n`"),
    "quote": (["t", "--run", "a 'b"], "is not a command: No closing quotation"),
}


@pytest.mark.parametrize(("words", "what"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_changes_nothing(place: Place, words: list[str], what: str) -> None:
    place.file("n").write_text('version = "1"\n[[source]]\nkind = "path"\nprogram = "x"\n')
    before = place.state()
    done = place.follow(*words)
    assert done.returncode == 2
    assert what in done.stderr
    assert place.state() == before


@pytest.mark.parametrize("words", [["follow", "wac"], ["lock"], ["lock", "wac@9.9.9"]])
def test_the_files_of_this_package_are_not_those_of_a_project_to_rewrite(
    place: Place, words: list[str]
) -> None:
    place.file("t").unlink()
    before = {path: path.read_bytes() for path in SHIPPED.rglob("*") if path.is_file()}
    words = [sys.executable, "-m", "pipeline", *words]
    done = subprocess.run(words, cwd=place.root, env=place.environment(), text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert "there is no directory toolchains, and the tools of" in done.stderr
    assert "copy the TOML file of each tool that you want to move" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_without_a_network_nothing_moves(place: Place) -> None:
    before = place.state()
    done = place.follow("t", DOIT_WASM_OFFLINE="1")
    assert done.returncode == 1
    assert "cannot follow: DOIT_WASM_OFFLINE is set" in done.stderr
    assert place.state() == before


RISING = [
    *("0.9.0", "0.10.0-rc.1", "0.10.0-rc.2", "0.10.0", "0.10.0+2", "0.10.1", "1.0rc1", "1.0"),
    *("1.0.1", "129", "20261120", "20261121"),
]


def test_versions_are_ordered_by_their_numbers() -> None:
    for place, version in enumerate(RISING):
        assert [is_newer(version, other) for other in RISING] == [
            place > other for other in range(len(RISING))
        ]

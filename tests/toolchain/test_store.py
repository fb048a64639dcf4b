"""The store tells what it holds and who uses it, frees what nobody names, and notices damage."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.commands.store import StoreCommand
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles

PROGRAM = "#!/bin/sh\necho t 1\n"
TREE = {"bin/t": PROGRAM, "lib/data": "data" * 1000, "lib/small": "s"}
HEAD = 'executables = ["bin/t"]'


@pytest.fixture
def installed(project, monkeypatch):
    monkeypatch.setenv("DOIT_WASM_STORE", str(project.store.root))
    project.serve("t", TREE, head=HEAD)
    project.installer().install("t")
    return project


def run(project, **options: object) -> int:
    values = {"as_json": False, "gc": False, "dry_run": False, "verify": False}
    directory = str(project.directory)
    return StoreCommand().execute({"tools": directory, **values, **options}, [])


def place(project) -> Path:
    (found,) = project.store.root.glob("tools/*")
    return found


def truncated(tree: Path) -> None:
    (tree / "lib/data").write_text("data")


def removed(tree: Path) -> None:
    (tree / "bin/t").unlink()


def emptied(tree: Path) -> None:
    shutil.rmtree(tree)
    tree.mkdir()


def gone(tree: Path) -> None:
    shutil.rmtree(tree)


def replaced(tree: Path) -> None:
    (tree / "bin/t").write_text(PROGRAM.replace("1", "2"))


def flipped(tree: Path) -> None:
    text = (tree / "lib/data").read_text()
    (tree / "lib/data").write_text("D" + text[1:])


DAMAGE: list[Callable[[Path], None]] = [truncated, removed, emptied, gone, replaced, flipped]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda one: one.__name__)
def test_damage_is_noticed_on_a_normal_run_and_healed(installed, damage) -> None:
    before = installed.installer().find("t").digest
    time.sleep(0.01)  # a file system may tell times only so finely
    damage(place(installed) / "tree")
    installer = installed.installer()
    assert installer.find("t") is None
    assert installer.install("t").digest == before
    assert "t: its entry in the store is damaged; it is fetched again" in installed.said
    assert len(installed.entries()) == 1


def test_other_times_alone_are_no_damage(installed) -> None:
    tree = place(installed) / "tree"
    for file in ("bin/t", "lib/data"):
        os.utime(tree / file, (1, 1))
    assert installed.installer().find("t")
    seen = json.loads((place(installed) / "seen.json").read_text())
    assert seen["bin/t"][1] == 1_000_000_000


@pytest.mark.parametrize("text", ["{", "[1]", "5"])
def test_a_spoilt_record_of_looks_is_made_anew(installed, text) -> None:
    (place(installed) / "seen.json").write_text(text)
    assert installed.installer().find("t")
    assert json.loads((place(installed) / "seen.json").read_text())


def test_an_entry_from_before_there_were_records_is_taken_until_it_is_verified(installed) -> None:
    (place(installed) / "seen.json").unlink()
    assert installed.installer().find("t")
    assert run(installed, verify=True) == 0
    assert (place(installed) / "seen.json").is_file()


def test_a_run_with_nothing_to_do_reads_no_file_of_the_tool(installed, monkeypatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("it was hashed")

    monkeypatch.setattr("pipeline.files.digest", read)
    assert installed.installer().find("t")


def test_verify_finds_what_looks_the_same_and_removes_it(installed, capsys) -> None:
    file = place(installed) / "tree" / "lib/data"
    was = file.stat()
    flipped(place(installed) / "tree")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    name = place(installed).name
    assert installed.installer().find("t"), "the cheap look cannot see this"
    assert run(installed, verify=True) == 1
    assert f"damaged, removed: {name}" in capsys.readouterr().out
    assert not installed.entries()
    assert installed.installer().install("t")
    assert run(installed, verify=True) == 0


def test_verify_removes_what_has_no_readable_manifest(installed, capsys) -> None:
    (place(installed) / "manifest.json").write_text("{")
    assert run(installed, verify=True, as_json=True) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["damaged"] == [one for one in report["verified"] if one.startswith("t-1-")]
    assert report["damaged"]
    assert not installed.entries()


def test_an_entry_of_another_format_is_left_to_its_version(installed, capsys) -> None:
    manifest = place(installed) / "manifest.json"
    raw = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({"format": raw["format"] + 1, "what": "nobody here knows"}))
    (installed.directory / "t.toml").unlink()
    for options in ({"verify": True}, {"gc": True}, {}):
        assert run(installed, **options) == 0
        assert manifest.exists()
    assert "another version of doit-wasm" in capsys.readouterr().out


def test_the_list_has_sizes_and_users(installed, capsys) -> None:
    assert run(installed, as_json=True) == 0
    report = json.loads(capsys.readouterr().out)
    (entry,) = report["entries"]
    assert entry["tool"] == "t"
    assert entry["users"] == [str(installed.directory)]
    assert entry["bytes"] > 4000
    assert run(installed) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(str(installed.directory))


def test_gc_frees_what_the_toml_files_no_longer_name(installed, capsys) -> None:
    old = place(installed).name
    installed.serve("t", {**TREE, "lib/more": "m"}, head=HEAD)
    installed.installer().install("t")
    assert run(installed, gc=True, dry_run=True) == 0
    assert old in capsys.readouterr().out
    assert len(installed.entries()) == 2
    assert run(installed, gc=True) == 0
    assert len(installed.entries()) == 1
    assert old not in installed.entries()
    assert installed.installer().find("t")
    assert not installed.leftovers()


def test_gc_leaves_what_another_project_names(installed, tmp_path) -> None:
    other = shutil.copytree(installed.directory, tmp_path / "other")
    assert Installer(ToolFiles((other,)), store=installed.store).find("t")
    installed.serve("t", {**TREE, "lib/more": "m"}, head=HEAD)
    installed.installer().install("t")
    run(installed, gc=True)
    assert len(installed.entries()) == 2
    shutil.rmtree(other)
    run(installed, gc=True)
    assert len(installed.entries()) == 1


def test_gc_leaves_what_a_project_was_seen_to_use_while_its_files_are_wrong(installed) -> None:
    (installed.directory / "t.toml").write_text("not toml")
    assert run(installed, gc=True) == 0
    assert len(installed.entries()) == 1


def test_gc_never_takes_the_tools_of_the_project_it_runs_in(installed) -> None:
    shutil.rmtree(installed.store.root / "projects")
    run(installed, gc=True)
    assert len(installed.entries()) == 1


def test_a_spoilt_registration_is_forgotten(installed, capsys) -> None:
    (file,) = (installed.store.root / "projects").glob("*.json")
    (installed.store.root / "projects" / "x.json").write_text("{")
    assert run(installed) == 0
    assert list((installed.store.root / "projects").glob("*.json")) == [file]


def test_an_empty_store_is_reported_as_such(project, monkeypatch, capsys) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", str(project.store.root))
    assert run(project) == 0
    assert capsys.readouterr().out.startswith("0.0 MB, 0 entries")
    assert run(project, verify=True) == 0


def test_gc_sweeps_what_killed_runs_have_left_and_nothing_that_is_at_work(
    installed, capsys
) -> None:
    tmp = installed.store.root / "tmp"
    for name in ("killed", "busy", ".freed.12345678", ".freed.87654321"):
        (tmp / name).mkdir(parents=True)
        (tmp / name / "file").write_text("x" * 500_000)
    os.utime(tmp / ".freed.12345678", (1, 1))
    with installed.store.locked("busy", lambda: None):
        # A process may take a lock that it holds once more: another one asks.
        words = "from pipeline.commands.store import StoreCommand as C; C().execute({}, [])"
        options = {"tools": str(installed.directory), "as_json": False, "gc": True}
        options |= {"dry_run": True, "verify": False}
        output = subprocess.check_output(
            [sys.executable, "-c", words.replace("{}", repr(options))], text=True
        )
        assert "would free 1.0 MB that killed runs have left" in output
        assert len(list(tmp.iterdir())) == 4
        options["dry_run"] = False
        subprocess.check_call([sys.executable, "-c", words.replace("{}", repr(options))])
        assert sorted(one.name for one in tmp.iterdir()) == [".freed.87654321", "busy"]
    assert run(installed, gc=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["temporary_bytes"] == 500_000
    assert [one.name for one in tmp.iterdir()] == [".freed.87654321"]


def test_verify_hashes_the_kept_downloads_too(installed, capsys) -> None:
    (kept,) = (installed.store.root / "downloads" / "sha256").iterdir()
    assert run(installed, verify=True) == 0
    assert "2 whole, 0 damaged" in capsys.readouterr().out
    kept.write_bytes(b"flipped")
    assert run(installed, verify=True) == 1
    assert f"damaged, removed: downloads/sha256/{kept.name}" in capsys.readouterr().out
    assert not kept.exists()
    assert run(installed, verify=True) == 0


WRONG = [{"verify": True, "gc": True}, {"dry_run": True}, {"dry_run": True, "verify": True}]


@pytest.mark.parametrize("options", WRONG, ids=["both", "dry-run-alone", "dry-run-of-verify"])
def test_options_that_do_not_go_together_are_refused(installed, capsys, options) -> None:
    assert run(installed, **options) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_finding_an_intact_entry_reads_its_records_and_none_of_its_files(installed) -> None:
    (entry,) = installed.store.root.glob("tools/*")
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(str(entry)):
            opened.append(Path(str(arguments[0])).relative_to(entry).as_posix())

    sys.addaudithook(watch)
    try:
        assert installed.store.find(entry.name)
        assert sorted(opened) == ["manifest.json", "seen.json"]
        os.utime(entry / "tree/bin/t", (1, 1))  # looks changed: every file of the tree is hashed
        assert installed.store.find(entry.name)
        assert {f"tree/{name}" for name in TREE} <= set(opened)
    finally:
        watching = False

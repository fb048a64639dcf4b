"""The doctor says what is there, what is not, what tools say of themselves, and what to do."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.commands.doctor import Doctor
from pipeline.toolchain.platform import current

HEAD = 'executables = ["bin/t"]'


def program(says: str, code: int = 0) -> dict[str, str]:
    return {"bin/t": f"#!/bin/sh\necho '{says}'\nexit {code}\n"}


def examine(project, capsys) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = Doctor().execute({"tools": str(project.directory), "as_json": True}, [])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def clinic(project, monkeypatch):
    monkeypatch.setenv("DOIT_WASM_STORE", str(project.store.root))
    return project


def test_what_is_installed_is_shown_with_what_it_says(clinic, capsys) -> None:
    clinic.serve("t", program("t 1 (today)"), head=HEAD)
    tool = clinic.installer().install("t")
    code, report = examine(clinic, capsys)
    assert code == 0
    (row,) = report["tools"]
    assert row["says"] == "t 1 (today)"
    assert row["version"] == "1"
    assert row["source"] == f"{clinic.server.url}/t.tar.gz"
    assert row["root"] == str(tool.root)
    assert row["bytes"] > 0
    assert report["store"]["bytes"] > row["bytes"]
    assert report["store"]["free_bytes"] > 0


def test_what_was_taken_in_place_of_a_pin_is_shown(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=HEAD)
    manifest = clinic.installer().install("t").root.parent / "manifest.json"
    note = "Debian t 1.1 in place of 1, which is superseded"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"notes": [note]}))
    assert examine(clinic, capsys)[1]["tools"][0]["notes"] == [note]
    Doctor().execute({"tools": str(clinic.directory), "as_json": False}, [])
    assert f"   {note}\n" in capsys.readouterr().out


def test_a_missing_tool_has_a_remedy(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=HEAD)
    code, report = examine(clinic, capsys)
    assert code == 1
    assert report["tools"][0]["remedy"] == "run `doit toolchain:t`"
    assert clinic.server.paths == ["/t.tar.gz"], "only whether it answers is asked"
    assert not clinic.entries()


WRONG = {
    "another-version": (program("t 2"), "it should be 1, but prints 't 2'"),
    "a-longer-version": (program("t 1.1"), "it should be 1"),
    "does-not-run": (program("oh", 3), "it does not run: t ended with code 3"),
    "says-nothing": (program(""), "prints '(nothing)'"),
}


@pytest.mark.parametrize(("members", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_tool_that_is_not_what_it_should_be_is_reported(clinic, capsys, members, problem) -> None:
    clinic.serve("t", members, head=HEAD)
    clinic.installer().install("t")
    code, report = examine(clinic, capsys)
    assert code == 1
    assert problem in report["tools"][0]["problem"]
    assert "doit-wasm store --verify" in report["tools"][0]["remedy"]


def test_a_tool_is_asked_with_the_words_of_its_file(clinic, capsys) -> None:
    script = '#!/bin/sh\ntest "$1" = tell && echo "t 1" || exit 1\n'
    clinic.serve("t", {"bin/t": script}, head=f'{HEAD}\ntells_version = ["tell"]')
    clinic.installer().install("t")
    assert examine(clinic, capsys)[0] == 0


def test_a_tool_that_cannot_tell_its_version_is_not_asked(clinic, capsys) -> None:
    clinic.serve("t", program("oh", 3), head=f"{HEAD}\ntells_version = []")
    clinic.installer().install("t")
    assert examine(clinic, capsys)[0] == 0


def test_a_damaged_tool_is_missing(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=HEAD)
    shutil.rmtree(clinic.installer().install("t").root)
    code, report = examine(clinic, capsys)
    assert code == 1
    assert "damaged" in report["tools"][0]["problem"]


def test_a_spoilt_manifest_is_a_problem_and_no_traceback(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=HEAD)
    place = clinic.installer().install("t").root.parent
    (place / "manifest.json").write_text("{")
    code, report = examine(clinic, capsys)
    assert code == 1
    assert report["tools"][0]["remedy"] == f"remove {place}"


def test_a_helper_and_a_tool_for_others_may_be_absent(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=f"{HEAD}\nhelper = true")
    other = next(name for name in ("linux_arm64", "linux_amd64") if name != current())
    clinic.write(
        "u",
        f'version = "1"\nmissing.{current()} = "none"\n[[source]]\nkind = "url"\n'
        f'url = "{clinic.server.url}/u"\nplatforms.{other}.sha256 = "{"a" * 64}"\n',
    )
    code, report = examine(clinic, capsys)
    assert code == 0
    assert report["tools"][0]["says"] == "only serves to fetch other tools"
    assert report["tools"][1]["says"] == "not for this platform: none"


def test_an_optional_tool_may_be_absent_and_says_who_needs_it(clinic, capsys) -> None:
    clinic.serve("t", program("t 1"), head=f'{HEAD}\noptional = "`doit lint`"')
    code, report = examine(clinic, capsys)
    assert code == 0
    remedy = "only for `doit lint`: run `doit toolchain:t`"
    assert report["tools"][0]["says"].startswith(remedy)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a host that accepts connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


def source(project, name: str, url: str) -> None:
    project.write(
        name, f'version = "1"\n[[source]]\nkind = "url"\nurl = "{url}"\nsha256 = "{"a" * 64}"\n'
    )


def test_sources_that_do_not_answer_cost_three_seconds_together(clinic, capsys, silent) -> None:
    source(clinic, "a", f"http://127.0.0.1:{silent}/a")
    source(clinic, "b", f"http://localhost:{silent}/b")
    source(clinic, "c", "http://no-such-host.invalid/c")
    clinic.write(
        "d", f'version = "1"\n[[source]]\nkind = "npm"\npackage = "d@1"\nsha256 = "{"a" * 64}"\n'
    )
    started = time.monotonic()
    _, report = examine(clinic, capsys)
    assert time.monotonic() - started < 5
    rows = {row["source"]: row for row in report["sources"]}
    assert len(rows) == 4
    for name in ("url (127.0.0.1)", "url (localhost)", "url (no-such-host.invalid)"):
        assert rows[name]["reached"] is False
        assert rows[name]["problem"]
        assert rows[name]["remedy"]


def test_a_source_whose_client_is_not_there_says_what_to_install(
    clinic, capsys, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    clinic.write(
        "t", f'version = "1"\n[[source]]\nkind = "npm"\npackage = "d@1"\nsha256 = "{"a" * 64}"\n'
    )
    _, report = examine(clinic, capsys)
    assert report["sources"][0]["problem"] == "npm is not on PATH"
    assert "install npm" in report["sources"][0]["remedy"]


def test_people_see_the_same(clinic, capsys) -> None:
    clinic.serve("t", program("t 2"), head=HEAD)
    clinic.installer().install("t")
    assert Doctor().execute({"tools": str(clinic.directory), "as_json": False}, []) == 1
    out = capsys.readouterr().out
    assert "wrong    t" in out
    assert "it should be 1, but prints 't 2'" in out
    assert "help: run `doit-wasm store --verify`" in out
    assert "ok       url (127.0.0.1)" in out
    assert str(clinic.store.root) in out


def test_sources_are_asked_where_installs_would_ask_them(clinic, capsys, monkeypatch) -> None:
    source(clinic, "t", "https://releases.test/t.tar.gz")
    clinic.server.put("mirror/t.tar.gz", b"t")
    mirror = f"https://releases.test/->{clinic.server.url}/mirror/"
    monkeypatch.setenv("DOIT_WASM_MIRRORS", mirror)
    _, report = examine(clinic, capsys)
    (row,) = report["sources"]
    assert (row["source"], row["reached"]) == ("url (releases.test)", True)
    assert clinic.server.paths == ["/mirror/t.tar.gz"]


def test_offline_no_source_is_asked(clinic, capsys, monkeypatch) -> None:
    url, _ = clinic.server.put("t.tar.gz", b"t")
    source(clinic, "t", url)
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    _, report = examine(clinic, capsys)
    assert report["sources"][0]["problem"].endswith("DOIT_WASM_OFFLINE is set")
    assert not clinic.server.paths

"""A tool comes from its first source that can serve, and is in the store whole or not at all."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from pipeline import files
from pipeline.errors import (
    ArchiveRefusedError,
    DeclarationError,
    NoSourceError,
    StoreError,
    VerificationError,
)
from pipeline.toolchain.store.store import Store
from toolchain.conftest import files_no_longer_than

PROGRAM = "#!/bin/sh\necho hello\n"
ONE = {"t-1/bin/t": PROGRAM, "t-1/lib/data": "data"}
HEAD = 'executables = ["bin/t"]'


def test_a_tool_is_fetched_unpacked_and_can_run(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    assert project.installer().find("t") is None
    tool = project.installer().install("t")
    assert subprocess.check_output([tool.executables["t"]], text=True) == "hello\n"
    assert tool.path == (tool.root / "bin",)
    assert (tool.name, tool.version) == ("t", "1")
    assert tool.digest == files.digest(tool.root)
    assert project.said[-1].startswith(f"t 1: from {project.server.url}/t.tar.gz, in ")
    assert not project.leftovers()


def test_a_second_time_nothing_is_asked_of_the_network(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    first = project.installer().install("t")
    project.server.close()
    assert project.installer().find("t") == first
    assert project.installer().install("t") == first


def test_the_manifest_says_where_the_tool_is_from(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    tool = project.installer().install("t")
    manifest = json.loads((tool.root.parent / "manifest.json").read_text())
    assert manifest["digest"] == tool.digest
    assert manifest["source"] == f"{project.server.url}/t.tar.gz"
    assert manifest["executables"] == ["bin/t"]
    assert str(project.store.root) not in json.dumps(manifest)


def test_a_store_that_moves_still_holds_its_tools(project, tmp_path) -> None:
    project.serve("t", ONE, head=f'{HEAD}\nenv = {{ T = "{{root}}/lib" }}', source="strip = 1")
    project.installer().install("t")
    project.store.root.rename(tmp_path / "moved")
    tool = project.installer(store=Store(tmp_path / "moved")).find("t")
    assert tool.env == {"T": f"{tmp_path}/moved/tools/{project_entry(tmp_path)}/tree/lib"}
    assert tool.executables["t"].is_file()


def project_entry(root: Path) -> str:
    (entry,) = (root / "moved" / "tools").iterdir()
    return entry.name


def test_any_change_of_a_pin_makes_another_entry(project) -> None:
    edits = [
        ("strip = 1", "strip = 1\ndirectories = ['x']"),
        ('executables = ["bin/t"]', 'executables = ["bin/t", "lib/data"]'),
        ('version = "1"', 'version = "2"'),
    ]
    file = project.serve("t", ONE, head=HEAD, source="strip = 1")
    project.installer().install("t")
    for count, (old, new) in enumerate(edits, start=2):
        file.write_text(file.read_text().replace(old, new))
        assert project.installer().find("t") is None
        project.installer().install("t")
        assert len(project.entries()) == count


def test_what_the_tool_needs_is_on_its_path_and_in_its_env_and_digest(project) -> None:
    project.serve("low", {"bin/low": "1"}, head='executables = ["bin/low"]\nenv.LOW = "{root}"')
    project.serve("t", {"bin/t": "1"}, head=f'{HEAD}\nneeds = ["low"]\nenv.T = "{{root}}:{{low}}"')
    tool = project.installer().install("t")
    low = project.installer().find("low")
    assert tool.path == (tool.root / "bin", low.root / "bin")
    assert tool.env == {"LOW": str(low.root), "T": f"{tool.root}:{low.root}"}
    before = tool.digest
    project.serve("low", {"bin/low": "2"}, head='executables = ["bin/low"]\nenv.LOW = "{root}"')
    assert project.installer().find("t") is None
    assert project.installer().install("t").digest != before


def test_a_source_that_cannot_serve_is_said_in_one_line_and_the_next_is_taken(project) -> None:
    file = project.serve("t", ONE, head=HEAD, source="strip = 1")
    good = file.read_text()
    head, _, source = good.partition("[[source]]")
    gone = source.replace("t.tar.gz", "gone.tar.gz")
    file.write_text(f"{head}[[source]]{gone}[[source]]{source}version = '1.1'\n")
    tool = project.installer().install("t")
    assert tool.version == "1.1"
    url = f"{project.server.url}/gone.tar.gz"
    assert project.said[0] == f"t: not from {url}: cannot download {url}: status 404 Not Found"
    assert len(project.said) == 2


def test_other_bytes_than_pinned_end_it_although_another_source_follows(project) -> None:
    file = project.serve("t", ONE, head=HEAD, source="strip = 1")
    project.server.files["/t.tar.gz"].body += b"!"
    file.write_text(file.read_text() + "[[source]]" + file.read_text().partition("[[source]]")[2])
    with pytest.raises(VerificationError) as caught:
        project.installer().install("t")
    assert project.server.paths == ["/t.tar.gz"]
    assert f"{project.server.url}/t.tar.gz" in str(caught.value)
    assert not project.entries()
    assert not project.leftovers()


def test_with_no_network_and_an_empty_store_each_source_is_reported_with_its_reason(
    project,
) -> None:
    file = project.serve("t", ONE, head=HEAD, source="strip = 1")
    text = file.read_text()
    file.write_text(text + "[[source]]" + text.partition("[[source]]")[2].replace(".gz", ".xz"))
    project.server.close()
    with pytest.raises(NoSourceError) as caught:
        project.installer().install("t")
    message = str(caught.value)
    assert message.startswith("cannot install t 1: none of its sources can serve")
    assert f"{project.server.url}/t.tar.gz: 127.0.0.1 cannot be reached" in message
    assert f"{project.server.url}/t.tar.xz: 127.0.0.1 cannot be reached" in message
    assert str(project.store.root) in message
    assert "help:" in message


def test_a_tool_with_no_source_for_this_platform_says_so(project) -> None:
    other = "darwin_arm64" if sys.platform == "linux" else "linux_arm64"
    file = project.write(
        "t",
        f'version = "1"\n[[source]]\nkind = "url"\nurl = "http://a.test/t.zip"\n'
        f'platforms.{other}.sha256 = "{"a" * 64}"\n',
    )
    with pytest.raises(NoSourceError, match="it has no source for") as caught:
        project.installer().install("t")
    assert str(file) in caught.value.fix


def test_a_hostile_archive_leaves_nothing_in_the_store(project) -> None:
    project.serve("t", {"../../evil": "x"})
    with pytest.raises(ArchiveRefusedError, match=r"\.\./\.\./evil"):
        project.installer().install("t")
    assert not project.entries()
    assert not project.leftovers()
    assert not list(project.store.root.rglob("evil"))


def test_a_link_of_the_archive_takes_no_file_out_of_the_tree(project) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        info = tarfile.TarInfo("deep/er/here/out")
        info.type, info.linkname = tarfile.SYMTYPE, "../../../t"  # inside, until it is copied
        archive.addfile(info)
        archive.addfile(tarfile.TarInfo("t"), io.BytesIO(b""))
    url, sha256 = project.server.put("t.tar.gz", data.getvalue())
    tree = 'tree = { "a" = "deep/er/here", "a/out/x" = "t" }'
    project.write(
        "t",
        f'version = "1"\n[[source]]\nkind = "url"\nurl = "{url}"\nsha256 = "{sha256}"\n{tree}\n',
    )
    with pytest.raises(DeclarationError, match="behind a link that leads outside"):
        project.installer().install("t")
    assert not project.entries()


WRONG = {
    "tree": ('tree = { "bin/t" = "nowhere" }', "nothing is at `nowhere`"),
    "executables": ('tree = { "x" = "t-1/bin/t" }', "`executables` names bin/t"),
    "part": ('tree = { "bin/t" = "{other}/t" }', "no such name: 'other'"),
    "edit": ('strip = 1\nedits = [{ file = "lib/data", old = "z", new = "" }]', "occurs 0 times"),
    "part-by-index": ('tree = { "bin/t" = "{t[0]}/t" }', "no such name: 't[0]'"),
    "a-file-as-a-directory": (
        'tree = { "bin/t" = "t-1/bin/t", "bin/t/x" = "t-1/lib/data" }',
        "a file is where `t` should be a directory",
    ),
    "a-file-over-a-directory": (
        'tree = { "bin" = "t-1/bin", "x/y" = "t-1/bin/t", "x" = "t-1/lib/data" }',
        "puts a file and a directory at `x`",
    ),
    "edit-without-file": ('strip = 1\nedits = [{ file = "q", old = "z", new = "" }]', "edit q"),
}


@pytest.mark.parametrize(("source", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_toml_that_does_not_fit_the_archive_is_reported_and_nothing_is_placed(
    project, source, said
) -> None:
    project.serve("t", ONE, head=HEAD, source=source)
    with pytest.raises(DeclarationError) as caught:
        project.installer().install("t")
    assert said in str(caught.value)
    assert not project.entries()
    assert not project.leftovers()


def test_parts_are_put_together_by_the_tree_table(project) -> None:
    sources = []
    for name, members in {"a": ONE, "b": {"inc/x.h": "1", "inc/y/z.h": "2"}}.items():
        url, sha256 = project.server.put(f"{name}.tar.gz", files_of(members))
        sources.append(f'parts.{name} = {{ kind = "url", url = "{url}", sha256 = "{sha256}" }}')
    project.write(
        "t",
        f'version = "1"\n{HEAD}\n[[source]]\n'
        + "\n".join(sources)
        + '\ndirectories = ["empty"]\nrun = ["lib/*"]\n'
        'tree = { "bin/t" = "{a}/t-1/bin/t", "lib" = "{a}/t-1/lib", "lib/inc" = "{b}/inc" }\n'
        'edits = [{ file = "lib/data", old = "data", new = "other" }]\n',
    )
    tool = project.installer().install("t")
    found = sorted(path.relative_to(tool.root).as_posix() for path in tool.root.rglob("*"))
    assert found == ["bin", "bin/t", "empty", "lib", "lib/data", "lib/inc"] + [
        f"lib/inc/{name}" for name in ("x.h", "y", "y/z.h")
    ]
    assert (tool.root / "lib" / "data").read_text() == "other"
    assert os.access(tool.root / "lib" / "data", os.X_OK)


def files_of(members: dict[str, str]) -> bytes:
    import io
    import tarfile

    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return whole.getvalue()


def test_a_program_by_itself_is_put_where_the_toml_says(project) -> None:
    url, sha256 = project.server.put("t-linux", PROGRAM.encode())
    project.write(
        "t",
        f'version = "1"\n{HEAD}\n[[source]]\nkind = "url"\nurl = "{url}"\n'
        f'sha256 = "{sha256}"\nfile = "bin/t"\n',
    )
    tool = project.installer().install("t")
    assert subprocess.check_output([tool.executables["t"]], text=True) == "hello\n"


def test_two_threads_that_want_a_tool_install_it_once(project) -> None:
    project.serve("low", {"bin/low": "1"}, head='executables = ["bin/low"]')
    project.serve("t", ONE, head=f'{HEAD}\nneeds = ["low"]', source="strip = 1")
    installer = project.installer()
    got = []
    threads = [
        threading.Thread(target=lambda name=name: got.append(installer.install(name)))
        for name in ["t", "low", "t", "low"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(project.server.paths) == ["/low.tar.gz", "/t.tar.gz"]
    assert len({tool.root for tool in got}) == 2
    assert len(got) == 4


def test_who_waits_for_another_build_says_so(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    installer = project.installer()
    with project.store.locked("t", lambda: None):
        thread = threading.Thread(target=installer.install, args=("t",))
        thread.start()
        deadline = time.monotonic() + 5
        while not project.said and time.monotonic() < deadline:
            time.sleep(0.01)
        assert project.said == ["t: waiting: another task or build is installing it"]
        assert not project.server.asked
    thread.join()
    assert installer.find("t")


def test_what_a_killed_build_left_is_swept_and_was_never_an_entry(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from pipeline import files\n"
        "from pipeline.toolchain.install.installer import Installer\n"
        "from pipeline.toolchain.spec.tool_files import ToolFiles\n"
        "from pipeline.toolchain.store.store import Store\n"
        "files.sync = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Installer(ToolFiles((Path(sys.argv[1]),)), store=Store(Path(sys.argv[2]))).install('t')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, project.directory, project.store.root], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not project.entries()
    assert project.leftovers()
    assert project.installer().find("t") is None
    project.installer().install("t")
    assert not project.leftovers()
    assert len(project.entries()) == 1


def test_a_store_below_a_file_is_reported_with_the_variable_that_moves_it(
    project, tmp_path
) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "store")
    assert project.installer(store=store).find("t") is None
    with pytest.raises(
        StoreError, match="cannot install t in the store: Not a directory"
    ) as caught:
        project.installer(store=store).install("t")
    assert "DOIT_WASM_STORE" in caught.value.fix
    assert str(store.root) in str(caught.value)


def test_a_store_where_nobody_may_write_is_reported(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    nowhere = Store(Path("/proc/store"))  # not even for root, who ignores permission bits
    with pytest.raises(StoreError, match="cannot install t in the store"):
        project.installer(store=nowhere).install("t")


def test_a_disk_that_takes_no_more_leaves_nothing_half_placed(project) -> None:
    project.serve("t", {"bin/t": "x" * 100_000}, head=HEAD)
    with files_no_longer_than(50_000), pytest.raises(StoreError) as caught:
        project.installer().install("t")
    assert "DOIT_WASM_STORE" in str(caught.value)
    assert not project.entries()
    assert not project.leftovers()
    assert project.installer().install("t").executables["t"].stat().st_size == 100_000


def test_a_spoilt_manifest_is_reported_with_the_directory_to_remove(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    place = project.installer().install("t").root.parent
    (place / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="cannot read the entry of t") as caught:
        project.installer().find("t")
    assert caught.value.fix == f"remove {place}"
    shutil.rmtree(place)
    assert project.installer().install("t")


def test_the_variable_moves_the_store(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path / "here"))
    assert Store.default().root == tmp_path / "here"
    monkeypatch.delenv("DOIT_WASM_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert Store.default().root == tmp_path / "cache" / "doit-wasm"


def test_names_come_from_file_names_alone(project) -> None:
    project.write("b", "not toml")
    project.write("a", "")
    assert project.installer().names() == ["a", "b"]


def test_a_find_in_the_store_loads_neither_requests_nor_jsonschema(project) -> None:
    project.serve("t", ONE, head=HEAD, source="strip = 1")
    project.installer().install("t")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from pipeline.toolchain.install.installer import Installer\n"
        "from pipeline.toolchain.spec.tool_files import ToolFiles\n"
        "from pipeline.toolchain.store.store import Store\n"
        "files = ToolFiles((Path(sys.argv[1]),))\n"
        "assert Installer(files, store=Store(Path(sys.argv[2]))).find('t')\n"
        "print(sorted({'requests', 'jsonschema'} & set(sys.modules)))\n"
    )
    output = subprocess.check_output(
        [sys.executable, "-c", script, project.directory, project.store.root], text=True
    )
    assert output == "[]\n"

"""`doit-wasm vendor` fills a directory; what is in it serves, and is hashed like anything else."""

from __future__ import annotations

import re

import pytest

from pipeline import files
from pipeline.commands.vendor import Vendor as Command
from pipeline.errors import DeclarationError, StoreError, VerificationError
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.platform import current
from pipeline.toolchain.store.store import Store
from toolchain.vendoring import HEAD, ROOT, other_platform, run, vendored

PATH = 'kind = "path"\nprogram = "echo"\npattern = "(.*)"\nargs = ["1.0"]\nexact = "1.0"\n'


def test_a_vendored_tool_is_installed_with_no_connection(project, tmp_path, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    vendor = vendored(project, tmp_path, monkeypatch)
    project.server.close()
    tool = project.installer(store=Store(tmp_path / "other")).install("t")
    assert tool.executables["t"].read_text() == "x"
    assert len(list((vendor.root / "sha256").iterdir())) == 1


def test_a_vendored_file_comes_before_the_network(project, tmp_path, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    vendored(project, tmp_path, monkeypatch)
    monkeypatch.delenv("DOIT_WASM_OFFLINE")
    project.server.asked.clear()
    project.installer(store=Store(tmp_path / "other")).install("t")
    assert not project.server.asked


def test_a_vendored_file_that_was_changed_is_refused(project, tmp_path, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    vendor = vendored(project, tmp_path, monkeypatch)
    (file,) = (vendor.root / "sha256").iterdir()
    file.write_bytes(b"evil")
    with pytest.raises(VerificationError, match="a vendored file is not the one") as caught:
        project.installer(store=Store(tmp_path / "other")).install("t")
    assert str(file) in str(caught.value)


def test_a_program_by_itself_leaves_the_vendored_file_as_it_is(
    project, tmp_path, monkeypatch
) -> None:
    url, sha256 = project.server.put("t-linux", b"#!/bin/sh\n")
    project.write(
        "t",
        f'version = "1"\n{HEAD}\n[[source]]\nkind = "url"\nurl = "{url}"\n'
        f'sha256 = "{sha256}"\nfile = "bin/t"\n',
    )
    vendor = vendored(project, tmp_path, monkeypatch)
    project.installer(store=Store(tmp_path / "other")).install("t")
    assert vendor.find(sha256)
    assert not vendor.find(sha256).stat().st_mode & 0o100


def test_a_vendor_variable_that_names_no_directory_is_reported(
    project, tmp_path, monkeypatch
) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path / "nowhere"))
    with pytest.raises(DeclarationError, match=r"DOIT_WASM_VENDOR names .*nowhere"):
        project.installer().install("t")


def test_vendoring_what_is_not_the_pin_leaves_nothing(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    project.server.files["/t.tar.gz"].body += b"!"
    with pytest.raises(VerificationError):
        project.installer().vendor("t", VendorDirectory(tmp_path / "vendor"), current())
    assert not list(tmp_path.glob("vendor/sha256/*"))


def test_vendoring_into_a_place_that_cannot_be_written_is_reported(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write into"):
        project.installer().vendor("t", VendorDirectory(tmp_path / "file"), current())


# --- the command ---------------------------------------------------------------------------------


def test_the_command_takes_what_tools_need_along(project, tmp_path, capsys) -> None:
    project.serve("low", {"bin/low": "1"}, head='executables = ["bin/low"]')
    project.serve("t", {"bin/t": "1"}, head=f'{HEAD}\nneeds = ["low"]')
    project.serve("u", {"bin/u": "1"})
    assert run(project, tmp_path, "t") == 0
    assert sorted(project.server.paths) == ["/low.tar.gz", "/t.tar.gz"]
    assert f"t 1 for {current()}: from " in capsys.readouterr().err


def test_the_command_fetches_for_other_platforms_and_says_what_it_left_out(
    project, tmp_path, capsys
) -> None:
    there = other_platform()
    url, sha256 = project.server.put("t-there.tar.gz", b"for another machine")
    source = f'[[source]]\nkind = "url"\n[source.platforms.{there}]\n'
    project.write("t", f'version = "1"\n{source}url = "{url}"\nsha256 = "{sha256}"\n')
    project.write("here", f'version = "1"\n[[source]]\n{PATH}')
    assert run(project, tmp_path, platforms=(there,)) == 1
    assert (tmp_path / "vendor" / "sha256" / sha256).read_bytes() == b"for another machine"
    errors = capsys.readouterr().err
    assert f"{there}: left out: cannot vendor here 1" in errors
    assert "PATH's echo 1.0 is not vendored: it belongs to this machine" in errors


def test_a_platform_that_a_tool_is_not_for_is_reported_and_no_failure(
    project, tmp_path, capsys
) -> None:
    there = other_platform()
    source = f'[[source]]\nkind = "url"\n[source.platforms.{current()}]\n'
    missing = f'[missing]\n{there} = "upstream publishes none"\n'
    project.write(
        "t", f'version = "1"\n{missing}{source}url = "http://a.test/t.zip"\nsha256 = "{"a" * 64}"\n'
    )
    assert run(project, tmp_path, platforms=(there,)) == 0
    assert f"t: none for {there}: upstream publishes none" in capsys.readouterr().err


def test_the_command_ends_with_4_on_other_bytes_than_pinned(project, tmp_path, capsys) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    project.server.files["/t.tar.gz"].body += b"!"
    assert run(project, tmp_path) == 4
    assert "is not the file that was pinned" in capsys.readouterr().err


WRONG = {
    "no directory to fill": ([], "needs a directory"),
    "no such option": (["v", "--plat-form=beos"], "option --plat-form not recognized"),
    "no such platform": (["v", "--platform=beos"], "`beos` is no platform"),
    "no such components": (["v", "--components=nowhere"], "there is no directory nowhere"),
    "no such tools": (["v", "--tools=nowhere"], "there is no directory nowhere"),
    "neither tools nor what is named": (["v", "t", "--no-tools"], "exclude each other"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG.keys())
def test_the_command_refuses_what_it_does_not_know(
    project, tmp_path, monkeypatch, capsys, words, message
) -> None:
    monkeypatch.chdir(tmp_path)
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    assert Command().parse_execute([f"--tools={project.directory}", *words]) == 2
    assert message in capsys.readouterr().err
    assert project.server.paths == []  # the words are wrong, so nothing is fetched for them


def test_a_tool_that_a_build_can_do_without_may_be_missing(project, tmp_path, capsys) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    project.write("extra", f'version = "1"\noptional = "`doit x`"\n[[source]]\n{PATH}')
    assert run(project, tmp_path) == 0
    errors = capsys.readouterr().err
    assert f"{current()}: left out (only for `doit x`): cannot vendor extra 1" in errors
    assert len(list((tmp_path / "vendor" / "sha256").iterdir())) == 1
    assert run(project, tmp_path, "extra") == 1  # whoever names it wants it


def test_what_is_taken_from_path_is_not_vendored_and_the_next_source_is(project, tmp_path) -> None:
    file = project.serve("t", {"bin/sh": "x"}, head='executables = ["bin/sh"]')
    head, _, rest = file.read_text().partition("[[source]]")
    file.write_text(f"{head}[[source]]\n{PATH}[[source]]{rest}")
    assert run(project, tmp_path) == 0
    assert project.server.paths == ["/t.tar.gz"]


def test_a_directory_beside_the_tools_is_there_for_whoever_has_the_tools(project, tmp_path) -> None:
    (project.directory / "tree").mkdir()
    digest = files.digest(project.directory / "tree")
    source = f'kind = "directory"\npath = "tree"\ndigest = "{digest}"'
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    assert run(project, tmp_path) == 0
    assert not list((tmp_path / "vendor").glob("sha256/*"))


@pytest.mark.registry
def test_wheels_for_other_platforms_are_vendored_by_their_pins(project, tmp_path) -> None:
    text = (ROOT / "wasm-tools.toml").read_text()
    wheels, source, _ = text.rpartition("[[source]]")
    assert (wheels.count(source), 'kind = "pypi"' in wheels) == (1, True)
    project.write("t", wheels)
    platforms = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
    assert run(project, tmp_path, platforms=platforms) == 0
    assert len(list((tmp_path / "vendor" / "sha256").iterdir())) == len(platforms)


@pytest.mark.registry
def test_what_took_the_place_of_a_pinned_package_is_not_vendored_but_what_to_pin_is_said(
    project, tmp_path, capsys
) -> None:
    pin = f'version = "107-9", sha256 = "{"a" * 64}", accept = "108-*"'
    project.write(
        "t", f'version = "1"\n[[source]]\nkind = "debian"\npackages.binaryen = {{ {pin} }}'
    )
    assert run(project, tmp_path) == 1
    errors = capsys.readouterr().err
    assert "binaryen 107-9 is superseded, and no pin names Debian binaryen 108-1" in errors
    assert re.search("pin that version with sha256 [0-9a-f]{64}", errors)
    assert not list((tmp_path / "vendor").glob("sha256/*"))

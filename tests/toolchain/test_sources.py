"""Each registry's client is run for real where that is cheap; what it brings must be the pin."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import CommandError, NoSourceError, VerificationError

ROOT = Path(__file__).parents[2] / "toolchains"
CM = ("go.bytecodealliance.org/cm@v0.3.0", "go.bytecodealliance.org/cm v0.3.0 ")


def write(project, source: str, head: str = "") -> None:
    project.write("t", f'version = "1"\n{head}\n[[source]]\n{source}\n')


# --- Go: a module proxy in a directory stands for the real one -------------------------------


def go_says_sum() -> str:
    output = subprocess.check_output(["go", "mod", "download", "-json", "a.test/m@v1.0.0"], cwd="/")
    return json.loads(output)["Sum"]


@pytest.mark.usefixtures("proxy")
def test_a_go_module_is_verified_by_the_sum_that_go_itself_computes(project) -> None:
    module = f'kind = "go_module"\nmodule = "a.test/m@v1.0.0"\nsum = "{go_says_sum()}"'
    write(project, module)
    root = project.installer().install("t").root
    assert (root / "cmd" / "t" / "main.go").is_file()


@pytest.mark.usefixtures("proxy")
def test_another_go_module_than_pinned_is_refused_with_both_sums(project) -> None:
    wrong = "h1:" + base64.b64encode(hashlib.sha256().digest()).decode()
    write(project, f'kind = "go_module"\nmodule = "a.test/m@v1.0.0"\nsum = "{wrong}"')
    with pytest.raises(VerificationError) as caught:
        project.installer().install("t")
    assert wrong in str(caught.value)
    assert go_says_sum() in str(caught.value)
    assert not project.entries()


@pytest.mark.usefixtures("proxy")
def test_a_go_module_that_no_proxy_has_is_reported_with_go_s_reason(project) -> None:
    pin = go_says_sum()
    write(project, f'kind = "go_module"\nmodule = "a.test/other@v1.0.0"\nsum = "{pin}"')
    with pytest.raises(NoSourceError, match=r"a\.test/other@v1\.0\.0.*no such file"):
        project.installer().install("t")


def go_build(project, checksum: str) -> None:
    module = project.directory / "t"
    module.mkdir(exist_ok=True)
    (module / "go.mod").write_text("module b.test/t\n\ngo 1.21\n\nrequire a.test/m v1.0.0\n")
    (module / "go.sum").write_text(f"a.test/m v1.0.0 {checksum}\n")
    source = 'kind = "go_build"\nmodule = "t"\npackage = "a.test/m/cmd/t"'
    write(project, source, head='executables = ["bin/t"]')


@pytest.mark.usefixtures("proxy")
def test_a_go_program_is_built_from_modules_that_go_sum_names(project) -> None:
    go_build(project, go_says_sum())
    program = project.installer().install("t").executables["t"]
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert done.stderr == "hi\n"


@pytest.mark.usefixtures("proxy")
def test_a_go_program_whose_module_is_not_the_one_in_go_sum_is_not_built(project) -> None:
    go_build(project, "h1:" + base64.b64encode(hashlib.sha256().digest()).decode())
    with pytest.raises(VerificationError, match="checksum mismatch") as caught:
        project.installer().install("t")
    assert go_says_sum() in str(caught.value)
    assert not project.entries()


@pytest.mark.usefixtures("proxy")
def test_a_changed_go_sum_makes_another_entry(project) -> None:
    go_build(project, go_says_sum())
    project.installer().install("t")
    with (project.directory / "t" / "go.sum").open("a") as lock:
        lock.write("\n")
    assert project.installer().find("t") is None


def test_go_code_that_does_not_compile_ends_with_the_compiler_s_words(project, proxy) -> None:
    archive = proxy / "a.test" / "m" / "@v" / "v1.0.0.zip"
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("a.test/m@v1.0.0/cmd/t/more.go", "package main\n\nvar x int = true\n")
    go_build(project, go_says_sum())
    with pytest.raises(CommandError) as caught:
        project.installer().install("t")
    assert "more.go:3" in str(caught.value)
    assert not project.entries()


def use(project, version: str) -> None:
    """Have `t` use a tool `low` of this version."""
    url, sha256 = project.server.put("low", b"low")
    text = f'version = "{version}"\n[[source]]\nkind = "url"\nfile = "low"\n'
    project.write("low", f'{text}url = "{url}"\nsha256 = "{sha256}"\n')
    text = (project.directory / "t.toml").read_text()
    if "uses" not in text:
        project.write("t", f'{text}uses = ["low"]\n')


@pytest.mark.usefixtures("proxy")
def test_another_version_of_a_used_tool_makes_another_entry_of_what_is_built(project) -> None:
    go_build(project, go_says_sum())
    use(project, "1")
    project.installer().install("t")
    use(project, "2")
    assert project.installer().find("t") is None


@pytest.mark.usefixtures("proxy")
def test_another_version_of_a_used_tool_leaves_what_it_only_fetched(project) -> None:
    write(project, f'kind = "go_module"\nmodule = "a.test/m@v1.0.0"\nsum = "{go_says_sum()}"')
    use(project, "1")
    first = project.installer().install("t")
    use(project, "2")
    assert project.installer().find("t") == first


# --- rustup: six lines of shell stand in for it, to see its arguments and what is believed -------

RUSTUP = """#!/bin/sh
root="$RUSTUP_HOME/toolchains/$3" lib="$RUSTUP_HOME/toolchains/$3/lib/rustlib"
mkdir -p "$lib" "$root/bin"; echo '#!/bin/sh' > "$root/bin/rustc"; chmod +x "$root/bin/rustc"
printf 'rustc-here\n$MORE' > "$lib/components"; env > "$root/env"; echo "$@" > "$root/args"
printf '[pkg.%s.target.here]\\nxz_url = "a/%s.xz"\\nxz_hash = "%064d"\\n' \\
  rustc rustc 7 other other 8 > "$lib/multirust-channel-manifest.toml"
"""


@pytest.fixture
def rustup(tmp_path, monkeypatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rustup").write_text(RUSTUP.replace("$MORE", ""))
    (tmp_path / "bin" / "rustup").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("RUSTUP_HOME", "/the/users/own")
    monkeypatch.setenv("RUSTUP_TOOLCHAIN", "nightly")


def rust(project, archives: str) -> None:
    source = f'kind = "rustup"\ntoolchain = "1.0"\ntargets = ["w"]\narchives = {{ {archives} }}'
    write(project, source, head='executables = ["bin/rustc"]')


@pytest.mark.usefixtures("rustup")
def test_rustup_works_in_homes_of_its_own_and_the_users_variables_stay_out(project) -> None:
    rust(project, f'"rustc.xz" = "{7:064d}"')
    root = project.installer().install("t").root
    env = dict(
        line.split("=", 1) for line in (root / "env").read_text().splitlines() if "=" in line
    )
    assert env["RUSTUP_HOME"].startswith(str(project.store.root))
    assert env["CARGO_HOME"].startswith(str(project.store.root))
    assert "RUSTUP_TOOLCHAIN" not in env
    assert "--target=w" in (root / "args").read_text()


@pytest.mark.usefixtures("rustup")
def test_what_rustup_notes_for_itself_does_not_reach_the_tree(project) -> None:
    rust(project, f'"rustc.xz" = "{7:064d}", "other.xz" = "{8:064d}"')
    stand_in = project.directory.parent / "bin" / "rustup"
    notes = (
        '\ncd "$lib"; touch manifest-rustc rust-installer-version multirust-config.toml std.rlib\n'
    )
    stand_in.write_text(RUSTUP.replace("$MORE", "other-here\\n") + notes)
    root = project.installer().install("t").root
    assert [path.name for path in (root / "lib" / "rustlib").iterdir()] == ["std.rlib"]


@pytest.mark.usefixtures("rustup")
def test_a_rust_component_that_the_channel_does_not_have_is_refused(project) -> None:
    rust(project, f'"rustc.xz" = "{7:064d}"')
    stand_in = project.directory.parent / "bin" / "rustup"
    stand_in.write_text(RUSTUP.replace("$MORE", "smuggled-here\\n"))
    with pytest.raises(VerificationError, match="smuggled-here is not the file that was pinned"):
        project.installer().install("t")


UNPINNED = {"another-hash": f'"rustc.xz" = "{1:064d}"', "no-hash": f'"other.xz" = "{8:064d}"'}


@pytest.mark.usefixtures("rustup")
@pytest.mark.parametrize("archives", UNPINNED.values(), ids=UNPINNED.keys())
def test_a_rust_archive_that_is_not_pinned_is_refused(project, archives) -> None:
    rust(project, archives)
    with pytest.raises(VerificationError, match=r"rustc\.xz is not the file that was pinned"):
        project.installer().install("t")
    assert not project.entries()


# --- a program that is not there ------------------------------------------------------------------

MISSING = {
    "go": f'kind = "go_module"\nmodule = "a.test/m@v1.0.0"\nsum = "h1:{"A" * 43}="',
    "rustup": f'kind = "rustup"\ntoolchain = "1.0"\narchives.x = "{"a" * 64}"',
    "cargo": f'kind = "crate"\npackage = "a@1.0.0"\nsha256 = "{"a" * 64}"',
    "apt-get": f'kind = "debian"\npackages.a = {{ version = "1", sha256 = "{"a" * 64}" }}',
}


@pytest.mark.parametrize("program", MISSING)
def test_a_missing_client_is_a_reason_and_no_traceback(
    project, monkeypatch, tmp_path, program
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("pipeline.toolchain.sources.context._USUAL", ())
    write(project, MISSING[program])
    with pytest.raises(NoSourceError, match=f"{program} is not on PATH"):
        project.installer().install("t")


# --- the registries themselves --------------------------------------------------------------------


def reuse(project, name: str) -> None:
    """Take a tool of this repository without the tools that its sources use."""
    text = (ROOT / f"{name}.toml").read_text().replace('uses = ["rust"]\n', "")
    project.write("t", text)


@pytest.mark.registry
def test_a_crate_is_taken_as_files(project) -> None:
    reuse(project, "wasi-wit")
    root = project.installer().install("t").root
    assert "package wasi:http@0.2.0" in (root / "wit/deps/http/proxy.wit").read_text()
    assert [path.name for path in root.iterdir()] == ["wit"]


@pytest.mark.registry
def test_a_crate_with_another_hash_is_refused(project) -> None:
    reuse(project, "wasi-wit")
    text = (project.directory / "t.toml").read_text()
    project.write("t", text.replace("652cd734", "00000000"))
    with pytest.raises(VerificationError, match="pinned") as caught:
        project.installer().install("t")
    assert "652cd734" in str(caught.value)


@pytest.mark.registry
def test_a_go_module_comes_from_the_module_proxy(project) -> None:
    lock = (ROOT / "wit-bindgen-go" / "go.sum").read_text().splitlines()
    (pinned,) = [line.removeprefix(CM[1]) for line in lock if line.startswith(CM[1])]
    write(project, f'kind = "go_module"\nmodule = "{CM[0]}"\nsum = "{pinned}"')
    assert (project.installer().install("t").root / "go.mod").is_file()


@pytest.mark.registry
def test_a_debian_package_is_unpacked_without_root(project) -> None:
    reuse(project, "binaryen")
    text = (project.directory / "t.toml").read_text()
    first = text.index("[[source]]")
    project.write("t", text[:first] + text[text.index("[[source]]", first + 1) :])
    tool = project.installer().install("t")
    output = subprocess.check_output([tool.executables["wasm-opt"], "--version"], text=True)
    assert output == "wasm-opt version 108\n"


SUPERSEDED = 'version = "107-9", sha256 = "' + "a" * 64 + '"'


@pytest.mark.registry
def test_a_superseded_debian_package_gives_way_to_an_accepted_one_and_is_noted(project) -> None:
    write(project, f'kind = "debian"\npackages.binaryen = {{ {SUPERSEDED}, accept = "108-*" }}')
    root = project.installer().install("t").root
    (line,) = [line for line in project.said if "superseded" in line]
    assert "binaryen 108-1 in place of 107-9" in line
    (note,) = json.loads((root.parent / "manifest.json").read_text())["notes"]
    assert "binaryen 108-1 in place of 107-9" in note


@pytest.mark.registry
@pytest.mark.parametrize("accept", ["", ', accept = "107-*"'], ids=["none", "not-matching"])
def test_a_superseded_debian_package_without_an_accepted_one_says_what_is_offered(
    project, accept
) -> None:
    write(project, f'kind = "debian"\npackages.binaryen = {{ {SUPERSEDED}{accept} }}')
    with pytest.raises(NoSourceError, match="107-9 is not offered, but 108-1 is"):
        project.installer().install("t")

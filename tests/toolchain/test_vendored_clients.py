"""What the clients of registries need of vendored files, and that they need nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile

import pytest

from pipeline.toolchain.store.store import Store
from toolchain.conftest import tar
from toolchain.vendoring import HEAD, put, run, vendored

MODULE = "module a.test/m\n\ngo 1.16\n\nrequire a.test/N v1.0.0\n"


@pytest.fixture
def module(tmp_path, monkeypatch) -> str:
    """A module proxy in a directory that has a.test/m v1.0.0; return the module's sum.

    It requires a.test/N, of which only the go.mod file is ever read.
    """
    versions = tmp_path / "proxy" / "a.test" / "m" / "@v"
    versions.mkdir(parents=True)
    (versions / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (versions / "v1.0.0.mod").write_text(MODULE)
    other = tmp_path / "proxy" / "a.test" / "!n" / "@v"
    other.mkdir(parents=True)
    (other / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (other / "v1.0.0.mod").write_text("module a.test/N\n\ngo 1.16\n")
    with zipfile.ZipFile(versions / "v1.0.0.zip", "w") as archive:
        archive.writestr("a.test/m@v1.0.0/go.mod", MODULE)
        archive.writestr(
            "a.test/m@v1.0.0/cmd/t/main.go", 'package main\n\nfunc main() { println("hi") }\n'
        )
    monkeypatch.setenv("GOPROXY", f"file://{tmp_path}/proxy")
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    words = ["go", "mod", "download", "-json", "a.test/m@v1.0.0"]
    return json.loads(subprocess.check_output(words, cwd="/"))["Sum"]


def forget_modules(tmp_path, monkeypatch) -> None:
    """Be another machine: with an empty cache and no proxy."""
    subprocess.run(["go", "clean", "-modcache"], check=True)
    shutil.rmtree(tmp_path / "proxy")


def test_a_vendored_go_module_serves(project, tmp_path, monkeypatch, module) -> None:
    source = f'kind = "go_module"\nmodule = "a.test/m@v1.0.0"\nsum = "{module}"'
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    vendored(project, tmp_path, monkeypatch)
    forget_modules(tmp_path, monkeypatch)
    tool = project.installer(store=Store(tmp_path / "other")).install("t")
    assert (tool.root / "cmd" / "t" / "main.go").is_file()
    subprocess.run(["go", "clean", "-modcache"], check=True)


GO = """version = "1.24"
executables = ["bin/go"]
[[source]]
kind = "path"
program = "go"
args = ["version"]
pattern = 'go version go(\\d[\\d.]*)'
at_least = "1.21"
link = true
"""


def test_the_modules_that_components_need_are_vendored_for_whatever_platform(
    project, tmp_path, monkeypatch, module
) -> None:
    project.write("go", GO)
    component = tmp_path / "components" / "c"
    component.mkdir(parents=True)
    (component / "go.mod").write_text("module b.test/c\n\ngo 1.21\n\nrequire a.test/m v1.0.0\n")
    (component / "go.sum").write_text(f"a.test/m v1.0.0 {module}\n")
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    for words in (["mod", "download", "a.test/m"], ["list", "-m", "all"]):
        subprocess.run(["go", *words], cwd=component, check=True)
    assert run(project, tmp_path, "--no-tools") == 0
    found = sorted(
        file.relative_to(tmp_path / "vendor" / "go").as_posix()
        for file in tmp_path.glob("vendor/go/**/*.*")
        if file.is_file()
    )
    assert found == [
        *("a.test/!n/@v/v1.0.0.info", "a.test/!n/@v/v1.0.0.mod"),
        *(f"a.test/m/@v/v1.0.0.{end}" for end in ("info", "mod", "zip")),
    ]


def test_a_module_of_a_component_that_is_not_the_one_in_go_sum_ends_it_with_4(
    project, tmp_path, module, capsys
) -> None:
    project.write("go", GO)
    component = tmp_path / "components" / "c"
    component.mkdir(parents=True)
    (component / "go.mod").write_text("module b.test/c\n\ngo 1.21\n\nrequire a.test/m v1.0.0\n")
    (component / "go.sum").write_text(f"a.test/m v1.0.0 h1:{'A' * 43}=\n")
    assert run(project, tmp_path, "--no-tools") == 4
    assert f"{component}/go.sum names is not what it pins" in capsys.readouterr().err
    assert not list(tmp_path.glob("vendor/go/**/*.zip"))


def test_a_go_program_is_built_from_vendored_modules(
    project, tmp_path, monkeypatch, module
) -> None:
    directory = project.directory / "t"
    directory.mkdir()
    (directory / "go.mod").write_text("module b.test/t\n\ngo 1.21\n\nrequire a.test/m v1.0.0\n")
    for words in (["mod", "download", "a.test/m"], ["list", "-m", "-mod=mod", "all"]):
        subprocess.run(["go", *words], cwd=directory, check=True)
    assert module in (directory / "go.sum").read_text()
    assert "a.test/N v1.0.0/go.mod" in (directory / "go.sum").read_text()
    source = 'kind = "go_build"\nmodule = "t"\npackage = "a.test/m/cmd/t"'
    project.write("t", f'version = "1"\n{HEAD}\n[[source]]\n{source}\n')
    vendored(project, tmp_path, monkeypatch)
    forget_modules(tmp_path, monkeypatch)
    tool = project.installer(store=Store(tmp_path / "other")).install("t")
    done = subprocess.run([tool.executables["t"]], capture_output=True, text=True, check=True)
    assert done.stderr == "hi\n"
    subprocess.run(["go", "clean", "-modcache"], check=True)


@pytest.mark.usefixtures("offline")
def test_vendored_debian_packages_need_no_apt(project, tmp_path, monkeypatch) -> None:
    root = tmp_path / "package"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n"
    )
    (root / "usr").mkdir()
    (root / "usr" / "t").write_text("x")
    (root / "DEBIAN").chmod(0o755)  # dpkg-deb refuses what a umask made of it
    subprocess.run(["dpkg-deb", "-b", root, tmp_path / "p.deb"], check=True, capture_output=True)
    sha256 = put(tmp_path / "vendor", (tmp_path / "p.deb").read_bytes())
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path / "vendor"))
    source = f'kind = "debian"\npackages.p = {{ version = "1", sha256 = "{sha256}" }}'
    project.write("t", f'version = "1"\nexecutables = ["usr/t"]\n[[source]]\n{source}\n')
    assert project.installer().install("t").executables["t"].read_text() == "x"


@pytest.mark.usefixtures("offline")
def test_vendored_archives_of_rust_need_no_rustup(project, tmp_path, monkeypatch) -> None:
    vendor = tmp_path / "vendor"
    pins = {}
    for name, file in {"rustc": "bin/rustc", "rust-std": "lib/rustlib/w/lib/std.rlib"}.items():
        top = f"{name}-1.0-here"
        members = {
            f"{top}/components": f"{name}\n",
            f"{top}/install.sh": "no",
            f"{top}/{name}/manifest.in": f"file:{file}",
            f"{top}/{name}/{file}": name,
        }
        pins[f"{top}.tar.xz"] = put(vendor, tar(members, mode="xz"))
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(vendor))
    archives = "\n".join(f'"{name}" = "{sha256}"' for name, sha256 in pins.items())
    project.write(
        "t",
        'version = "1"\nexecutables = ["bin/rustc"]\n[[source]]\nkind = "rustup"\n'
        f'toolchain = "1.0"\n[source.archives]\n{archives}\n',
    )
    root = project.installer().install("t").root
    found = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    assert found == ["bin/rustc", "lib/rustlib/w/lib/std.rlib"]

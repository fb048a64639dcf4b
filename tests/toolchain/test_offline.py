"""Without a network: nothing connects, what is missing is named, vendored files serve."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from doit.exceptions import InvalidCommand
from toolchain.conftest import tar

from pipeline import files, process
from pipeline.commands.vendor import Vendor as Command
from pipeline.errors import (
    DeclarationError,
    NoSourceError,
    OfflineError,
    StoreError,
    VerificationError,
)
from pipeline.toolchain.fetch import RequestsFetcher
from pipeline.toolchain.hosts import Hosts
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.platform import current
from pipeline.toolchain.store import Store
from pipeline.toolchain.vendor import Vendor

ROOT = Path(__file__).parents[2] / "toolchains"
HEAD = 'executables = ["bin/t"]'
HASH = "a" * 64


@pytest.fixture
def offline(monkeypatch) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")


def vendored(project, tmp_path, monkeypatch, name: str = "t") -> Vendor:
    """Vendor a tool; from now on the directory is consulted and no connection may be made."""
    vendor = Vendor(tmp_path / "vendor")
    project.installer().vendor(name, vendor, current())
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(vendor.root))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    return vendor


# --- no connection -------------------------------------------------------------------------------

SOURCES = {
    "url": f'kind = "url"\nurl = "http://127.0.0.1:9/t.tar.gz"\nsha256 = "{HASH}"',
    "github": f'kind = "github"\nrepo = "o/r"\ntag = "v"\nasset = "t.zip"\nsha256 = "{HASH}"',
    "pypi": f'kind = "pypi"\npackage = "t==1"\nsha256 = "{HASH}"',
    "npm": f'kind = "npm"\npackage = "t@1.0.0"\nsha256 = "{HASH}"',
    "crate": f'kind = "crate"\npackage = "t@1.0.0"\nsha256 = "{HASH}"',
    "rustup": f'kind = "rustup"\ntoolchain = "1.0"\narchives."t.tar.xz" = "{HASH}"',
    "debian": f'kind = "debian"\npackages.t = {{ version = "1", sha256 = "{HASH}" }}',
}


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_a_source_refuses_before_it_connects_and_names_the_missing_file(
    project, monkeypatch, tmp_path, source
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no client could be started
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    with pytest.raises(NoSourceError) as caught:
        project.installer().install("t")
    assert "DOIT_WASM_OFFLINE is set" in str(caught.value)
    assert f"sha256/{HASH} is missing" in str(caught.value)
    assert "`doit vendor DIR`" in str(caught.value)


@pytest.mark.usefixtures("offline")
def test_go_asks_nobody_when_offline(project, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    pin = f'sum = "h1:{"A" * 43}="'
    project.write(
        "t",
        f'version = "1"\n[[source]]\nkind = "go_module"\nmodule = "a.test/m@v1.0.0"\n{pin}\n',
    )
    with pytest.raises(NoSourceError, match=r"go/a\.test/m/@v/v1\.0\.0\.zip is missing"):
        project.installer().install("t")


@pytest.mark.usefixtures("offline")
def test_even_what_asks_by_itself_is_stopped(tmp_path, server) -> None:
    fetcher = RequestsFetcher(Limits(), Hosts(1))
    with pytest.raises(OfflineError), fetcher.open(server.url):
        pass
    assert not server.asked


@pytest.mark.usefixtures("offline")
def test_what_is_in_the_store_needs_no_network(project, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    monkeypatch.delenv("DOIT_WASM_OFFLINE")
    project.installer().install("t")
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    assert project.installer().install("t")


@pytest.mark.parametrize("value", ["", "0", "false", "No"])
def test_some_values_of_the_variable_mean_no(project, monkeypatch, value) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", value)
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    assert project.installer().install("t")


# --- vendored files ------------------------------------------------------------------------------


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


def test_a_vendor_variable_that_names_no_directory_is_told(project, tmp_path, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path / "nowhere"))
    with pytest.raises(DeclarationError, match=r"DOIT_WASM_VENDOR names .*nowhere"):
        project.installer().install("t")


def test_vendoring_what_is_not_the_pin_leaves_nothing(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    project.server.files["/t.tar.gz"].body += b"!"
    with pytest.raises(VerificationError):
        project.installer().vendor("t", Vendor(tmp_path / "vendor"), current())
    assert not list(tmp_path.glob("vendor/sha256/*"))


def test_vendoring_into_a_place_that_cannot_be_written_is_told(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write into"):
        project.installer().vendor("t", Vendor(tmp_path / "file"), current())


# --- the command ---------------------------------------------------------------------------------


def run(project, tmp_path, *words: str, platforms: tuple[str, ...] = ()) -> int:
    options = {"platform": list(platforms), "tools": str(project.directory)}
    return Command().execute(options, [str(tmp_path / "vendor"), *words])


def other_platform() -> str:
    return "darwin_arm64" if current() != "darwin_arm64" else "linux_amd64"


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
    project.write("built", f'version = "1"\n[[source]]\n{SOURCES["crate"]}\n')
    assert run(project, tmp_path, platforms=(there,)) == 1
    assert (tmp_path / "vendor" / "sha256" / sha256).read_bytes() == b"for another machine"
    told = capsys.readouterr().err
    assert f"{there}: left out: cannot install built 1" in told
    assert f"can only be fetched on {there}" in told


def test_the_command_ends_with_4_on_other_bytes_than_pinned(project, tmp_path, capsys) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    project.server.files["/t.tar.gz"].body += b"!"
    assert run(project, tmp_path) == 4
    assert "is not the file that was pinned" in capsys.readouterr().err


def test_the_command_refuses_what_it_does_not_know(project, tmp_path) -> None:
    with pytest.raises(InvalidCommand, match="needs a directory"):
        Command().execute({"platform": [], "tools": ""}, [])
    with pytest.raises(InvalidCommand, match="`beos` is no platform"):
        run(project, tmp_path, platforms=("beos",))


# --- in a namespace without a route --------------------------------------------------------------

INSTALL = """
import socket, sys
from pathlib import Path
tried = []
watched = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, args: event in watched and tried.append((event, args)))
from pipeline.toolchain.install import Installer
from pipeline.toolchain.store import Store
tool = Installer(Path(sys.argv[1]), store=Store(Path(sys.argv[2]))).install("t")
print("tried:", tried)
print(next(iter(tool.executables.values())))
"""


def alone(project, store: Path) -> subprocess.CompletedProcess[str]:
    """Install `t` in a namespace that has not even a loopback device that is up."""
    probe = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no network namespace can be made here: {probe.stderr.strip()}")
    words = ["unshare", "-n", sys.executable, "-c", INSTALL, str(project.directory), str(store)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_in_a_namespace_without_a_route_a_vendored_tool_is_installed_and_nobody_is_asked(
    project, tmp_path, monkeypatch
) -> None:
    project.serve("t", {"bin/t": "#!/bin/sh\necho hello\n"}, head=HEAD)
    vendored(project, tmp_path, monkeypatch)
    done = alone(project, tmp_path / "other")
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert subprocess.check_output([program], text=True) == "hello\n"


def test_the_namespace_has_no_route_so_the_network_would_have_failed(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    done = alone(project, tmp_path / "other")
    assert done.returncode != 0
    assert "cannot be reached" in done.stderr


@pytest.mark.registry
def test_a_real_tool_is_vendored_and_runs_after_an_installation_without_a_route(
    project, tmp_path, monkeypatch
) -> None:
    project.write("t", (ROOT / "wasm-tools.toml").read_text())
    vendored(project, tmp_path, monkeypatch)
    done = alone(project, tmp_path / "other")
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert "wasm-tools 1." in subprocess.check_output([program, "--version"], text=True)


@pytest.mark.registry
def test_wheels_for_other_platforms_are_vendored_by_their_pins(project, tmp_path) -> None:
    text = (ROOT / "wasm-tools.toml").read_text()
    first = text.index("[[source]]")
    project.write("t", text[:first] + text[text.index("[[source]]", first + 1) :])
    platforms = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
    assert run(project, tmp_path, platforms=platforms) == 0
    assert len(list((tmp_path / "vendor" / "sha256").iterdir())) == len(platforms)


# --- what the clients of registries need ----------------------------------------------------------


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


def put(vendor: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    (vendor / "sha256").mkdir(parents=True, exist_ok=True)
    (vendor / "sha256" / sha256).write_bytes(data)
    return sha256


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


def crate(name: str, members: dict[str, str]) -> bytes:
    return tar({f"{name}-1.0.0/{file}": text for file, text in members.items()})


@pytest.mark.parametrize("whole", [True, False], ids=["all", "one-crate-missing"])
def test_a_program_is_built_from_vendored_crates_without_a_route(
    project, tmp_path, monkeypatch, whole
) -> None:
    about = '[package]\nname = "{}"\nversion = "1.0.0"\nedition = "2021"\n'
    low = {"Cargo.toml": about.format("low"), "src/lib.rs": "pub fn hi() -> u8 { 7 }\n"}
    top = {
        "Cargo.toml": about.format("t") + '[dependencies]\nlow = "1"\n',
        "src/main.rs": 'fn main() { println!("{}", low::hi()) }\n',
    }
    vendor = tmp_path / "vendor"
    pin = put(vendor, crate("low", low))
    top["Cargo.lock"] = lock_of(tmp_path / "here", low, top, pin)
    sha256 = put(vendor, crate("t", top))
    if not whole:
        (vendor / "sha256" / pin).unlink()
    compiler = f'env.RUSTC = "{shutil.which("rustc")}"'
    pinned = f'package = "t@1.0.0"\nsha256 = "{sha256}"'
    source = f'kind = "crate"\n{pinned}\nbuild = true\n{compiler}'
    project.write("t", f'version = "1"\n{HEAD}\n[[source]]\n{source}\n')
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(vendor))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    done = alone(project, tmp_path / "other")
    if not whole:
        assert f"{vendor}/sha256/{pin} is missing" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert subprocess.check_output([program], text=True) == "7\n"


def lock_of(root: Path, low: dict[str, str], top: dict[str, str], pin: str) -> str:
    """Have cargo write the lock file of *top*, as if *low* came from its registry."""
    sums = {".cargo-checksum.json": json.dumps({"files": {}, "package": pin})}
    for name, members in {"crates/low": {**low, **sums}, "t": top}.items():
        for file, text in members.items():
            (root / name / file).parent.mkdir(parents=True, exist_ok=True)
            (root / name / file).write_text(text)
    settings = [
        *("--config", 'source.crates-io.replace-with = "here"'),
        *("--config", f"source.here.directory = {json.dumps(str(root / 'crates'))}"),
    ]
    words = ["cargo", "generate-lockfile", "--offline", *settings]
    subprocess.run(words, cwd=root / "t", check=True, capture_output=True)
    return (root / "t" / "Cargo.lock").read_text()


@pytest.mark.usefixtures("offline")
def test_every_process_of_a_step_is_told_not_to_connect(tmp_path, monkeypatch) -> None:
    told = process.environment(extra={"GOPROXY": "https://a.test"})
    assert told["GOPROXY"] == "off"
    assert told["CARGO_NET_OFFLINE"] == "true"
    assert told["PIP_NO_INDEX"] == "1"
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path))
    assert process.environment()["GOPROXY"] == f"file://{tmp_path}/go"
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "")
    assert "CARGO_NET_OFFLINE" not in process.environment()


def test_what_is_taken_from_path_is_not_vendored_and_the_next_source_is(project, tmp_path) -> None:
    file = project.serve("t", {"bin/sh": "x"}, head='executables = ["bin/sh"]')
    head, _, rest = file.read_text().partition("[[source]]")
    path = 'kind = "path"\nprogram = "echo"\npattern = "(.*)"\nargs = ["1.0"]\nexact = "1.0"\n'
    file.write_text(f"{head}[[source]]\n{path}[[source]]{rest}")
    assert run(project, tmp_path) == 0
    assert project.server.paths == ["/t.tar.gz"]


def test_a_directory_beside_the_tools_is_there_for_whoever_has_the_tools(project, tmp_path) -> None:
    (project.directory / "tree").mkdir()
    digest = files.digest(project.directory / "tree")
    source = f'kind = "directory"\npath = "tree"\ndigest = "{digest}"'
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    assert run(project, tmp_path) == 0
    assert not list((tmp_path / "vendor").glob("sha256/*"))

"""What decides bytes and is not declared does not reach a step, whoever runs it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.process import environment, registry_clients, step_environment
from pipeline.process.variables import EVERYWHERE, FETCHING, FETCHING_PREFIXES, INSTALLING

ROOT = Path(__file__).parents[2]

# Each prints what a tool could see of the machine and of who runs it.
SEES = {
    "variables": "env -0 | sort -z | tr '\\0' '\\n' | sed \"s|${HOME%/*}|BESIDE|g; s|$PWD|PWD|g\"",
    "home": "ls -A ~; cd ~ && touch new && mkdir .config",
    "temporary": 'ls -A $TMPDIR; mktemp | sed "s|/tmp[.].*||; s|${PWD%/*}||"; touch $TMPDIR/left',
    "modes": "umask; touch file; mkdir dir; stat -c '%a %n' file dir . out $HOME $TMPDIR"
    ' | sed "s|$PWD||; s|${PWD%/*}||"',
    "time": "date -d @0 +'%c %Z'; echo $TZ",
    "locale": "locale; printf 'b\\nA\\na\\nB\\n' | sort; printf '%.1f\\n' 1.5",
    "programs": "command -v cp python3 decoy; sort --version | head -1; decoy",
    "terminal": "stty size 2>&1; tput cols 2>&1; test -t 0 || test -t 1 || test -t 2; echo $?",
    "git": "git config --list; git log -1 2>&1 | head -1",
    "go": 'go env GOFLAGS GOENV GOPROXY GOPATH GOCACHE 2>&1 | sed "s|$HOME|HOME|"',
    "python": "python3 -c 'import sys, locale; print(sys.flags, sys.path[-1], locale.getlocale())'",
    "signals": "grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status",
    "input": "cat",
}
DODO = """
from pipeline import Out, doit_config, step
DOIT_CONFIG = doit_config()
def task_all():
    for name, text in {sees!r}.items():
        words = ["sh", "-c", "exec 2>&1 >$1; " + text + "; true", "sh", Out("out/" + name)]
        yield step(name, doc="d", argv=words, cached=False)
"""


def strange(home: Path) -> dict[str, str]:
    """Return the variables of somebody who has set much, in a home that is full of settings."""
    files = {
        ".gitconfig": "[user]\n\tname = Stranger\n",
        ".config/go/env": "GOFLAGS=-tags=strange\nGOPROXY=off\n",
        ".cargo/config.toml": '[build]\nrustflags = ["-C", "debuginfo=2"]\n',
        ".config/pip/pip.conf": "[global]\nindex-url = https://strange.test\n",
        ".profile": "export STRANGE=1\n",
        "bin/decoy": "#!/bin/sh\necho a decoy\n",
        "bin/cp": "#!/bin/sh\necho the wrong cp\n",
        "bin/sort": "#!/bin/sh\necho the wrong sort\n",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return {
        "HOME": str(home), "USER": "stranger", "LOGNAME": "stranger", "SHELL": "/bin/zsh",
        "XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / "c"),
        "XDG_DATA_HOME": str(home / "d"), "LANG": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8",
        "LANGUAGE": "de", "TZ": "Pacific/Auckland", "PATH": f"{home}/bin:{os.environ['PATH']}",
        "TERM": "xterm-256color", "COLUMNS": "37", "LINES": "9", "CLICOLOR_FORCE": "1",
        "GOFLAGS": "-tags=strange", "GOENV": str(home / ".config/go/env"), "GOPATH": str(home),
        "GOOS": "plan9", "GOEXPERIMENT": "x", "CGO_ENABLED": "0", "GO111MODULE": "off",
        "RUSTFLAGS": "-C debuginfo=2", "CARGO_ENCODED_RUSTFLAGS": "-Cdebuginfo=2",
        "CARGO_BUILD_TARGET": "x", "CARGO_PROFILE_RELEASE_DEBUG": "2", "RUSTC_WRAPPER": "x",
        "CARGO_TARGET_DIR": str(home), "RUSTUP_TOOLCHAIN": "nightly", "RUST_BACKTRACE": "full",
        "PYTHONHASHSEED": "7", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1",
        "GIT_AUTHOR_NAME": "Stranger", "GIT_DIR": str(home), "CC": "decoy", "CFLAGS": "-O0",
        "MAKEFLAGS": "-k", "SOURCE_DATE_EPOCH": "1", "ENV": str(home / ".profile"),
        "BASH_ENV": str(home / ".profile"), "CDPATH": str(home), "POSIXLY_CORRECT": "1",
        "HTTPS_PROXY": "http://strange.test", "PIP_INDEX_URL": "https://strange.test",
        "TMPDIR": str(home),
        "NETRC": "x", "EDITOR": "x", "PWD": "/", "OLDPWD": "/", "IFS": "x", "LD_BIND_NOW": "1",
    }  # fmt: skip


def seen(root: Path, env: Mapping[str, str], around: Sequence[str]) -> dict[str, str]:
    """Return what the steps of a new project see, by their names."""
    root.mkdir()
    (root / "dodo.py").write_text(DODO.format(sees=SEES))
    python = ROOT / ".venv/bin/python"
    interpreter = str(python) if python.exists() else os.path.realpath("/proc/self/exe")
    done = subprocess.run(
        [*around, interpreter, "-m", "doit"], cwd=root, env=env, capture_output=True, text=True,
        check=False, input="typed\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_text() for path in sorted((root / "out").iterdir())}


def test_a_step_sees_the_same_on_two_machines(tmp_path: Path) -> None:
    base = {"PYTHONPATH": str(ROOT), "DOIT_WASM_STORE": str(tmp_path / "store")}
    plain = {"PATH": os.environ["PATH"], **base, "HOME": str(tmp_path / "none")}
    odd = {**strange(tmp_path / "home"), **base}
    odd.pop("PYTHONUTF8")  # what doit itself must be able to read
    first = seen(tmp_path / "a", plain, ["sh", "-c", 'umask 022; exec "$@"', "sh"])
    second = seen(tmp_path / "b", odd, ["sh", "-c", 'umask 077; trap "" HUP; exec "$@"', "sh"])
    assert set(first) == set(SEES)
    for name, value in first.items():
        assert second[name] == value, name
    assert first["home"] == ""
    assert first["modes"].startswith("0022\n644 file\n755 dir\n755 .\n755 out\n755 /")
    assert "Thu Jan  1 00:00:00 1970 UTC" in first["time"]
    assert first["input"] == ""
    assert "decoy" not in first["programs"].replace("decoy: not found", "")


def test_the_home_of_a_step_is_removed(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)}
    seen(tmp_path / "a", {**env, "DOIT_WASM_STORE": str(tmp_path / "store")}, [])
    assert list((tmp_path / "a/build/stage").iterdir()) == []
    assert not (tmp_path / "none").exists()


def test_the_table_of_the_documentation_is_what_commands_get() -> None:
    text = (ROOT / "docs/reference/environment.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]
    columns = {
        name.strip("` "): [cell.strip() for cell in row[1:4]]
        for row in rows
        for name in row[0].split(",")
    }
    for name in EVERYWHERE:
        assert columns[name] == ["yes", "yes", "yes"], name
    for name in FETCHING:
        assert columns[name] == ["", "yes", "yes"], name
    for prefix in FETCHING_PREFIXES:
        assert columns[f"{prefix}*"] == ["", "yes", "yes"], prefix
    for name in {*INSTALLING} - {"HOME", "TMPDIR", "CARGO_HOME", "GOCACHE", "GOMODCACHE"}:
        assert columns[name] == ["", "", "yes"], name


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    variables = strange(tmp_path / "home")
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path / "store"))
    return tmp_path / "home"


def test_a_step_that_fetches_gets_how_and_no_flags(stranger: Path, tmp_path: Path) -> None:
    env = step_environment(tmp_path / "h", tmp_path / "t", [], {}, fetches=True)
    store = tmp_path / "store/caches"
    (cargo,) = store.glob("cargo-*")
    assert env == {
        "HOME": str(tmp_path / "h"), "LC_ALL": "C.UTF-8", "TZ": "UTC", "GOENV": "off",
        "PATH": "/usr/local/bin:/usr/bin:/bin", "GOPROXY": "off",
        "HTTPS_PROXY": "http://strange.test", "PIP_INDEX_URL": "https://strange.test",
        "GOCACHE": str(store / "go-build"), "GOMODCACHE": str(store / "go-mod"),
        "CARGO_HOME": str(cargo), "TMPDIR": str(tmp_path / "t"),
        "ZIG_GLOBAL_CACHE_DIR": str(store / "zig"),
    }  # fmt: skip
    assert "HTTPS_PROXY" not in step_environment(
        tmp_path / "h", tmp_path / "t", [], {}, fetches=False
    )


def test_what_installs_tools_keeps_the_users_home_and_none_of_his_flags(stranger: Path) -> None:
    env = environment()
    assert env["HOME"] == str(stranger)
    assert (env["GOENV"], env["GOPROXY"], env["TZ"]) == ("off", "off", "UTC")
    assert not {"GOFLAGS", "RUSTFLAGS", "CARGO_BUILD_TARGET", "LANG", "CC"} & set(env)


SETTINGS = """
paths = ["/somewhere"]
[build]
rustflags = ["-C", "debuginfo=2"]
[target.wasm32-wasip1]
rustflags = "x"
[profile.release]
debug = 2
[env]
X = "1"
[source.crates-io]
replace-with = "a mirror"
[source."a mirror"]
registry = "sparse+https://mirror.test/index/"
[registries.own]
index = "https://own.test/"
[registry]
global-credential-providers = ["cargo:token", "a b"]
[http]
cainfo = "/ca.pem"
check-revoke = false
[net]
retry = 7
"""


def test_cargo_gets_its_registries_and_nothing_that_decides_bytes(stranger: Path) -> None:
    users = stranger / ".cargo"
    (users / "config.toml").write_text(SETTINGS)
    (users / "credentials.toml").write_text("[registry]\n")
    ours = Path(registry_clients.kept()["CARGO_HOME"])
    assert (ours / "config.toml").read_text().splitlines() == [
        '"source"."crates-io"."replace-with" = "a mirror"',
        '"source"."a mirror"."registry" = "sparse+https://mirror.test/index/"',
        '"registries"."own"."index" = "https://own.test/"',
        '"registry"."global-credential-providers" = ["cargo:token", "a b"]',
        '"http"."cainfo" = "/ca.pem"',
        '"http"."check-revoke" = false',
        '"net"."retry" = 7',
    ]
    assert (ours / "registry").resolve() == users / "registry"
    assert (ours / "credentials.toml").resolve() == users / "credentials.toml"
    (users / "config.toml").write_text("[build]\njobs = 1\n")
    registry_clients.kept()
    assert (ours / "config.toml").read_text() == ""


def test_two_homes_of_cargo_do_not_get_into_each_others_way(
    stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Path(registry_clients.kept()["CARGO_HOME"])
    monkeypatch.setenv("CARGO_HOME", str(stranger / "other"))
    second = Path(registry_clients.kept()["CARGO_HOME"])
    assert (first / "registry").resolve() == stranger / ".cargo/registry"
    assert (second / "registry").resolve() == stranger / "other/registry"


def test_go_keeps_things_where_the_user_says(
    stranger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOMODCACHE", "/modules")
    env = step_environment(tmp_path / "h", tmp_path / "t", [], {}, fetches=True)
    assert env["GOMODCACHE"] == "/modules"

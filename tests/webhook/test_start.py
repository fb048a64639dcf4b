"""What a server needs to start, and how it says what is missing."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.webhook import listener
from webhook.hook import AS_SYSTEMD, SECRET, Site, release, signed


def test_without_a_secret_it_does_not_start(site: Site) -> None:
    for secret in (None, "", " \n"):
        code, message = site.refused(secret=secret)
        assert (code, message.count("error:")) == (2, 1)
        assert "there is no secret for the webhook" in message
        assert "DOIT_WASM_WEBHOOK_SECRET" in message


def test_the_secret_may_come_from_a_file(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    file.chmod(0o600)
    body = release()
    with site.serving("--secret-file", str(file), secret=None) as hook:
        assert hook.post(body, signed(body, "from a file"))[0] == 202


FILES = {
    "absent": (None, 0o600, "there is no file"),
    "empty": ("\n", 0o600, "is empty"),
    "for everybody": ("x\n", 0o644, "every user can read"),
    "not text": (b"\xff", 0o600, "is not UTF-8"),
}


@pytest.mark.parametrize(("content", "mode", "text"), FILES.values(), ids=FILES.keys())
def test_a_file_that_cannot_hold_the_secret_is_named(
    site: Site, tmp_path: Path, content: str | bytes | None, mode: int, text: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.chmod(mode)
    code, message = site.refused("--secret-file", str(file), secret=None)
    assert (code, message.count("error:")) == (2, 1)
    assert text in message
    assert str(file) in message


def test_two_secrets_are_one_too_many(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    code, message = site.refused("--secret-file", str(tmp_path / "secret"))
    assert code == 2
    assert "both DOIT_WASM_WEBHOOK_SECRET and --secret-file" in message


@pytest.mark.parametrize("address", ["8790", "localhost", "a:b", "::1:80", "127.0.0.1:65536", ""])
def test_what_is_no_address_is_named(site: Site, address: str) -> None:
    code, message = site.refused(f"--listen={address}")
    assert code == 2
    assert f"`{address}` is not an address" in message
    assert SECRET not in message


def test_an_address_in_use_is_named(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, message = site.refused(f"--listen={address}")
    assert code == 1
    assert f"cannot listen on {address}: Address already in use" in message


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named(site: Site, host: str) -> None:
    code, message = site.refused(f"--listen={host}:8790")
    assert (code, message.count("error:")) == (1, 1)
    assert f"cannot listen on {host}:8790: " in message


def test_ipv6_addresses_have_brackets() -> None:
    try:
        listening = listener.listen("[::1]:0")
    except PipelineError:
        pytest.skip("no IPv6 loopback")
    with listening:
        assert re.fullmatch(r"http://\[::1\]:\d+/webhook", listener.url(listening, "/webhook"))


def test_systemd_must_pass_one_socket_of_tcp(site: Site, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as passed:
        passed.bind(str(tmp_path / "s"))
        passed.listen()
        done = subprocess.run(
            [sys.executable, "-c", AS_SYSTEMD, str(passed.fileno()), *site.command()],
            cwd=site.root, env=site.environment(), text=True, capture_output=True, timeout=30,
            pass_fds=[passed.fileno()], check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "systemd passes a socket that is not TCP" in done.stderr


def test_a_project_that_watches_nothing_is_named(site: Site, tmp_path: Path) -> None:
    code, message = site.refused(f"--checksums={tmp_path}")
    assert code == 2
    assert f"{tmp_path}/tools.toml names no repository" in message


def test_tasks_without_run_are_refused(site: Site) -> None:
    code, message = site.refused("releases")
    assert code == 2
    assert "add --run" in message


def test_without_waitress_the_package_to_install_is_named(site: Site, tmp_path: Path) -> None:
    (tmp_path / "waitress.py").write_text("raise ImportError('no waitress')")
    env = site.environment()
    env["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{env['PYTHONPATH']}"
    done = subprocess.run(
        [sys.executable, *site.command("--listen=127.0.0.1:0")[1:]],
        cwd=site.root, env=env, text=True, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "pip install 'doit-wasm[webhook]'" in done.stderr


def test_the_secret_reaches_no_other_process(site: Site) -> None:
    with site.serving() as hook:
        assert hook.deliver()[0] == 202
        words = Path(f"/proc/{hook.process.pid}/cmdline")
        assert not words.exists() or SECRET.encode() not in words.read_bytes()

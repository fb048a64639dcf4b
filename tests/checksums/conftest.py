"""The updater with servers of its own, and programs of others that read what we write."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from checksums.flow import Flow, make_flow
from conftest import STORE
from pipeline.testing.github import FakeGitHub, Release, Repository
from pipeline.testing.github.listener import Listener
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
from updater.harness import Updater, assets
from workshop import REPOSITORY

TOOLS = Path(__file__).parent / "tools"


@pytest.fixture(scope="session")
def program() -> Callable[[str], Path]:
    """Give a program of tests/checksums/tools, which is kept in the store of the machine."""

    def found(name: str) -> Path:
        if "npm" in TOOLS.joinpath(f"{name}.toml").read_text() and not shutil.which("npm"):
            pytest.skip("npm is not here")
        return (
            Installer(ToolFiles((TOOLS,)), store=Store(Path(STORE))).install(name).executables[name]
        )

    return found


@pytest.fixture
def updater(built: Path, fake_github: FakeGitHub, tmp_path: Path) -> Updater:
    """Give the updater a copy of our checksums, and servers that have nothing yet."""
    checksums = tmp_path / "work" / "checksums"
    shutil.copytree(REPOSITORY / "checksums", checksums)
    return Updater(built=built, checksums=checksums, home=tmp_path / "home", github=fake_github)


@pytest.fixture
def repository(updater: Updater) -> Repository:
    """Give the repository of wac, without releases."""
    return updater.github.add_repository("bytecodealliance/wac")


@pytest.fixture
def release(repository: Repository) -> Release:
    """Give release 0.12.0 of wac with all of its assets."""
    return repository.add_release("v0.12.0", assets=assets(), published_at="2026-11-20T12:00:00Z")


@pytest.fixture
def flow(
    built: Path, fake_github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Flow:
    """Give a project that keeps the checksums of three tools; all is recorded that there is."""
    nothing = tmp_path / "work/checksums"
    made = make_flow(Updater(built, nothing, tmp_path / "home", fake_github), tmp_path)
    accept = Listener.get_request

    def counted(self: Listener) -> tuple[socket.socket, object]:
        connection, address = accept(self)
        made.connections.append(address)
        return connection, address

    monkeypatch.setattr(Listener, "get_request", counted)
    return made

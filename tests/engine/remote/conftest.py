import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import STORE
from engine.compiler import compiled, project_at, runs
from engine.remote.faulty import Faulty, faulty
from engine.remote.servers import bazel_remote, casd, nginx
from pinned import NotInstalledError, PinnedTools
from pipeline.testing.project import Project, Run
from pipeline.toolchain.platform import current

TREE = (
    'echo ran-tree >> "$MARKS"; mkdir -p t/bin t/empty; echo hello > t/bin/x; chmod 755 t/bin/x; '
    "ln -s bin/x t/link; ln -s bin t/dir; : > t/nothing; head -c 100000 /dev/zero > t/zeros"
)
MADE = f'argv=["sh", "-c", {TREE!r}], outputs=[Out("t")]'
STEPS = (
    compiled("one", "in.txt", "out/one.txt"),
    compiled("two", "out/one.txt", "out/two.txt"),
    f'step("tree", doc="d", {MADE}, env={{"MARKS": MARKS}})',
)


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a cache, each with a clone and a home of their own.

    Attributes:
        root: Where their clones are.
        address: The cache.
        zstd: Whether it knows zstd.
    """

    root: Path
    address: str
    zstd: bool = False

    def clone(self, name: str, *steps: str, config: str = "", **env: str) -> Project:
        """Make a clone; a step leaves a mark where it really runs."""
        made = project_at(self.root / name, self.root / "marks", *(steps or STEPS))
        made.write("in.txt", "first\n")
        made.write(
            "dodo.py", made.read("dodo.py").replace("doit_config()", f"doit_config({config})")
        )
        # What is not uploaded by then is dropped, and the machine may have other things to do.
        wait = {"DOIT_WASM_REMOTE_WAIT": "30"}
        store = {"DOIT_WASM_STORE": str(self.root / f"store-{name}")}
        address = {"DOIT_WASM_REMOTE_CACHE": self.address} if self.address else {}
        return Project(made.root, {**store, **wait, **address, **env})

    def ran(self) -> list[str]:
        """Return the steps that really ran since the last call, sorted."""
        return sorted(runs(self.root / "marks"))


def built(project: Project, *words: str) -> Run:
    """Build, and check that it went well."""
    run = project.doit(*words)
    assert run.code == 0, run.text
    return run


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Give a function that returns the path of a pinned server, which it installs if needed."""
    env = {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"}
    tools = PinnedTools(tmp_path_factory.mktemp("servers"), env)

    def path(name: str) -> str:
        if name == "buildbox-casd" and current() != "linux_amd64":
            pytest.skip("buildbox-casd is for x86-64 Linux")
        try:
            found: str = tools.stamp(name)["executables"][name]
        except NotInstalledError as error:
            if "apt" in error.run.err:
                pytest.skip("apt, which brings nginx, is not here")
            raise
        return found

    return path


@pytest.fixture(scope="session")
def addresses(
    program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Give a function that returns the address of a real server, which runs until the end."""
    root = tmp_path_factory.mktemp("real")
    with contextlib.ExitStack() as servers:

        @functools.cache
        def address(kind: str) -> str:
            if kind == "nginx":
                return servers.enter_context(nginx(program("nginx"), root / kind))
            if kind == "casd":
                return servers.enter_context(casd(program("buildbox-casd"), root / kind))
            started = bazel_remote(program("bazel-remote"), root / kind)
            http, grpc = servers.enter_context(started)
            port = {"http": http, "grpc": grpc}[kind]
            return f"{kind}://127.0.0.1:{port}"

        yield address


@pytest.fixture(params=["http", "grpc", "nginx", "casd"])
def team(request: pytest.FixtureRequest, addresses: Callable[[str], str], tmp_path: Path) -> Team:
    """Give a team with a real server: bazel-remote over HTTP or gRPC, nginx, or buildbox-casd."""
    zstd = request.param in {"http", "grpc"}
    return Team(tmp_path, addresses(request.param), zstd)


@pytest.fixture
def pair(addresses: Callable[[str], str], tmp_path: Path) -> Team:
    """Give a team with a real server, for what does not depend on the protocol."""
    return Team(tmp_path, addresses("http"))


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty() as state:
        yield state


@pytest.fixture
def victims(server: Faulty, tmp_path: Path) -> Team:
    """Give a team whose server does what the test wants."""
    return Team(tmp_path, server.address)

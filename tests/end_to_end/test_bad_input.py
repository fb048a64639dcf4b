"""What a user reads when the project, a tool's file or the machine is not as it should be."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.testing.project import Project, Run

NO_NETWORK = dict.fromkeys(
    ["PIP_INDEX_URL", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"],
    "http://127.0.0.1:9",
)


@contextmanager
def edited(project: Project, name: str, old: str, new: str) -> Iterator[None]:
    """Have a file of the project changed for a while."""
    before = project.read(name)
    assert old in before
    project.write(name, before.replace(old, new))
    try:
        yield
    finally:
        project.write(name, before)


def refused(run: Run, *words: str) -> None:
    """Assert that a run failed, said all that, and showed no traceback."""
    assert run.code in (1, 2, 3), run.text
    for word in words:
        assert word in run.text
    assert "Traceback" not in run.text


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


COMPILERS = {
    "go": (
        "downloader",
        ("components/downloader/main.go", "package main", "package main\nfunc broken( {"),
        ["main.go:", "expected"],
    ),
    "rust": (
        "cli",
        ("components/cli/src/main.rs", "fn main()", "fn broken( {}\nfn main()"),
        ["main.rs:", "error"],
    ),
}


@pytest.mark.parametrize(("name", "edit", "words"), COMPILERS.values(), ids=COMPILERS.keys())
def test_code_that_does_not_compile_shows_the_compilers_message_and_keeps_the_old_output(
    workshop: Project, name: str, edit: tuple[str, str, str], words: list[str]
) -> None:
    component = workshop.root / f"build/component/{name}.wasm"
    before = digest(component)
    with edited(workshop, *edit):
        run = workshop.doit("demo")
    assert run.code == 1
    refused(run, f"component:{name}", *words)
    assert digest(component) == before
    assert workshop.doit("demo").executed in ([], [f"component:{name}"])


def test_a_part_that_is_not_passed_on_is_an_error_that_names_the_interface(
    workshop: Project,
) -> None:
    with edited(workshop, "components/updater.wac", "...downloader, ...", "..."):
        run = workshop.doit("check:updater")
    refused(run, "check:updater", "doit-wasm:updater/releases@0.1.0", ".wac")
    assert workshop.doit("demo").code == 0


def test_an_unknown_component_is_named(workshop: Project) -> None:
    refused(workshop.doit("component:nope"), "component:nope", "list")


def test_an_unknown_part_of_a_composition_is_named(workshop: Project) -> None:
    with edited(workshop, "dodo.py", '"downloader", "cli"]', '"downloader", "clii"]'):
        run = workshop.doit("wac:updater")
    refused(run, "clii", "cli", "updater.wac")
    assert not [task for task in run.executed if task.startswith("component:")]
    assert workshop.doit("wac:updater").code == 0


def test_a_directory_without_a_module_is_named(workshop: Project) -> None:
    with edited(workshop, "dodo.py", 'path="components/hello-go"', 'path="components/hello"'):
        refused(workshop.doit("list"), "components/hello is no Go module", "go.mod")


TOML = "toolchains/wasm-tools.toml"
WRONG_PINS = {
    "type": (TOML, "executables = [", "executables = 7 #", [TOML, "executables"]),
    "hash": (
        TOML,
        "4d488dc7843c538c802d7efebfc9dc39af607126e09e1dd32bc470307b716e1c",
        "0" * 64,
        ["cannot install wasm-tools", f"none with SHA-256 {'0' * 64}"],
    ),
}


@pytest.mark.parametrize(
    ("name", "old", "new", "words"), WRONG_PINS.values(), ids=WRONG_PINS.keys()
)
def test_a_wrong_pin_is_refused_and_nothing_is_kept(
    workshop: Project, tmp_path: Path, name: str, old: str, new: str, words: list[str]
) -> None:
    store = tmp_path / "empty"
    with edited(workshop, name, old, new):
        alone = Project(workshop.root, {**workshop.env, "DOIT_WASM_STORE": str(store)})
        refused(alone.doit("toolchain:wasm-tools"), *words)
    assert not list(store.glob("tools/*"))


def test_without_network_and_with_an_empty_store_it_says_what_was_tried(
    workshop: Project, tmp_path: Path
) -> None:
    env = {**workshop.env, **NO_NETWORK, "DOIT_WASM_STORE": str(tmp_path / "empty")}
    run = Project(workshop.root, env).doit("toolchain:wasm-tools")
    refused(run, "cannot install wasm-tools", "GitHub", "PyPI", "help:")


def test_a_store_that_cannot_be_written_is_named_with_the_variable_that_moves_it(
    workshop: Project, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    store = tmp_path / "file" / "store"
    alone = Project(workshop.root, {**workshop.env, "DOIT_WASM_STORE": str(store)})
    refused(alone.doit("toolchain:wasm-tools"), str(store), "DOIT_WASM_STORE")

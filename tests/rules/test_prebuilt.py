"""Components that somebody else has built are parts like all others."""

import functools
import hashlib
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from rules.dummies import dummies

RUN = "package wasi:cli@0.2.0;\ninterface run { run: func() -> result; }\n"
WORLDS = {
    "cli": f"import log: func();\nexport wasi:cli/run@0.2.0;\n--\n{RUN}",
    "log": "export log: func();\n",
}
APP = '\nyield from compose("app", socket="cli", plugs=["given"])\nyield from check("app")'


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Give a directory and the URL of a server of it."""
    root = tmp_path / "served"
    root.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield root, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def built(project: Project, *names: str) -> Path:
    """Return the components of WORLDS, built."""
    dummies(project, WORLDS, "")
    run = project.doit(*(f"component:{name}" for name in names))
    assert run.code == 0, run.text
    return project.root / "build/component"


def with_env(project: Project, **env: str) -> Project:
    return replace(project, env={**project.env, **env})


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_of_the_project_is_a_part(project: Project) -> None:
    shutil.copy(built(project, "log") / "log.wasm", project.root / "given.wasm")
    dummies(project, WORLDS, f'yield from prebuilt_component("given", file="given.wasm"){APP}')
    run = project.doit()
    assert run.code == 0, run.text
    assert project.doit().executed == []


def test_a_step_may_make_the_file(project: Project) -> None:
    rule = 'yield from prebuilt_component("given", file="build/component/log.wasm")'
    dummies(project, WORLDS, f"{rule}{APP}")
    run = project.doit()
    assert run.code == 0, run.text


def test_a_url_is_fetched_once_and_a_part(project: Project, served: tuple[Path, str]) -> None:
    root, url = served
    file = shutil.copy(built(project, "log") / "log.wasm", root / "given.wasm")
    pin = f'url="{url}/given.wasm", sha256="{sha256(file)}"'
    dummies(project, WORLDS, f'yield from prebuilt_component("given", {pin}){APP}')
    run = project.doit()
    assert run.code == 0, run.text
    file.unlink()
    assert project.doit().executed == []


def test_a_mirror_and_vendored_files_serve_it(project: Project, served: tuple[Path, str]) -> None:
    root, url = served
    log = built(project, "log") / "log.wasm"
    pin = f'url="http://nowhere.invalid/given.wasm", sha256="{sha256(log)}"'
    dummies(project, WORLDS, f'yield from prebuilt_component("given", {pin})')
    offline = with_env(project, DOIT_WASM_OFFLINE="1").doit("component:given")
    assert offline.code != 0
    assert "given.wasm" in offline.text
    (root / "sha256").mkdir()
    shutil.copy(log, root / "sha256" / sha256(log))
    run = with_env(project, DOIT_WASM_MIRRORS=url).doit("component:given")
    assert run.code == 0, run.text
    (project.root / "build/component/given.wasm").unlink()
    vendored = with_env(project, DOIT_WASM_VENDOR=str(root), DOIT_WASM_OFFLINE="1")
    run = vendored.doit("component:given")
    assert run.code == 0, run.text


def test_bytes_that_differ_from_the_pin_are_refused(
    project: Project, served: tuple[Path, str]
) -> None:
    root, url = served
    file = shutil.copy(built(project, "log") / "log.wasm", root / "given.wasm")
    for source in (f'url="{url}/given.wasm"', 'file="build/component/log.wasm"'):
        body = f'yield from prebuilt_component("given", {source}, sha256="{"0" * 64}")'
        dummies(project, WORLDS, body)
        run = project.doit("component:given")
        assert run.code != 0
        assert "0" * 64 in run.text
        assert sha256(file) in run.text
        assert not (project.root / "build/component/given.wasm").exists()


NOT_ONE: Mapping[str, tuple[bytes, list[str]]] = {
    "a core module": (b"\0asm\x01\0\0\0", ["given.wasm is not a component: it is a core module"]),
    "text": (b"(component)", ["is not a component", "not WebAssembly in the binary format"]),
    "an empty file": (b"", ["is not a component"]),
    "half a component": (b"\0asm\x0d\0\x01\0\x07\xff", ["is no valid component"]),
}


@pytest.mark.parametrize(("content", "words"), NOT_ONE.values(), ids=NOT_ONE.keys())
def test_what_is_no_component_is_refused(
    project: Project, content: bytes, words: list[str]
) -> None:
    (project.root / "given.wasm").write_bytes(content)
    dummies(project, {}, 'yield from prebuilt_component("given", file="given.wasm")')
    run = project.doit("component:given")
    assert run.code != 0
    for word in words:
        assert word in run.text, run.text
    assert "Traceback" not in run.text


def test_a_wit_package_is_no_component(project: Project) -> None:
    project.write("w.wit", "package my:w;\nworld w { }\n")
    body = 'yield step("pack", doc="Pack", argv=[Tool("wasm-tools"), "component", "wit", "--wasm", '
    body += 'In("w.wit"), "-o", Out("w.wasm")])\n'
    dummies(project, {}, body)
    assert project.doit("pack").code == 0
    dummies(project, {}, 'yield from prebuilt_component("given", file="w.wasm")')
    run = project.doit("component:given")
    assert run.code != 0
    assert "w.wasm is not a component: it is a WIT package" in run.text


WRONG: Mapping[str, tuple[str, list[str]]] = {
    "no source": ("", ["needs a file or a URL"]),
    "two sources": ('file="a.wasm", url="https://a.test/a.wasm"', ["and not both"]),
    "no such file": ('file="a.wasm"', ["needs a.wasm: it does not exist"]),
    "a directory": ('file="wit"', ["needs wit: it is no file"]),
    "no pin": ('url="https://a.test/a.wasm"', ["sha256 is missing", "sha256sum FILE"]),
    "no hash": ('url="https://a.test/a.wasm", sha256="ABC"', ["sha256 is no hash", "'ABC'"]),
    "no URL": ('url="a.wasm"', ["a.wasm is no URL"]),
    "a URL with a password": ('url="https://u:hunter2@a.test/x"', ["a.test/x is no URL"]),
    "a URL of a file": ('url="file:///etc/passwd"', ["is no URL"]),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_declaration_is_named(project: Project, arguments: str, words: list[str]) -> None:
    project.write("wit/x.wit", "")
    dummies(project, {}, f'yield from prebuilt_component("given", {arguments})')
    run = project.doit("component:given")
    assert run.code != 0
    for word in words:
        assert word in run.text, run.text
    assert "Traceback" not in run.text
    assert "hunter2" not in run.text

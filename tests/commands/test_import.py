"""`doit-wasm import`: a project that builds from the WIT of a component."""

import ast
import subprocess
from pathlib import Path

import pytest

from commands.scaffolding import command, snapshot
from conftest import STORE
from pipeline import process
from pipeline.scaffold.templates import LANGUAGES
from pipeline.testing.project import Project
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles

STRUCTURED = """package acme:db@1.2.3;
interface types {
  record row { key: string, value: list<u8> }
  variant error { missing, broken(string) }
}
interface store {
  use types.{row, error};
  flags mode { read, write }
  resource cursor {
    constructor(start: string);
    next: func() -> option<row>;
    close: static func(c: cursor) -> result;
  }
  open: func(name: string, mode: mode) -> result<u64, error>;
  put: func(rows: list<row>, both: tuple<u8, char>, one: tuple<u8>) -> result<_, error>;
  forget: func();
}
interface logs { log: func(text: string); }
world app {
  import logs;
  export store;
  export version: func() -> string;
  export tell: func(%from: string);
}
"""
PLAIN = """package acme:text@0.1.0;
interface word-tools {
  record count { word: string, times: u32 }
  count-words: func(text: string, %from: u32) -> result<list<count>, string>;
  delete: func(new: string);
}
world app { export word-tools; export is-ready: func() -> bool; export delete: func(); }
"""
SAMPLES = dict.fromkeys(LANGUAGES, STRUCTURED) | {"python": PLAIN, "js": PLAIN}
EXPORTED = {
    STRUCTURED: ["version", "tell", "acme:db@1.2.3: store"],
    PLAIN: ["delete", "is-ready", "acme:text@0.1.0: word-tools"],
}


@pytest.fixture(autouse=True)
def real_store(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    monkeypatch.setenv("DOIT_WASM_CACHE_BYTES", "0")


@pytest.fixture
def wasm_tools(real_store: None) -> Path:
    return Installer(ToolFiles.of_project(None)).install("wasm-tools").executables["wasm-tools"]


def component(wasm_tools: Path, wit: str, to: Path) -> Path:
    """Write a component of a world; each function traps."""
    (to.parent / "world.wit").write_text(wit)
    core = to.with_suffix(".core")
    for words in (
        ["embed", "--dummy", to.parent / "world.wit", "-o", core],
        ["new", core, "-o", to],
    ):
        process.run([wasm_tools, "component", *words])
    core.unlink()
    (to.parent / "world.wit").unlink()
    return to


def imported(cwd: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    return command(cwd, "import", *words, before=before)


@pytest.mark.registry
@pytest.mark.parametrize(
    "language",
    [
        # CPython takes half a minute.
        pytest.param(each, marks=[pytest.mark.soak] if each == "python" else [])
        for each in LANGUAGES
    ],
)
def test_a_project_exports_what_the_component_does(
    tmp_path: Path, wasm_tools: Path, language: str
) -> None:
    wit = SAMPLES[language]
    component(wasm_tools, wit, tmp_path / "My_App.wasm")
    run = imported(tmp_path, "My_App.wasm", f"--{language}")
    assert (run.returncode, run.stderr) == (0, "")
    project = Project(tmp_path / "my-app", {})
    built = project.doit()
    assert built.code == 0, built.text
    for name in EXPORTED[wit]:
        assert name in built.text
    assert ("acme:db/logs@1.2.3" in project.read("dodo.py")) == (wit == STRUCTURED)
    assert project.doit().executed == []
    assert len(project.read("dodo.py").splitlines()) <= 10


def test_python_has_a_method_for_each_function(tmp_path: Path, wasm_tools: Path) -> None:
    component(wasm_tools, PLAIN, tmp_path / "text.wasm")
    assert imported(tmp_path, "text.wasm", "words", "--python").returncode == 0
    tree = ast.parse((tmp_path / "words/words/app.py").read_text())
    classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
    methods = {
        name: {
            each.name: [arg.arg for arg in each.args.args]
            for each in found.body
            if isinstance(each, ast.FunctionDef)
        }
        for name, found in classes.items()
    }
    assert methods == {
        "WordTools": {"count_words": ["self", "text", "from_"], "delete": ["self", "new"]},
        "WitWorld": {"is_ready": ["self"], "delete": ["self"]},
    }


def test_javascript_exports_each_function(tmp_path: Path, wasm_tools: Path) -> None:
    component(wasm_tools, PLAIN, tmp_path / "text.wasm")
    assert imported(tmp_path, "text.wasm", "words", "--js").returncode == 0
    code = (tmp_path / "words/words/app.js").read_text()
    assert "export const wordTools = {\n  countWords(text, from) {\n" in code
    assert "  delete(new_) {\n" in code
    assert "export function isReady() {\n" in code
    assert "export { delete_ as delete };\n" in code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dry_run_names_what_a_run_writes(tmp_path: Path, wasm_tools: Path, language: str) -> None:
    component(wasm_tools, PLAIN, tmp_path / "text.wasm")
    dry = imported(tmp_path, "text.wasm", "words", f"--{language}", "--dry-run")
    assert list(snapshot(tmp_path)) == ["text.wasm"]
    wet = imported(tmp_path, "text.wasm", "words", f"--{language}")
    assert (dry.returncode, wet.returncode) == (0, 0), dry.stderr + wet.stderr
    assert wet.stdout.startswith(dry.stdout.replace("would write", "wrote"))
    written = {name for name, text in snapshot(tmp_path / "words").items() if text is not None}
    assert {f"wrote words/{name}" for name in written} <= set(wet.stdout.splitlines())
    assert "words/wit/component.wit" in written


NOT_COMPONENTS = {
    "a core module": ("(module)", "x.wasm is not a component: it is a core module"),
    "an imported module": ('(component (import "m" (core module)))', "imports the core module `m`"),
    "an imported component": ('(component (import "c" (component)))', "imports the component `c`"),
    "an exported module": (
        '(component (core module $m) (export "m" (core module $m)))',
        "exports the core module `m`, which WIT cannot describe",
    ),
    "an interface without a package": (
        '(component (import "log" (instance (export "f" (func)))))',
        "imports the interface `log`, which is in no package",
    ),
    "nothing": ("(component)", "exports nothing that could be implemented"),
    "an async function": (
        '(component (import "f" (func async)))',
        "imports the async function `f`",
    ),
}


@pytest.mark.parametrize(("text", "why"), NOT_COMPONENTS.values(), ids=NOT_COMPONENTS)
def test_what_wit_cannot_describe_is_named(
    tmp_path: Path, wasm_tools: Path, text: str, why: str
) -> None:
    (tmp_path / "x.wat").write_text(text)
    process.run([wasm_tools, "parse", tmp_path / "x.wat", "-o", tmp_path / "x.wasm"])
    require_refused(tmp_path, why, "x.wasm", "new-x", "--rust")


def require_refused(root: Path, why: str, *words: str) -> None:
    before = snapshot(root)
    run = imported(root, *words)
    assert run.returncode in (1, 2), run.stdout
    assert run.stderr.startswith("error: ")
    assert run.stderr.count("error: ") <= 2  # ours, and that of wasm-tools after it
    assert why in run.stderr
    assert "WARN" not in run.stderr
    assert "Traceback" not in run.stderr
    assert snapshot(root) == before


def test_a_truncated_file_is_named(tmp_path: Path, wasm_tools: Path) -> None:
    whole = component(wasm_tools, PLAIN, tmp_path / "x.wasm").read_bytes()
    for size in (0, 3, 8, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.wasm").write_bytes(whole[:size])
        none = "not WebAssembly"
        why = {0: none, 3: none, 8: "exports nothing"}.get(size, "no valid")
        require_refused(tmp_path, why, "x.wasm", "new-x", "--go")


WRONG = {
    "no such file": (["nope.wasm", "--rust"], "nope.wasm cannot be read: there is no such file"),
    "a directory": (["dir", "--rust"], "dir cannot be read: it is no regular file"),
    "a text": (["text.txt", "--rust"], "text.txt is not a component: it is not WebAssembly"),
    "no language": (["text.txt"], "takes one file, a directory and one language"),
    "nothing": ([], "it got nothing"),
    "a full directory": (["begun.wasm", "dir", "--rust"], "dir is not empty"),
    "a core module, whatever its name": (
        ["core.wasm", "--rust"],
        "core.wasm is not a component: it is",
    ),
    "a name": (["begun.wasm", "3d", "--rust"], "a word of it begins with a digit"),
}


@pytest.mark.parametrize(("words", "why"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_imported_is_one_error(tmp_path: Path, words: list[str], why: str) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/mine").write_text("mine")
    (tmp_path / "text.txt").write_text("hello, this is not a component")
    (tmp_path / "begun.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
    (tmp_path / "core.wasm").write_bytes(b"\0asm\x01\0\0\0")
    require_refused(tmp_path, why, *words)


@pytest.mark.parametrize("language", ["python", "js"])
def test_a_language_without_stubs_for_a_part_of_the_world_names_it(
    tmp_path: Path, wasm_tools: Path, language: str
) -> None:
    component(wasm_tools, STRUCTURED, tmp_path / "x.wasm")
    why = "acme:db/store@1.2.3 has the resource cursor\n  help: choose one of: --rust, --go, --c"
    require_refused(tmp_path, why, "x.wasm", "new-x", f"--{language}")


def test_without_the_tools_and_a_network_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path / "empty"))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    run = imported(tmp_path, "x.wasm", "new-x", "--rust")
    assert run.returncode == 1
    assert "wasm-tools" in run.stderr
    assert "DOIT_WASM_OFFLINE" in run.stderr
    assert not (tmp_path / "new-x").exists()

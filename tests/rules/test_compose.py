"""A .wac file is read by wac, and a composition may import what its host has."""

import shutil
from collections.abc import Mapping

import pytest

from pipeline.testing.project import Project
from workshop import REPOSITORY

DODO = """
from pipeline import In, Out, Tool, check, compose, doit_config, step, toolchains
DOIT_CONFIG = doit_config(default_tasks=["check:app"])
def part(name):
    core = f"build/core/{{name}}.wasm"
    dummy = ("component", "embed", "--dummy", "--world", name)
    made = Out(f"build/component/{{name}}.wasm")
    yield step(f"core:{{name}}", doc="Embed",
        argv=[Tool("wasm-tools"), *dummy, In(f"wit/{{name}}"), "-o", Out(core)])
    yield step(f"component:{{name}}", doc="Componentize",
        argv=[Tool("wasm-tools"), "component", "new", In(core), "-o", made])
def task_all():
    yield from toolchains("toolchains")
    yield from part("mid")
    yield from part("back")
    yield from compose("app", wac="app.wac"{compose})
    yield from check("app"{check})
"""
STORE = "interface store { get: func(k: string) -> string; }\n"
RUN = "package wasi:cli@0.2.0;\ninterface run { run: func() -> result; }\n"
WIT = {
    "wit/mid/w.wit": f"package my:mid@0.1.0;\n{STORE}"
    "world mid { import store; import host:kv/keys@2.0.0; import log: func(t: string); "
    "export wasi:cli/run@0.2.0; }\n",
    "wit/mid/deps/cli.wit": RUN,
    "wit/mid/deps/kv.wit": "package host:kv@2.0.0;\ninterface keys { set: func(); }\n",
    "wit/back/w.wit": "package my:back@0.1.0;\nworld back { export my:mid/store@0.1.0; }\n",
    "wit/back/deps/mid.wit": f"package my:mid@0.1.0;\n{STORE}",
    "wit/target/w.wit": "package my:target@0.1.0;\n"
    "world app { import host:kv/keys@2.0.0; import log: func(t: string); "
    "export wasi:cli/run@0.2.0; }\n",
    "wit/target/deps/cli.wit": RUN,
    "wit/target/deps/kv.wit": "package host:kv@2.0.0;\ninterface keys { set: func(); }\n",
}
BOTH = ', parts=["mid", "back"]'
HOST = ', allow=["host:kv", "log"]'
BODY = "let mid = new my:mid { store: back.store, ... };\nexport mid...;\n"


@pytest.fixture
def parts(project: Project) -> Project:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    for name, text in WIT.items():
        project.write(name, text)
    return project


TEXTS: Mapping[str, tuple[str, str]] = {
    "comments": (
        "package my:app;\n// let x = new my:x { ... };\n/* new my:y /* new my:w */ { */\n"
        "/// Makes a new my:z.\nlet back = new my:back { ... };\n" + BODY,
        BOTH,
    ),
    "a byte order mark and the line ends of Windows": (
        "\ufeffpackage my:app;\r\nlet back = new my:back { ... };\r\n" + BODY.replace("\n", "\r\n"),
        BOTH,
    ),
    "versions": (
        "package my:app@1.0.0;\nlet back = new my:back@0.1.0 { ... };\n"
        + BODY.replace("my:mid", "my:mid@0.1.0"),
        BOTH,
    ),
    "two instances, one in brackets": (
        "package my:app;\nlet back = new my:back { ... };\n" + BODY
        + "export (new my:back@0.1.0 { ... }).store as front;\n",
        BOTH,
    ),
    "two namespaces": (
        "package my:app;\nlet back = new\none:back {...};\n" + BODY.replace("new my", "new two"),
        BOTH,
    ),
    "packages that are called otherwise": (
        "package my:app;\nlet back = new redis:client { ... };\n" + BODY,
        ', parts={"redis:client": "back", "my:mid": "mid"}',
    ),
    "a world that it targets": (
        "package my:app targets my:target/app@0.1.0;\nlet back = new my:back { ... };\n" + BODY,
        BOTH + ', wit=["wit/target"]',
    ),
    "a world without version": (
        "package my:app targets my:target/app;\nlet back = new my:back { ... };\n" + BODY,
        BOTH + ', wit=["wit/target"]',
    ),
    "an interface that it imports": (
        "package my:app;\nimport k: host:kv/keys@2.0.0;\nlet back = new my:back {...};\n"
        + BODY.replace("back.store,", "back.store, keys: k,"),
        BOTH + ', wit=["wit/target"]',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wac", "arguments"), TEXTS.values(), ids=TEXTS.keys())
def test_it_composes_what_wac_understands(parts: Project, wac: str, arguments: str) -> None:
    parts.write("app.wac", wac)
    parts.write("dodo.py", DODO.format(compose=arguments, check=HOST))
    run = parts.doit()
    assert run.code == 0, run.text


REFUSED: Mapping[str, tuple[str, str, list[str]]] = {
    "a world of no package": (
        TEXTS["a world that it targets"][0],
        BOTH,
        ["my:target/app@0.1.0, which is no part", "`wit` of compose()"],
    ),
    "a world of another version": (
        TEXTS["a world that it targets"][0].replace("app@0.1.0", "app@0.2.0"),
        BOTH + ', wit=["wit/target"]',
        ["my:target/app@0.2.0", "my:target@0.1.0"],
    ),
    "a world that it does not fit": (
        "package my:app targets my:target/app@0.1.0;\nexport new my:back { ... }...;\n",
        ', parts=["back"], wit=["wit/target"]',
        ["requires an export named `wasi:cli/run@0.2.0`", "app.wac:1"],
    ),
    "an error of syntax": ("package my:app;\nlett x;\n", ", parts=[]", ["app.wac:2:1", "`let`"]),
    "other parts": (TEXTS["comments"][0], ', parts=["mid", "bakc"]', ["bakc", "back", "app.wac"]),
}  # fmt: skip


@pytest.mark.parametrize(("wac", "arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_named(
    parts: Project, wac: str, arguments: str, words: list[str]
) -> None:
    parts.write("app.wac", wac)
    parts.write("dodo.py", DODO.format(compose=arguments, check=HOST))
    run = parts.doit("compose:app")
    assert run.code != 0
    for word in words:
        assert word in run.text
    assert "Traceback" not in run.text
    assert "backtrace" not in run.text


ALLOWED: Mapping[str, tuple[str, list[str]]] = {
    "packages": (', allow=["host:kv", "log"]', []),
    "interfaces": (', allow=["host:kv/keys", "log"]', []),
    "versions": (', allow=["host:kv/keys@2.0.0", "log"], exports=["wasi:cli/run@0.2.0"]', []),
    "a package with version": (', allow=["host:kv@2.0.0", "log"]', []),
    "not all": (', allow=["host:kv"]', ["still imports log:", "`allow` of check()"]),
    "another version": (', allow=["host:kv@1.0.0", "log"]', ["imports host:kv/keys@2.0.0:"]),
    "half a name": (', allow=["host:k", "log"]', ["imports host:kv/keys@2.0.0:"]),
    "no such export": (HOST + ', exports=["x:y/z"]', ["not export x:y/z", "wasi:cli/run@0.2.0"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), ALLOWED.values(), ids=ALLOWED.keys())
def test_a_host_may_have_more_than_wasi(parts: Project, arguments: str, words: list[str]) -> None:
    parts.write("app.wac", TEXTS["comments"][0])
    parts.write("dodo.py", DODO.format(compose=BOTH, check=arguments))
    run = parts.doit()
    assert (run.code != 0) == bool(words), run.text
    for word in words:
        assert word in run.text

"""What a component or a composition may import, must export and may cost."""

import json
from collections.abc import Mapping

import pytest

from pipeline.testing.project import Project
from rules.dummies import dummies
from workshop import REPOSITORY

HTTP = (
    "package wasi:http@0.2.0;\ninterface types { resource fields { } }\n"
    "interface outgoing-handler { use types.{fields}; handle: func(f: fields); }\n"
)
CLOCKS = "package wasi:clocks@0.2.0;\ninterface wall-clock { now: func() -> u64; }\n"
RUN = "package wasi:cli@0.2.0;\ninterface run { run: func() -> result; }\n"
KV = (
    "package my:kv@0.1.2;\ninterface types { record item { k: string } }\n"
    "interface store { use types.{item}; get: func() -> item; }\n"
)
WORLDS = {
    "cli": "import wasi:http/outgoing-handler@0.2.0;\nimport wasi:clocks/wall-clock@0.2.0;\n"
    f"export wasi:cli/run@0.2.0;\n--\n{HTTP}--\n{CLOCKS}--\n{RUN}",
    "inbound": f"import wasi:http/types@0.2.0;\nexport serve: func();\n--\n{HTTP}",
    "kv": f"export my:kv/store@0.1.2;\n--\n{KV}",
}
WIT = {
    "world/app.wit": "package my:app@1.2.0;\nworld app { import my:kv/types@0.1.0; "
    "export my:kv/store@0.1.0; }\nworld wider { export my:kv/store@0.1.0; export more: func(); }\n",
    "world/deps/kv.wit": KV.replace("0.1.2", "0.1.0"),
    "released/app.wit": "package my:app@1.1.0;\nworld app { import my:kv/types@0.1.0; "
    "export my:kv/store@0.1.0; }\n",
    "released/deps/kv.wit": KV.replace("0.1.2", "0.1.0"),
}


def check(project: Project, name: str, arguments: str) -> None:
    for place, text in WIT.items():
        project.write(place, text)
    dummies(project, WORLDS, f'yield from check("{name}"{arguments})')


FINE: Mapping[str, tuple[str, str, list[str]]] = {
    "of WASI": ("cli", "", ["cli.wasm: valid, 3 imports, all of WASI"]),
    "a part": (
        "kv", ', exports=["my:kv/store"]',
        ["1 imports, all of WASI or of types alone", "my:kv@0.1.2: store", "my:kv@0.1.2: types"],
    ),
    "a package of WASI alone": (
        "cli", ', imports=["wasi:clocks", "wasi:http@0.2.0"]', ["imports only wasi:clocks"],
    ),
    "no network for who answers only": (
        "inbound", ', exports=["serve"], forbid=["network"]', ["nothing of its surroundings"],
    ),
    "what it can use": ("cli", ', forbid=["filesystem"]', ["can use  clocks, network"]),
    "a size": ("kv", ", exports=[], max_bytes=9999", [" bytes, of 9,999"]),
    "a world, in a compatible version": (
        "kv", ', wit="world", world="app"', ["my:app/app@1.2.0"],
    ),
    "a world of a later minor version": (
        "kv", ', wit="world", world="app", released="released"', ["1.2.0 is compatible with 1.1.0"],
    ),
    "a world that is released": (
        "kv", ', wit="released", released="released"', ["1.1.0 is as it was released"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "words"), FINE.values(), ids=FINE.keys())
def test_what_is_right_is_reported(
    project: Project, name: str, arguments: str, words: list[str]
) -> None:
    check(project, name, arguments)
    run = project.doit(f"check:{name}")
    assert run.code == 0, run.text
    for word in words:
        assert word in run.text, run.text


WRONG: Mapping[str, tuple[str, str, list[str]]] = {
    "a package of WASI that is not listed": (
        "cli", ', imports=["wasi:http"]', ["still imports wasi:clocks/wall-clock@0.2.0"],
    ),
    "nothing may be imported": ("cli", ", imports=[]", ["imports only nothing", "still imports"]),
    "the network": (
        "cli", ', forbid=["network"]',
        ["forbidden, network: it imports wasi:http/outgoing-handler@0.2.0", "`forbid`"],
    ),
    "a package": ("cli", ', forbid=["wasi:clocks"]', ["imports wasi:clocks/wall-clock@0.2.0"]),
    "a capability that is none": (
        "cli", ', forbid=["internet"]', ["internet, which is no capability", "filesystem, network"],
    ),
    "an export": ("kv", "", ["does not export wasi:cli/run", "my:kv/store@0.1.2"]),
    "the size": ("kv", ", exports=[], max_bytes=99", ["more than its budget of 99", "max_bytes"]),
    "a world": (
        "kv", ', wit="world", world="wider"',
        ["does not conform to the world my:app/wider@1.2.0", "more"],
    ),
    "a world that there is not": (
        "kv", ', wit="world", world="ap"', ["my:app@1.2.0 has no world ap", "app, wider"],
    ),
    "one world of two": ("kv", ', wit="world"', ["has not just one world", "app, wider"]),
    "a world without WIT": ("kv", ', world="app"', ["names a world but no WIT package"]),
    "a release without WIT": ("kv", ', released="released"', ["no WIT package"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(
    project: Project, name: str, arguments: str, words: list[str]
) -> None:
    check(project, name, arguments)
    run = project.doit(f"check:{name}")
    assert run.code != 0
    for word in words:
        assert word in run.text, run.text
    assert "Traceback" not in run.text


OLD = "import log: func(); export serve: func();"
RELEASES: Mapping[str, tuple[str, str, str]] = {
    "an export more in a minor version": (
        "1.2.0", f"{OLD} export more: func();", "is not compatible with that of my:app@1.1.0",
    ),
    "an import less in a patch": ("1.1.1", "export serve: func();", "missing import named `log`"),
    "a change without another version": ("1.1.0", "export more: func();", "has changed since"),
    "an older version": ("1.0.9", OLD, "my:app@1.0.9 is older than my:app@1.1.0"),
}  # fmt: skip


@pytest.mark.parametrize(("version", "items", "word"), RELEASES.values(), ids=RELEASES.keys())
def test_a_released_world_is_kept_as_its_version_promises(
    project: Project, version: str, items: str, word: str
) -> None:
    project.write("new/app.wit", f"package my:app@{version};\nworld app {{ {items} }}\n")
    project.write("old/app.wit", f"package my:app@1.1.0;\nworld app {{ {OLD} }}\n")
    worlds = {"app": "export serve: func();\nexport more: func();\n"}
    dummies(project, worlds, 'yield from check("app", wit="new", released="old")')
    run = project.doit("check:app")
    assert run.code != 0
    assert word in run.text, run.text


def test_a_major_version_may_break(project: Project) -> None:
    project.write("new/app.wit", "package my:app@2.0.0;\nworld app { export serve: func(); }\n")
    project.write("old/app.wit", "package my:app@1.1.0;\nworld app { export other: func(); }\n")
    worlds = {"app": "export serve: func();\n"}
    dummies(project, worlds, 'yield from check("app", wit="new", released="old")')
    run = project.doit("check:app")
    assert run.code == 0, run.text
    assert "2.0.0 need not be compatible with 1.1.0" in run.text


def test_the_map_is_written_for_machines(project: Project) -> None:
    check(project, "cli", "")
    assert project.doit("check:cli").code == 0
    report = json.loads(project.read("build/check/cli.json"))
    assert report == {
        "bytes": (project.root / "build/component/cli.wasm").stat().st_size,
        "capabilities": ["clocks", "network"],
        "component": "build/component/cli.wasm",
        "exports": {"wasi:cli/run@0.2.0": ["run"]},
        "format": 1,
        "imports": {
            "wasi:clocks/wall-clock@0.2.0": ["now"],
            "wasi:http/outgoing-handler@0.2.0": ["handle"],
            "wasi:http/types@0.2.0": ["fields"],
        },
    }


LOOP = """
(component
  (core module $m
    (func (export "run") (param i32) (result i32)
      (loop $again
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0)))
      i32.const 0)
    (func (export "fail") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "count") (param "n" u32) (result u32) (canon lift (core func $i "run")))
  (func (export "fail") (result u32) (canon lift (core func $i "fail"))))
"""
STEP = 'yield step("component:loop", doc="Parse", argv=[Tool("wasm-tools"), "parse", In("l.wat"), '
STEP += '"-o", Out("build/component/loop.wasm")])\n'
BUDGETS: Mapping[str, tuple[str, list[str]]] = {
    "enough": ('max_fuel=2_000_000, start="count(100000)"', []),
    "too little": (
        'max_fuel=1000, start="count(100000)"',
        ["fuel to start, its budget is 1,000", "max_fuel"],
    ),
    "what traps": ('max_fuel=1000, start="fail()"', ["does not start", "unreachable"]),
    "no such export": ('max_fuel=1000, start="cont(1)"', ["No exported func named `cont`"]),
    "no command": ("max_fuel=1000", ["does not start", "wasi:cli/run", "`start` of check()"]),
    "no budget": ('start="count(1)"', ["has a start", "max_fuel"]),
}


@pytest.mark.parametrize(("arguments", "words"), BUDGETS.values(), ids=BUDGETS.keys())
def test_a_start_has_a_budget(project: Project, arguments: str, words: list[str]) -> None:
    project.write("l.wat", LOOP)
    dummies(project, {}, f'{STEP}yield from check("loop", exports=["count"], {arguments})')
    run = project.doit("check:loop")
    assert (run.code != 0) == bool(words), run.text
    for word in words:
        assert word in run.text, run.text


def test_the_fuel_of_a_start_is_measured(project: Project) -> None:
    """A loop of 100,000 rounds of four instructions; the number is within a percent of the fuel."""
    project.write("l.wat", LOOP)
    body = f'{STEP}yield from check("loop", exports=[], max_fuel=9_000_000, start="count(100000)")'
    dummies(project, {}, body)
    run = project.doit("check:loop")
    assert run.code == 0, run.text
    used = int(run.text.split("  start    ")[1].split(" fuel")[0].replace(",", ""))
    assert 500_000 <= used <= 1_000_000, run.text


def test_the_whole_of_it_is_documented() -> None:
    """Each capability stands in the reference with what it means."""
    from pipeline.steps.capabilities import CAPABILITIES

    text = (REPOSITORY / "docs/reference/rules.md").read_text()
    for name, items in CAPABILITIES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{item}`" in row for item in items), row

"""Plugs are joined without a .wac file, and compositions are parts of compositions."""

from collections.abc import Mapping

import pytest

from pipeline.testing.project import Project
from rules.dummies import dummies

RUN = "package wasi:cli@0.2.0;\ninterface run { run: func() -> result; }\n"
LOG = "package my:log@1.0.0;\ninterface log { log: func(t: string); }\n"


def store(version: str, key: str = "string") -> str:
    more = "" if version.endswith(".0") else " has: func();"
    return (
        f"package my:kv@{version};\ninterface types {{ record item {{ k: string }} }}\n"
        f"interface store {{ use types.{{item}}; get: func(k: {key}) -> item;{more} }}\n"
    )


WORLDS = {
    "cli": "import my:kv/store@0.2.0;\nimport my:log/log@1.0.0;\nimport now: func() -> u64;\n"
    f"export wasi:cli/run@0.2.0;\n--\n{store('0.2.0')}--\n{LOG}--\n{RUN}",
    "kv": f"export my:kv/store@0.2.3;\n--\n{store('0.2.3')}",
    "kv-of-numbers": f"export my:kv/store@0.2.0;\n--\n{store('0.2.0', 'u32')}",
    "kv-of-later": f"export my:kv/store@0.3.0;\n--\n{store('0.3.0')}",
    "both": f"export my:kv/store@0.2.0;\nexport my:log/log@1.0.0;\n--\n{store('0.2.0')}--\n{LOG}",
    "log_1": f"export my:log/log@1.0.0;\n--\n{LOG}",
    "clock": "export now: func() -> u64;\n",
    "types": f"export my:kv/types@0.2.0;\n--\n{store('0.2.0')}",
}
CHECK = '\nyield from check("app")'
ALLOWED: Mapping[str, tuple[list[str], str]] = {
    "all": (["kv", "log_1", "clock"], ""),
    "one that fills two": (["both", "clock"], ""),
    "in any order": (["clock", "log_1", "kv"], ""),
    "some": (["kv"], ', allow=["my:log", "now"]'),
}


@pytest.mark.parametrize(("plugs", "check"), ALLOWED.values(), ids=ALLOWED.keys())
def test_plugs_fill_the_imports_of_the_socket(
    project: Project, plugs: list[str], check: str
) -> None:
    body = f'yield from compose("app", socket="cli", plugs={plugs})\n'
    dummies(project, WORLDS, f'{body}yield from check("app"{check})')
    run = project.doit()
    assert run.code == 0, run.text
    assert project.doit().executed == []


REFUSED: Mapping[str, tuple[str, list[str]]] = {
    "one that fits nothing": (
        'socket="cli", plugs=["kv", "kv-of-later"]',
        ["kv-of-later fills no import of cli", "my:kv/store@0.3.0", "my:kv/store@0.2.0"],
    ),
    "one with types only": (
        'socket="cli", plugs=["kv", "types"]',
        ["types fills no import of cli", "exports my:kv/types@0.2.0"],
    ),
    "two for one import": (
        'socket="cli", plugs=["kv", "both"]',
        ["kv and both both fill the import my:kv/store@0.2.0 of cli", "exports my:kv/store@0.2.3"],
    ),
    "one with another type": (
        'socket="cli", plugs=["kv-of-numbers"]',
        ["mismatched argument `my:kv/store@0.2.0`", "parameter `k`", "expected string, found u32",
         "// kv-of-numbers fills it for cli"],
    ),
    "one of that name twice": (
        'socket="cli", plugs=["kv", "kv"]', ["composition app names kv twice"],
    ),
    "the socket itself": ('socket="cli", plugs=["cli"]', ["composition app names cli twice"]),
    "no plugs": ('socket="cli"', ["nothing to plug in", 'plugs=["store"]']),
    "no socket": ('plugs=["kv"]', ["needs a .wac file or a socket"]),
    "both ways": ('wac="a.wac", parts=["kv"], socket="cli", plugs=["kv"]', ["and not both"]),
    "a part that nobody declares": ('socket="cli", plugs=["kb"]', ["component:kb", "app"]),
    "a part of a .wac file that nobody declares": (
        'wac="kb.wac", parts=["kb"]', ["build/component/kb.wasm", "compose:app"],
    ),
    "a part of that name twice": ('wac="a.wac", parts=["kv", "kv"]', ["names kv twice"]),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_plugged_is_named(
    project: Project, arguments: str, words: list[str]
) -> None:
    project.write("a.wac", "package my:app;\nexport new my:kv { ... }...;\n")
    project.write("kb.wac", "package my:app;\nexport new my:kb { ... }...;\n")
    dummies(project, WORLDS, f'yield from compose("app", {arguments}){CHECK}')
    run = project.doit("compose:app")
    assert run.code != 0
    for word in words:
        assert word in run.text, run.text
    assert "Traceback" not in run.text
    assert "backtrace" not in run.text


def test_a_composition_is_a_part_of_another_one(project: Project) -> None:
    """Of one that is plugged, and of one whose .wac file names it."""
    project.write(
        "app.wac",
        "package my:app;\nlet clock = new my:clock { ... };\n"
        "let inner = new my:inner { now: clock.now, ... };\nexport inner...;\n",
    )
    dummies(
        project,
        WORLDS,
        'yield from compose("kept", socket="cli", plugs=["kv"])\n'
        'yield from compose("inner", socket="kept", plugs=["log_1"])\n'
        f'yield from compose("app", wac="app.wac", parts=["inner", "clock"]){CHECK}',
    )
    run = project.doit()
    assert run.code == 0, run.text
    project.write("wit/kv/w.wit", (project.root / "wit/kv/w.wit").read_text() + "// edited\n")
    assert {"core:kv"} == {name for name in project.doit().executed if ":kv" in name}


def test_async_components_are_plugged_checked_and_precompiled(project: Project) -> None:
    """Beside one that is not async."""
    feed = "package my:feed@0.3.0;\ninterface feed { get: async func() -> stream<u8>; }\n"
    worlds = {
        "app": "import my:feed/feed@0.3.0;\nimport my:log/log@1.0.0;\nexport go: async func();\n"
        f"--\n{feed}--\n{LOG}",
        "feed": f"export my:feed/feed@0.3.0;\n--\n{feed}",
        "log": f"export my:log/log@1.0.0;\n--\n{LOG}",
    }
    rules = """yield from compose("whole", socket="app", plugs=["feed", "log"])
yield from check("whole", exports=["go"], imports=[])
yield from precompile("whole")"""
    dummies(project, worlds, rules)
    run = project.doit("check:whole", "precompile:whole")
    assert run.code == 0, run.text
    assert "0 imports, so it needs no host" in run.text


def test_versions_of_wasi_that_do_not_merge_are_named_with_their_parts(project: Project) -> None:
    def world(version: str, size: str) -> str:
        return (
            f"import wasi:io/streams@{version};\nexport run-{size}: func();\n--\n"
            f"package wasi:io@{version};\n"
            f"interface streams {{ resource input {{ read: func() -> {size}; }} }}\n"
        )

    project.write(
        "app.wac",
        "package my:app;\nlet old = new my:old { ... };\nlet fresh = new my:fresh { ... };\n"
        "export old...;\nexport fresh...;\n",
    )
    worlds = {"old": world("0.2.8", "u32"), "fresh": world("0.2.9", "u64")}
    dummies(project, worlds, f'yield from compose("app", wac="app.wac", parts={list(worlds)})')
    run = project.doit("compose:app")
    assert run.code != 0
    for word in (
        "the parts import wasi:io/streams in versions that cannot be merged",
        "fresh imports wasi:io/streams@0.2.9; old imports wasi:io/streams@0.2.8",
        "expected u64, found u32",
        "build the parts with the same version",
    ):
        assert word in run.text, run.text
    assert "backtrace" not in run.text


def test_names_of_packages_are_read_by_wac(project: Project) -> None:
    """A pattern took the second word of `my:new` for the keyword."""
    project.write("app.wac", "package my:app;\nlet x = new my:new { ... };\nexport x...;\n")
    worlds = {"new": f"export wasi:cli/run@0.2.0;\n--\n{RUN}"}
    dummies(project, worlds, f'yield from compose("app", wac="app.wac", parts=["new"]){CHECK}')
    run = project.doit()
    assert run.code == 0, run.text

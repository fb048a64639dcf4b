"""WIT packages are found as people have them: by what they state, wherever they lie."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import DeclarationError
from pipeline.steps.wit_deps import assemble
from pipeline.testing.project import Project
from rules.projects import write_files

CLOCK = "package my:clock@0.1.0;\ninterface clock { now: func() -> u64; }\n"
# The same package as another tool would set it.
CLOCK_SET = (
    "package my:clock@0.1.0;\n\n/// The time.\ninterface clock {\n  now: func() -> u64;\n}\n"
)
CLOCK_2 = "package my:clock@0.1.0;\ninterface clock { now: func() -> u32; }\n"
LOG = "package my:log@0.1.0;\ninterface log { say: func(text: string); }\n"
APP = """package my:app@0.1.0;
world app { import my:clock/clock@0.1.0; import my:log/log@0.1.0; export run: func(); }
"""
BOTH = {"my:app@0.1.0", "my:clock@0.1.0", "my:log@0.1.0"}

LAYOUTS: Mapping[str, tuple[dict[str, str], list[str]]] = {
    "fetched by wkg": (
        {
            "wit/deps/my-clock-0.1.0/package.wit": CLOCK,
            "wit/deps/my-log-0.1.0/package.wit": LOG,
            "wkg.lock": "version = 1\n",
        },
        [],
    ),
    "fetched by wit-deps": (
        {
            "wit/deps/clock/clock.wit": CLOCK,
            "wit/deps/log/log.wit": LOG,
            "wit/deps.toml": "clock = 'x'\n",
            "wit/deps/README.md": "# none of ours\n",
        },
        [],
    ),
    "flat files": ({"wit/deps/clock.wit": CLOCK, "wit/deps/log.wit": LOG}, []),
    "by namespace": ({"wit/deps/my/clock/a.wit": CLOCK, "wit/deps/my/log/0.1.0/a.wit": LOG}, []),
    "nested deps": ({"wit/deps/clock/a.wit": CLOCK, "wit/deps/clock/deps/log/a.wit": LOG}, []),
    "two folders called wit": ({"a/wit/w.wit": CLOCK, "b/wit/w.wit": LOG}, ["a/wit", "b/wit"]),
    "one folder, two packages": ({"shared/a.wit": CLOCK, "shared/b.wit": LOG}, ["shared"]),
    "single files": ({"clock.wit": CLOCK, "log.wit": LOG}, ["clock.wit", "log.wit"]),
    "one file, packages in braces": (
        {"all.wit": CLOCK + LOG.replace("@0.1.0;", "@0.1.0 { /* } */") + "}"},
        ["all.wit"],
    ),
    "the same one twice": (
        {"wit/deps/a/a.wit": CLOCK, "wit/deps/log.wit": LOG, "b/clock/wit/b.wit": CLOCK_SET},
        ["b/clock"],
    ),
    "same folder, other package": ({"wit/deps/x/a.wit": CLOCK, "o/x/a.wit": LOG}, ["o/x"]),
    "a package over several files": (
        {
            "clock/b.wit": "interface clock { now: func() -> u64; }\n",
            "clock/a.wit": "/// Of time.\npackage my:%clock@0.1.0;\n",
            "log.wit": "\ufeff" + LOG,
        },
        ["clock", "log.wit"],
    ),
}  # fmt: skip


def packages(wasm_tools: str, directory: Path) -> set[str]:
    """Return the packages that the field's own tool finds in *directory*."""
    words = [wasm_tools, "component", "wit", "--json", directory]
    return {each["name"] for each in json.loads(process.run(words).output)["packages"]}


@pytest.mark.parametrize(("files", "needs"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_packages_are_found_however_they_lie(
    tmp_path: Path, tool: Callable[[str], str], files: dict[str, str], needs: list[str]
) -> None:
    write_files(tmp_path, {"wit/world.wit": APP, **files})
    assemble(tmp_path / "out", tmp_path / "wit", [tmp_path / need for need in needs])
    assert packages(tool("wasm-tools"), tmp_path / "out") == BOTH


def test_two_versions_of_one_package_are_both_taken(
    tmp_path: Path, tool: Callable[[str], str]
) -> None:
    newer = CLOCK.replace("0.1.0", "0.2.0-rc.1")
    world = "world app { import my:clock/clock@0.1.0; import my:clock/clock@0.2.0-rc.1; }"
    write_files(
        tmp_path,
        {"wit/w.wit": f"package my:app;\n{world}", "a/clock/c.wit": CLOCK, "b/clock/c.wit": newer},
    )
    assemble(tmp_path / "out", tmp_path / "wit", [tmp_path / "a", tmp_path / "b"])
    assert packages(tool("wasm-tools"), tmp_path / "out") == {
        "my:app", "my:clock@0.1.0", "my:clock@0.2.0-rc.1",
    }  # fmt: skip


WRITTEN = {
    "p/clock.wit": """package my:p@1.0.0;
interface types { record %type { a: u8, %list: string } f: func(a: u8,) -> %type; flags g { x } }
@since(version = 1.0.0)
interface clock { get: func() -> reading; use types.{%type}; use my:q/units@2.0.0.{unit}; type
reading = tuple<%type, unit,>; }
""",
    "p/worlds.wit": """world other {
  import clock; use my:q/units@2.0.0.{unit}; import f: func(u: unit); }
world %world { include my:q/all@2.0.0; include inner; export clock; import g: func(); }
world inner { import my:q/more@2.0.0; }
""",
    "q/q.wit": """package my:q@2.0.0;
interface units { enum unit { s, m } }
interface more { use units.{unit}; f: func() -> unit; }
world all { include all2; }
world all2 { import more; export h: func(); }
""",
    "wit/w.wit": """package my:app;
world app { include my:p/%world@1.0.0; include my:p/other@1.0.0; }
""",
}


def test_a_package_is_the_same_when_a_tool_has_printed_it(
    tmp_path: Path, tool: Callable[[str], str]
) -> None:
    write_files(tmp_path, WRITTEN)
    needs = [tmp_path / "p", tmp_path / "q"]
    assemble(tmp_path / "first", tmp_path / "wit", needs)
    words = [tool("wasm-tools"), "component", "wit", tmp_path / "first"]
    process.run([*words, "--out-dir", tmp_path / "printed"])
    printed = sorted((tmp_path / "printed/deps").iterdir())
    assert len(printed) == 2
    for places in ([*needs, *printed], [*printed, *needs]):
        assemble(tmp_path / "out", tmp_path / "wit", places)
        assert len(list((tmp_path / "out/deps").iterdir())) == 2
    for text, other in [("export clock", "export types"), ("g: func", "g2: func")]:
        (tmp_path / "p/worlds.wit").write_text(WRITTEN["p/worlds.wit"].replace(text, other))
        with pytest.raises(DeclarationError, match="two packages my:p@1"):
            assemble(tmp_path / "again", tmp_path / "wit", [*needs, *printed])


def test_worlds_that_include_each_other_end(tmp_path: Path) -> None:
    circle = "package a:b;\nworld x { include y; }\nworld y { include x; %s }\ninterface i {}\n"
    write_files(
        tmp_path,
        {"wit/w.wit": "package m:n;\n", "1.wit": circle % "import i;", "2.wit": circle % ""},
    )
    with pytest.raises(DeclarationError, match="two packages a:b"):
        assemble(tmp_path / "out", tmp_path / "wit", [tmp_path / "1.wit", tmp_path / "2.wit"])


def test_two_packages_whose_names_look_alike_do_not_meet(tmp_path: Path) -> None:
    one, other = (f"package {name};\ninterface i {{}}\n" for name in ("a-b:c", "a:b-c"))
    write_files(tmp_path, {"wit/w.wit": "package my:app;\n", "n/1.wit": one, "n/2.wit": other})
    assemble(tmp_path / "out", tmp_path / "wit", [tmp_path / "n"])
    assert len(list((tmp_path / "out/deps").iterdir())) == 2


REFUSED: Mapping[str, tuple[dict[str, str], list[str], list[str]]] = {
    "two that differ": (
        {"wit/deps/a/a.wit": CLOCK, "b/clock/b.wit": CLOCK_2},
        ["b/clock"],
        ["two packages my:clock@0.1.0", "wit/deps/a", "b/clock", "needs"],
    ),
    "no package stated": (
        {"n/a.wit": "interface i {}\n"},
        ["n"],
        ["n/a.wit does not say which package", "package NAMESPACE:NAME@VERSION;"],
    ),
    "several at the root": (
        {"wit/clock.wit": CLOCK},
        [],
        ["wit holds several packages", "wit/deps"],
    ),
    "a statement without its end": (
        {"n/a.wit": "package my:n@1.0.0\nworld w {}\n"},
        ["n"],
        ["n/a.wit does not say", "this is not right: package my : n @ 1.0.0 world w { }"],
    ),
    "half a name": ({"n/a.wit": "package n;\n"}, ["n"], ["not right: package n ;"]),
    "half a version": ({"n/a.wit": "package my:n@1.0;\n"}, ["n"], ["not right: package my : n"]),
    "no name of a folder": ({"n/a.wit": "package ..:x;\n"}, ["n"], ["n/a.wit", "not right"]),
    "another kind of file": ({"n/README.md": "# n\n"}, ["n/README.md"], ["README.md is no .wit"]),
    "no WIT": ({"n/README.md": ""}, ["n"], ["n holds no WIT package"]),
    "not there": ({}, ["n/a.wit"], ["n/a.wit cannot be read"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "needs", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_taken_is_named(
    tmp_path: Path, files: dict[str, str], needs: list[str], words: list[str]
) -> None:
    write_files(tmp_path, {"wit/world.wit": APP, **files})
    with pytest.raises(DeclarationError) as refused:
        assemble(tmp_path / "out", tmp_path / "wit", [tmp_path / need for need in needs])
    for word in words:
        assert word in str(refused.value)


def test_a_link_that_leads_back_ends_and_one_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"wit/world.wit": "package my:app;\n", "wit/deps/a/a.wit": CLOCK})
    (tmp_path / "wit/deps/up").symlink_to(tmp_path / "wit", target_is_directory=True)
    assemble(tmp_path / "out", tmp_path / "wit", [])
    assert len(list((tmp_path / "out/deps").iterdir())) == 1
    (tmp_path / "wit/deps/gone.wit").symlink_to(tmp_path / "gone.wit")
    with pytest.raises(DeclarationError, match=r"gone\.wit cannot be read: it is a link"):
        assemble(tmp_path / "again", tmp_path / "wit", [])


DODO = """
from pipeline import doit_config, wit_package
DOIT_CONFIG = doit_config()
def task_wit():
    yield from wit_package("app", path="{path}"{more})
"""


@pytest.mark.parametrize("path", [".", "world.wit", "wit", "../outside", "crate"])
def test_wit_may_lie_anywhere_and_an_edit_of_it_is_seen(project: Project, path: str) -> None:
    place = path if path.endswith(".wit") else f"{path}/world.wit"
    project.write(place, "package my:app;\nworld app {}\n")
    if path == "crate":
        project.write("crate/target/large.bin", "")
    project.write("dodo.py", DODO.format(path=path, more=""))
    for _ in range(2):
        run = project.doit()
        assert run.code == 0, run.text
    assert run.executed == []
    project.write(place, "package my:app;\nworld app { export f: func(); }\n")
    assert project.doit().executed == ["wit:app"]
    assert "export f" in project.read(f"build/wit/app/{Path(place).name}")
    if path == "crate":
        project.write("crate/target/large.bin", "more")
        assert project.doit().executed == []


def test_no_command_of_a_step_shows_a_traceback(project: Project) -> None:
    """A name that a disk refuses stands for all that the system can refuse."""
    project.write("wit/w.wit", f"package my:{'a' * 300};\n")
    project.write("more/w.wit", f"package my:{'b' * 300};\n")
    project.write("dodo.py", DODO.format(path="wit", more=', needs=["more"]'))
    run = project.doit()
    assert run.code == 1
    assert "File name too long" in run.text
    assert "Traceback" not in run.text

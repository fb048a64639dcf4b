"""A world that a crate names exists, or the message names those that do."""

import shutil

import pytest

from pipeline.errors import DeclarationError
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.rust_world import Asked, RequireWit, RequireWorlds, asked_worlds
from pipeline.testing.project import Project
from rules.projects import CDYLIB, package, write_files
from workshop import REPOSITORY

HEAD = "use wit_bindgen::generate;\n"
USES: dict[str, tuple[str, list[Asked]]] = {
    "in braces": ('wit_bindgen::generate!({ world: "a", path: "b" });', [Asked(1, "a", ["b"])]),
    "alone": (f'{HEAD}\ngenerate!("a");', [Asked(3, "a", ["wit"])]),
    "with in": ('wit_bindgen::generate!("a" in "b");', [Asked(1, "a", ["b"])]),
    "several paths": (
        'wit_bindgen::generate! { {\n  path: ["b", r#"c"#], // "d"\n  world: "x:y/a@1.0.0",\n} }',
        [Asked(1, "x:y/a@1.0.0", ["b", "c"])],
    ),
    "beside other arguments": (
        'wit_bindgen::generate!({ with: { "x:y/z": a::b }, merge, world: "a", x: { world: y } })',
        [Asked(1, "a", ["wit"])],
    ),
    "twice": (
        'mod a { wit_bindgen::generate!("a"); }\nmod b { wit_bindgen::generate!("b"); }',
        [Asked(1, "a", ["wit"]), Asked(2, "b", ["wit"])],
    ),
    "in a comment": ('/* wit_bindgen::generate!("a") */ // generate!("b")', []),
    "in a string": ('let a = "wit_bindgen::generate!(\\"a\\")";', []),
    "of another crate": ('other::generate!("a");', []),
    "no world": ("wit_bindgen::generate!();", []),
    "no world, but a path": ('wit_bindgen::generate!({ path: "b" });', []),
    "inline": ('wit_bindgen::generate!({ inline: "package a:b;", world: "a" });', []),
    "made by a macro": ('wit_bindgen::generate!({ world: concat!("a", "b") });', []),
    "a path made by a macro": ('wit_bindgen::generate!({ world: "a", path: env!("P") });', []),
    "with an escape": ('wit_bindgen::generate!({ world: "a", path: "b\\\\c" });', []),
}


@pytest.mark.parametrize(("code", "asked"), USES.values(), ids=USES.keys())
def test_uses_of_the_macro_are_read_as_it_reads_them(code: str, asked: list[Asked]) -> None:
    assert list(asked_worlds(code)) == asked


WORLDS = """package my:app@0.1.0;
@since(version = 0.1.0)
world one {}
interface world { world: func(); }
/* world gone {} */
world %two { import world; }
"""
RIGHT = ["one", "two", "my:app/one", "my:app/two@0.1.0", "other:app/three"]


def crate(project: Project, world: str) -> Crate:
    write_files(
        project.root,
        {
            "Cargo.toml": package("app", CDYLIB),
            "src/lib.rs": f'\nwit_bindgen::generate!({{ world: "{world}" }});\n',
            "wit/world.wit": WORLDS,
        },
    )
    return Crate.read(project.root)


@pytest.mark.parametrize("world", RIGHT)
def test_a_world_that_is_there_is_left_to_the_macro(project: Project, world: str) -> None:
    RequireWorlds([crate(project, world)]).perform()


@pytest.mark.parametrize(
    "wit", ["package my:app@0.1.0;\nworld {", "", "package a:b { world x {} }"]
)
def test_wit_that_cannot_be_read_is_left_to_the_macro(project: Project, wit: str) -> None:
    made = crate(project, "nope")
    project.write("wit/world.wit", wit)
    if wit:
        RequireWorlds([made]).perform()
    (project.root / "wit/world.wit").unlink()
    RequireWorlds([made]).perform()


@pytest.mark.parametrize("world", ["nope", "gone", "world", "my:app/nope@0.1.0"])
def test_those_that_exist_are_named(project: Project, world: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        RequireWorlds([crate(project, world)]).perform()
    text = str(refused.value)
    assert f"src/lib.rs:2 names the world {world}, which is not there" in text
    assert "one, two" in text


def test_the_world_of_a_manifest_is_checked_too(project: Project) -> None:
    made = crate(project, "one")
    target = '[package.metadata.component.target]\nworld = "nope"\n'
    project.write("Cargo.toml", package("app", target))
    with pytest.raises(DeclarationError, match=r"Cargo.toml:6 names the world nope, which is not"):
        RequireWorlds([Crate.read(made.root)]).perform()
    project.write("Cargo.toml", package("app", f'{target}package = "my:pkg"\n'))
    RequireWorlds([Crate.read(made.root)]).perform()


@pytest.mark.parametrize("table", ["target.dependencies", "dependencies"])
def test_what_a_manifest_names_by_path_is_read_and_must_be_there(
    project: Project, table: str
) -> None:
    project.write("src/lib.rs", "")
    needs = f"[package.metadata.component.{table}]\n"
    project.write("Cargo.toml", package("app", needs + '"x:y" = { path = "../out/y.wasm" }\n'))
    (project.root / "app").mkdir()
    shutil.move(project.root / "Cargo.toml", project.root / "app")
    app = Crate.read(project.root / "app")
    with pytest.raises(DeclarationError, match=r"Cargo.toml names .*y\.wasm, which is not there"):
        RequireWit(app).perform()
    project.write("out/y.wasm", "")
    RequireWit(app).perform()
    assert [place.name for place in app.wit] == ["y.wasm"]


def test_a_missing_world_is_reported_before_cargo_runs(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    crate(project, "nope")
    project.write("Cargo.lock", 'version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n')
    project.write(
        "dodo.py",
        """
from pipeline import doit_config, rust_component, toolchains
DOIT_CONFIG = doit_config()
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("app", path=".")
""",
    )
    run = project.doit("component:app")
    assert run.code != 0
    assert "src/lib.rs:2 names the world nope" in run.text
    assert "worlds: one, two" in run.text
    assert "cargo ended" not in run.text

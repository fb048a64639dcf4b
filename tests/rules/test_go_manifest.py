"""Go modules are read by their grammar."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.rules.go import environment
from pipeline.rules.go_manifest import GoModule, directives
from rules.projects import MAIN, write_files

MANIFESTS: Mapping[str, tuple[str, str, list[str]]] = {
    "plain": ("module a.b/c\n\ngo 1.24\n", "a.b/c", []),
    "a comment before": ("// module old.name/x\nmodule a.b/c // the name\n", "a.b/c", []),
    "quoted": ('module "a.b/c"\n', "a.b/c", []),
    "in raw quotes": ("module `a.b/c`\n", "a.b/c", []),
    "in a block": ("module (\n\ta.b/c\n)\n", "a.b/c", []),
    "after other lines": (
        "go 1.24\ntoolchain go1.24.4\nretract [v1.0.0, v1.1.0] // module x\nmodule a.b/c\n",
        "a.b/c",
        [],
    ),
    "with a byte order mark and CRLF": (
        "\ufeffmodule a.b/c\r\nreplace x => ../x\r\n",
        "a.b/c",
        ["x"],
    ),
    "with escapes": ('module "a.b/\\x63" // a "quote\n', "a.b/c", []),
    "with what ends a line elsewhere": ("// a\u2028module x\nmodule a.b/c\n", "a.b/c", []),
    "replaced by directories": (
        (
            "module a.b/c\nreplace d.e/f => ../lib\nreplace (\n\tg.h/i v1.0.0 => ../../lib2\n"
            '\t"j.k/l" => "../with blank" // not ../m\n\tm.n/o => p.q/r v1.2.3\n)\n'
        ),
        "a.b/c",
        ["../lib2", "lib", "with blank"],
    ),
}


@pytest.mark.parametrize(("text", "name", "near"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_go_mod_is_read_by_its_grammar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str, near: list[str]
) -> None:
    write_files(tmp_path, {"all/app/go.mod": text, "all/app/main.go": MAIN})
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("all/app"))
    assert module.name == name
    assert sorted(Path("all", each).resolve() for each in near) == sorted(
        each.resolve() for each in module.replaced
    )


def test_a_quote_that_is_not_closed_is_named_with_its_line(tmp_path: Path) -> None:
    write_files(tmp_path, {"go.mod": 'go 1.24\nmodule "a.b/c\n'})
    with pytest.raises(PipelineError, match=r"go\.mod:2 is not right"):
        directives(tmp_path / "go.mod")
    write_files(tmp_path, {"go.mod": 'module "a.b\\z"\n'})
    with pytest.raises(PipelineError, match=r"go\.mod:1 is not right"):
        directives(tmp_path / "go.mod")


EMBEDS: Mapping[str, tuple[str, list[str]]] = {
    "in a group": ("var (\n\t//go:embed a.txt\n\ta string\n)", ["a.txt"]),
    "after a tab": ("//go:embed\ta.txt\t`tpl (1)`", ["a.txt", "tpl (1)/x"]),
    "a class of letters": ("//go:embed img/[ab].png", ["img/a.png"]),
    "a comma": ("//go:embed c,d.txt", ["c,d.txt"]),
    "brackets": ("//go:embed e(1).txt", ["e(1).txt"]),
    "two stars, which are one": ("//go:embed im**/*.png", ["img/a.png", "img/c.png"]),
    "what go refuses": ('//go:embed /etc/passwd ../x "" a.txt', ["a.txt"]),
}


@pytest.mark.parametrize(("line", "named"), EMBEDS.values(), ids=EMBEDS.keys())
def test_embedded_files_are_those_that_go_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, named: list[str]
) -> None:
    there = ["a.txt", "tpl (1)/x", "img/a.png", "img/c.png", "c,d.txt", "e(1).txt", "img/d/d.png"]
    write_files(tmp_path, {"go.mod": "module a.b/c\n", **dict.fromkeys(there, "")})
    write_files(tmp_path, {"main.go": f"package main\n\n{line}\n\nvar x string\n"})
    monkeypatch.chdir(tmp_path)
    read = [path.as_posix() for path in GoModule.read(Path()).sources]
    assert read == sorted(["go.mod", "main.go", *named])


HEADS = {
    "comments that are not nested": "/* a /* b */\n// c */\n\npackage main\n",
    "a comment between": "package /* x */ main // y\n",
    "many comments": "/* * */\n" * 60 + "package main\n",
    "a constraint": "//go:build tinygo\n\npackage main;import `fmt`\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_a_main_package_is_found_whatever_stands_before_it(tmp_path: Path, head: str) -> None:
    write_files(tmp_path, {"go.mod": "module a.b/c\n", "main.go": head})
    GoModule.read(tmp_path).require_main()
    write_files(tmp_path, {"main.go": head.replace("main", "other")})
    with pytest.raises(PipelineError, match="has no package main"):
        GoModule.read(tmp_path).require_main()
    write_files(tmp_path, {"main.go": head.partition("package")[0] + "func main() {}\n"})
    with pytest.raises(PipelineError, match="has no package main"):
        GoModule.read(tmp_path).require_main()


def test_a_package_may_be_a_link_and_modules_may_be_vendored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        tmp_path,
        {
            "m/go.mod": "module a.b/c\n",
            "m/main.go": MAIN,
            "m/vendor/modules.txt": "# x.y/z v1.0.0\n",
            "m/vendor/x.y/z/z.go": "package z\n",
            "util/u.go": "package util\n",
        },
    )
    (tmp_path / "m/util").symlink_to("../util")
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("m"))
    assert environment(module)["GOFLAGS"] == "-mod=vendor"
    assert {path.as_posix() for path in module.sources} == {
        "m/go.mod", "m/main.go", "m/util", "m/vendor/modules.txt", "m/vendor/x.y/z/z.go",
    }  # fmt: skip
    (tmp_path / "m/vendor/modules.txt").unlink()
    assert environment(module)["GOFLAGS"] == "-mod=readonly"
    assert {path.as_posix() for path in module.sources} == {"m/go.mod", "m/main.go", "m/util"}


def test_what_is_read_of_a_module_is_what_the_compiler_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {
        "go.mod": "module a.b/c\nreplace d.e/f => ./lib\n",
        "main.go": 'package main\n\n//go:embed tpl/*.txt "with blank"\n//go:embed all:assets\n',
        "sub/asm.s": "",
        "tpl/a.txt": "",
        "with blank": "",
        "assets/deep/.hidden": "",
        "lib/go.mod": "module d.e/f\n",
        "lib/lib.go": "package lib\n",
    }
    other = {
        "main_test.go": "package main\n",
        "testdata/x.go": "package x\n",
        "gen/g.go": "package g\n",
        "build/stage/copy/main.go": MAIN,
        ".git/x.go": "",
        "vendor/x/x.go": "package x\n",
        "nested/go.mod": "module n\n",
        "nested/n.go": "package n\n",
        "other/gen/.doit-wasm": "",
        "other/gen/x.go": "package gen\n",
        "tpl/b.md": "",
    }
    write_files(tmp_path, read | other)
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path())
    assert [path.as_posix() for path in module.sources] == sorted(read)
    assert {path.as_posix() for path in module.tests} >= {"main_test.go", "testdata/x.go"}


def test_a_main_package_may_lie_below_its_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        tmp_path,
        {"m/go.mod": "module a.b/c\n", "m/cmd/app/main.go": MAIN, "m/lib.go": "package m\n"},
    )
    monkeypatch.chdir(tmp_path)
    module = GoModule.read(Path("m/cmd/app"))
    assert (module.main, module.import_path) == ("./cmd/app", "a.b/c/cmd/app/gen")
    module.require_main()
    with pytest.raises(PipelineError, match="m has no package main") as refused:
        GoModule.read(Path("m")).require_main()
    assert "m/cmd/app" in str(refused.value)


def test_a_module_outside_of_the_project_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        tmp_path, {"p/go.mod": "module a\nreplace b => ../lib\n", "lib/go.mod": "module b\n"}
    )
    monkeypatch.chdir(tmp_path / "p")
    with pytest.raises(PipelineError, match=r"replaces b by \.\./lib") as refused:
        GoModule.read(Path())
    assert "move dodo.py" in str(refused.value)

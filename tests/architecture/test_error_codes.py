"""Each error has a code, each code has an entry in docs/troubleshooting.md, and none is spare."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from architecture.test_layers import MODULES as SOURCES
from pipeline import error_codes, errors
from pipeline.commands.error_help import entry
from workshop import REPOSITORY

PAGE = (REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^### (DW\d{3})\n\*\*", PAGE, re.MULTILINE)
OF_DOIT = {"InvalidDodoFile", "InvalidCommand", "CmdParseError"}
TEXTS = {module: path.read_text(encoding="utf-8") for module, path in SOURCES.items()}
PARSED = {module: ast.parse(text) for module, text in TEXTS.items()}
CLASSES = {
    node.name: node
    for tree in PARSED.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
}


def class_code(name: str) -> str | None:
    """Return the code of a class of errors, or that of its base; None if it is not in the tree."""
    if name not in CLASSES:
        return None
    own = re.search(r"class_code: .* = '(DW\d{3})'", ast.unparse(CLASSES[name]))
    bases = [class_code(ast.unparse(base)) for base in CLASSES[name].bases]
    return own[1] if own else next(filter(None, bases), None)


TREE = {name: code for name in CLASSES if (code := class_code(name))}


@dataclass(frozen=True)
class Site:
    """A place in the code that makes an error."""

    module: str
    line: int
    name: str
    words: tuple[str, ...]

    @property
    def code(self) -> str:
        """The code that its message has."""
        code = TREE[self.name]
        return error_codes.of_module(self.module, code) if code in error_codes.REFINED else code


def calls() -> Iterator[Site]:
    for module, tree in PARSED.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words = [*node.args, *(each.value for each in node.keywords)]
                yield Site(module, node.lineno, node.func.id, tuple(map(ast.unparse, words)))


CALLS = list(calls())
SITES = [site for site in CALLS if site.name in TREE]


def literal_codes() -> set[str]:
    """Return the codes that messages for doit's own errors name."""
    found = [re.findall(r"'(DW\d{3})'", word) for site in CALLS for word in site.words[-1:]]
    return {code for codes in found for code in codes}


def codes_of_updater() -> set[str]:
    """Return the codes of the messages of the composed component."""
    text = (REPOSITORY / "components/cli/src/code.rs").read_text(encoding="utf-8")
    return {f"DW{number}" for number in re.findall(r"^    [A-Z]\w+ = (\d+),$", text, re.MULTILINE)}


USED = {site.code for site in SITES} | literal_codes() | codes_of_updater()


def test_each_code_has_one_entry_and_each_entry_is_raised() -> None:
    assert sorted(ENTRIES) == sorted(set(ENTRIES))
    assert USED - {*ENTRIES} == set()
    assert {*ENTRIES} - USED == set()


def test_each_class_of_the_package_has_a_code_of_its_own() -> None:
    own = [code for name, code in TREE.items() if hasattr(errors, name)]
    assert len({*own}) == len(own) > 10


@pytest.mark.parametrize("name", error_codes.MODULES)
def test_each_module_of_the_table_raises_what_its_code_is_for(name: str) -> None:
    module = f"pipeline.{name}"
    assert module in SOURCES
    broad = [site for site in SITES if TREE[site.name] in error_codes.REFINED]
    assert any(f"{site.module}.".startswith(f"{module}.") for site in broad)


def test_errors_of_doit_that_we_raise_have_a_code() -> None:
    """They get one by `coded`, or have the text of an error of ours, or name an unknown word.

    A wrong option of a command names the help of the command itself.
    """
    made = [site for site in CALLS if site.name in OF_DOIT]
    known = re.compile(r"^(coded\(.*|str\(error\)|word|error\.not_found|.*`doit-wasm help \{.*)$")
    without = [site for site in made if not known.match(site.words[0])]
    assert without == [], "give it one: coded(TEXT, CODE), with an entry in docs/troubleshooting.md"
    assert len(made) > 10


def test_each_class_of_errors_is_in_the_tree_or_is_never_shown() -> None:
    """What is never shown is caught by name. UnknownNameError is one of doit's, with a code."""
    handled = {
        name
        for tree in PARSED.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type
        for name in re.findall(r"\w+", ast.unparse(node.type))
    }
    assert CLASSES.keys() - TREE.keys() - handled == {"UnknownNameError"}


def test_an_error_says_its_code_wherever_it_was_raised() -> None:
    with pytest.raises(errors.DeclarationError) as caught:
        entry("DW999")
    assert str(caught.value).endswith("\n  see:  doit-wasm help DW501")
    assert errors.VerificationError("x").help_code == "DW011"


@pytest.mark.parametrize("code", ENTRIES)
def test_an_entry_is_printed_as_plain_text(code: str) -> None:
    text = entry(code.lower())
    assert text.startswith(f"{code}: ")
    assert not re.search(r"\]\(|\*\*|^#", text)
    assert max(map(len, text.splitlines())) < 80


def test_the_code_of_a_module_that_runs_as_a_program_is_that_of_its_name(tmp_path: Path) -> None:
    cut = tmp_path / "cut.wasm"
    cut.write_bytes(b"\0asm\x0d\0\1\0\1\x80")
    command = [sys.executable, "-m", "pipeline.steps.wasm_opt", "wasm-opt", cut, "small", "true"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("\n  see: doit-wasm help DW221\n")

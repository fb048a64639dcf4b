"""Code that has every function of a world, and implements none: each traps when it is called."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import DeclarationError
from pipeline.scaffold.templates import Component
from pipeline.scaffold.wasm_file import Function, Interface, WasmFile

JS_KEYWORDS: Final = (
    "arguments await break case catch class const continue debugger default delete do else enum "
    "eval export extends false finally for function if implements import in instanceof interface "
    "let new null package private protected public return static super switch this throw true try "
    "typeof undefined var void while with yield"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What stubs are asked for.

    Attributes:
        component: The component.
        found: What it is to export.
        wit: A directory with its WIT, in one that may be filled.
        generator: wit-bindgen, for the languages of COMPILED.
    """

    component: Component
    found: WasmFile
    wit: Path
    generator: Path | None

    def generate(self, language: str, *options: str) -> Path:
        """Have wit-bindgen generate code; return its directory.

        Raises:
            CommandError: It failed.
        """
        out = self.wit.with_name(language)
        words: list[str | Path] = [self.generator or "wit-bindgen", language, "--out-dir", out]
        process.run([*words, *options, "--world", self.found.world, self.wit])
        return out


def stubs(order: Order) -> dict[str, str]:
    """Return the code: path from the directory of the component -> content.

    Raises:
        CommandError: The generator failed.
        DeclarationError: The language has no stubs for a part of the world.
    """
    return {**COMPILED, **SCRIPTS}[order.component.language](order)


def _rust(order: Order) -> dict[str, str]:
    (file,) = order.generate("rust", "--stubs", "--generate-all").glob("*.rs")
    text = file.read_text(encoding="utf-8")
    blocks = re.findall(r"^impl [^\n]* for Stub \{\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
    code = "\n".join(_rust_block(block) for block in blocks)
    return {"src/lib.rs": RUST.replace("@stubs@", code)}


def _rust_block(text: str) -> str:
    """Return an implementation as one writes it, from a generated one."""
    for found, better in {
        r"^ *#\[.*\]\n": "",
        r"\bStub\b": "Component",
        r"\b_rt::(String|Vec|Box)\b(?:::(?=<))?": r"\1",
        r",(?=[^\s)])": ", ",
        r",\)(?= (?:->|\{)|\{)": ")",
        r" *\{ unreachable!\(\) \}": " {\n        todo!()\n    }",
        r" -> \(\) \{": " {",
        r"::core::\w+::(Option|Result)\b": r"\1",
        r"^  (?=\S)": "    ",
    }.items():
        text = re.sub(found, better, text, flags=re.MULTILINE)
    return text


def _go(order: Order) -> dict[str, str]:
    module = f"example.com/{order.component.name}/gen"
    out = order.generate("go", "--generate-stubs", "--pkg-name", module)
    files = sorted(out.glob("exports/export_*/wit_bindings.go"))
    return {
        f"{file.parent.name}/{file.parent.name.removeprefix('export_')}.go": _go_file(
            file.parent.name, file.read_text(encoding="utf-8")
        )
        for file in files
    }


def _go_file(package: str, text: str) -> str:
    """Return what somebody writes of a package of stubs: the rule generates the rest of it."""
    types = re.findall(r"^type \w+ struct \{\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
    drops = re.findall(r"^func \(self \*\w+\) OnDrop\(\) \{\}\n", text, re.MULTILINE)
    todo = re.findall(r"^// TODO: Implement\n(func .*?^\}\n)", text, re.MULTILINE | re.DOTALL)
    code = re.sub("^ +", "\t", "\n".join([*types, *drops, *todo]), flags=re.MULTILINE)
    found = re.findall(r'^[ \t]*((?:\w+ )?"[^"]*?(\w+)")$', text, re.MULTILINE)
    used = [
        f"\t{line}\n"
        for line, name in sorted(found, key=lambda each: each[0].split('"')[1])
        if re.search(rf"\b{line.split()[0] if ' ' in line else name}\.", code)
    ]
    imports = f"import (\n{''.join(used)})\n\n" if used else ""
    about = f"// Package {package} is not implemented yet: each function panics.\n"
    return f"{about}package {package}\n\n{imports}{code}"


def _c(order: Order) -> dict[str, str]:
    (header,) = order.generate("c").glob("*.h")
    text = header.read_text(encoding="utf-8")
    sections = re.findall(r"^// Exported Functions from .*\n((?:[^/\n].*\n)+)", text, re.MULTILINE)
    declared = [line for section in sections for line in section.splitlines()]
    declared += re.findall(r"^void \w+_destructor\(.*\);$", text, re.MULTILINE)
    functions = [f"{each.rstrip(';')} {{ __builtin_trap(); }}\n" for each in declared]
    begin = f'// Not implemented yet: each function traps.\n#include "{header.name}"\n'
    return {f"{order.component.snake}.c": "\n".join([begin, *functions])}


def _python(order: Order) -> dict[str, str]:
    found = order.found
    _require_plain("Python", found.interfaces)
    classes = [
        _python_class(_pascal(each.name), f"The interface {each.path}.", each.functions)
        for each in found.interfaces
    ]
    text = '"""Implements the world in wit/: nothing yet."""\n\n'
    if found.functions:
        text += "import wit_world\n"
        classes.append(_python_class("WitWorld", "The functions of the world.", found.functions))
    if found.interfaces:
        text += "import wit_world.exports\n"
    return {"app.py": "\n\n".join([text, *classes])}


def _python_class(name: str, about: str, functions: Iterable[Function]) -> str:
    module = "wit_world" if name == "WitWorld" else "wit_world.exports"
    lines = [f"class {name}({module}.{name}):\n", f'    """{about}"""\n']
    for each in functions:
        words = ", ".join(["self", *(_python_name(one) for one in each.parameters)])
        lines += [f"\n    def {_python_name(each.name)}({words}):\n"]
        lines += ["        raise NotImplementedError\n"]
    return "".join(lines)


def _js(order: Order) -> dict[str, str]:
    found = order.found
    _require_plain("JavaScript", found.interfaces)
    parts = ["// Implements the world in wit/: nothing yet.\n"]
    for interface in found.interfaces:
        methods = "".join(
            f"  {_camel(each.name)}({_js_parameters(each)}) {{\n    {JS}\n  }},\n"
            for each in interface.functions
        )
        code = _js_exported("const ", _camel(interface.name), f" = {{\n{methods}}};\n")
        parts.append(f"/** {interface.path} */\n{code}")
    for each in found.functions:
        body = f"({_js_parameters(each)}) {{\n  {JS}\n}}\n"
        parts.append(_js_exported("function ", _camel(each.name), body))
    return {"app.js": "\n".join(parts)}


def _js_exported(kind: str, name: str, code: str) -> str:
    """Return a declaration that is exported, by way of another name if *name* cannot be one."""
    if name not in JS_KEYWORDS.split():
        return f"export {kind}{name}{code}"
    return f"{kind}{name}_{code}export {{ {name}_ as {name} }};\n"


def _require_plain(language: str, interfaces: Iterable[Interface]) -> None:
    """Raise unless each interface has a name of its own, and none has resources."""
    seen: dict[str, str] = {}
    for each in interfaces:
        why = f"{each.path} has the resource {each.resources[0]}" if each.resources else ""
        if each.name in seen:
            why = f"{seen[each.name]} and {each.path} have one name"
        if why:
            raise DeclarationError(
                f"there are no stubs in {language} for this component",
                why=why,
                fix=f"choose one of: {', '.join(f'--{name}' for name in COMPILED)}",
            )
        seen[each.name] = each.path


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("-"))


def _camel(name: str) -> str:
    pascal = _pascal(name)
    return pascal[:1].lower() + pascal[1:]


def _python_name(name: str) -> str:
    snake = name.replace("-", "_").lower()
    return f"{snake}_" if keyword.iskeyword(snake) or snake == "self" else snake


def _js_parameters(function: Function) -> str:
    names = [_camel(each) for each in function.parameters]
    return ", ".join(f"{name}_" if name in JS_KEYWORDS.split() else name for name in names)


JS: Final = 'throw new Error("not implemented");'
RUST: Final = """\
//! Implements the world in `wit`: nothing yet.
#![allow(unused_variables)] // until the functions are implemented

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

#[allow(unused_imports)]
use bindings::*;

struct Component;

@stubs@
bindings::export!(Component with_types_in bindings);
"""
COMPILED: Final[Mapping[str, Callable[[Order], dict[str, str]]]] = {
    "rust": _rust,
    "go": _go,
    "c": _c,
}
"""The languages whose stubs wit-bindgen generates."""
SCRIPTS: Final[Mapping[str, Callable[[Order], dict[str, str]]]] = {"python": _python, "js": _js}
"""The languages whose stubs follow from the names in the world."""

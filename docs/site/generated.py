"""What the site says straight from the code: rules, commands, schemas and messages of errors."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from docutils.nodes import raw
from pygments.lexers.special import TextLexer
from rooms import drawing, rooms
from sphinx.util.docutils import SphinxDirective

import pipeline
from pipeline import error_codes, errors, process
from pipeline.commands import COMMANDS, NAME
from pipeline.commands.main import Loader

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
PLAIN = ("wac", "wave", "wit")
"""Languages of code that Pygments does not know."""
_LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:)([^)\s#][^)\s]*)\)")


class Generated(SphinxDirective):
    """Parses the Markdown that a subclass writes."""

    def text(self) -> str:
        """Return the Markdown."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return what the Markdown means; called by docutils."""
        return self.parse_text_to_nodes(self.text(), allow_section_headings=True)


class Rules(Generated):
    """Every name that a dodo.py imports, with its docstring."""

    def text(self) -> str:
        """See `Generated`."""
        return "\n".join(map(_documented, pipeline.__all__))


class Commands(Generated):
    """What `doit-wasm help COMMAND` prints, for each command."""

    def text(self) -> str:
        """See `Generated`."""
        words = [sys.executable, "-m", "pipeline", "help"]
        parts = [_printed(f"{NAME} --help", process.run(words, cwd=ROOT, env=os.environ).output)]
        for name, place in COMMANDS.items():
            module, _, kind = place.partition(":")
            command = getattr(import_module(module), kind)(task_loader=Loader(), bin_name=NAME)
            parts.append(f"## {name.replace('_', '-')}\n")
            parts.append(_printed(f"{NAME} help {name}", command.help()))
        return "\n".join(parts)


class Schemas(Generated):
    """The fields of each JSON schema that the package or the documentation has."""

    def text(self) -> str:
        """See `Generated`."""
        found = [*ROOT.glob("docs/**/*.schema.json"), *ROOT.glob("pipeline/**/*.schema.json")]
        return "\n".join(map(_schema, sorted(found)))


class Messages(Generated):
    """The text of each error, with its code."""

    def text(self) -> str:
        """See `Generated`."""
        rows = sorted(set(messages()), key=lambda row: row[0].lstrip("`….").lower())
        lines = [f"| {text} | [{code}](#{code.lower()}) |" for text, code in rows]
        return "\n".join(["| Message | Code |", "|---|---|", *lines])


class Rooms(SphinxDirective):
    """The drawing of the rooms of the package."""

    def run(self) -> list[nodes.Node]:
        """Return the drawing; called by docutils."""
        return [raw("", drawing(rooms(ROOT / "pipeline")), format="html")]


def messages() -> Iterator[tuple[str, str]]:
    """Yield what each error of the package says, `…` for what varies, and its code."""
    for path in sorted(ROOT.glob("pipeline/**/*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for call in filter(_is_call, ast.walk(function)):
                    code = _code(call, module)
                    for text in _texts(call.args[0], function) if code else ():
                        yield _cell(text), code


def _is_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and bool(node.args)


def _code(call: ast.Call, module: str) -> str:
    """Return the code of the error that *call* makes; "" if it makes none."""
    match call:
        case ast.Call(func=ast.Name("coded"), args=[_, ast.Constant(value=str(code))]):
            return code
        case ast.Call(func=ast.Name(name)):
            code = getattr(getattr(errors, name, None), "class_code", "")
            return error_codes.of_module(module, code) if code in error_codes.REFINED else code
    return ""


def _texts(message: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """Yield the texts that *message* may have, which the function may have assigned to a name."""
    values = [message]
    if isinstance(message, ast.Name):
        assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        values = [one.value for one in assigned if ast.unparse(one.targets[0]) == message.id]
    for value in values:
        text = _template(value)
        if text.strip("…: "):
            yield text


def _template(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_template, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _template(left) + _template(right)
    return "…"


def _cell(text: str) -> str:
    plain = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"([|<>*_\[\]\\`])", r"\\\1", plain)


def _documented(name: str) -> str:
    found = getattr(pipeline, name)
    if inspect.ismodule(found):
        kind, option = "automodule", "\n   :members:"
    else:
        kind, option = ("autoclass" if inspect.isclass(found) else "autofunction"), ""
    return f"## {name}\n\n```{{eval-rst}}\n.. {kind}:: pipeline.{name}{option}\n```\n"


def _printed(command: str, output: str) -> str:
    return f"```text\n$ {command}\n{output.rstrip()}\n```\n"


def _schema(path: Path) -> str:
    schema = json.loads(path.read_text(encoding="utf-8"))
    rows = "\n".join(_rows(schema))
    about = schema.get("description", "")
    where = path.relative_to(ROOT).as_posix()
    head = f"## {schema.get('title', path.name)}\n\n`{where}`\n\n{about}\n"
    return f"{head}\n| Field | Type | Is |\n|---|---|---|\n{rows}\n"


def _rows(schema: Mapping[str, Any], place: str = "") -> Iterator[str]:
    definitions = {f"{name}.": each for name, each in schema.get("$defs", {}).items()}
    for prefix, each in {place: schema, **definitions}.items():
        for name, field in each.get("properties", {}).items():
            kind = field.get("type") or field.get("$ref", "").removeprefix("#/$defs/") or "any"
            if not isinstance(kind, str):
                kind = " or ".join(kind)
            yield f"| `{prefix}{name}` | {_cell(kind)} | {_cell(field.get('description', ''))} |"
            yield from _rows(field, f"{prefix}{name}.")


def link_pages_only(app: Sphinx, page: str, source: list[str]) -> None:
    """Leave of a link to a directory, or out of docs/, its text: the site has no such page.

    That the link leads somewhere in the repository is a matter of tests/architecture.
    """
    root = Path(app.srcdir)
    place = root.joinpath(page).parent

    def linked(match: re.Match[str]) -> str:
        to = place.joinpath(match[2].partition("#")[0]).resolve()
        return match[0] if to.is_relative_to(root) and not to.is_dir() else match[1]

    source[0] = _LINK.sub(linked, source[0])


def setup(app: Sphinx) -> None:
    """Add the directives; called by Sphinx."""
    for language in PLAIN:
        app.add_lexer(language, TextLexer)
    app.connect("source-read", link_pages_only)
    app.add_directive("rooms", Rooms)
    app.add_directive("rules", Rules)
    app.add_directive("commands", Commands)
    app.add_directive("schemas", Schemas)
    app.add_directive("messages", Messages)

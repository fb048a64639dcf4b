"""What a JavaScript module has to export for a world, and a module that checks that it does.

QuickJS looks an export up when it is called, so one that is missing would be a trap of the
component. The module made here is built in place of the user's own: it exports the same, and fails
while the component is built, in the very engine that runs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from pipeline.errors import CheckError
from pipeline.steps.wit_world import world_of

FETCH: Final = "wasi:http/incoming-handler@0.2.10"
"""What StarlingMonkey exports for a module that listens to the event `fetch`."""

_MARK: Final = "doit-wasm-exports:"
_FOUND: Final = re.compile(rf"{_MARK}([\w%.!~*'()-]+)")

_SOURCE: Final = """import * as app from "./MODULE";
export * from "./MODULE";
const at = (keys) => keys.reduce((value, key) => value?.[key], app);
const isFunction = (value) => typeof value === "function";
const texts = (made) => (isFunction(made) && made !== Function.prototype
  ? Function.prototype.toString.call(made) + texts(Object.getPrototypeOf(made)) : "");
// A method may also be a field, which only an instance has.
const hasMethod = (made, name) =>
  !isFunction(made) || isFunction(made.prototype?.[name]) || texts(made).includes(name);
const is = { function: (keys) => isFunction(at(keys)),
  method: (keys) => hasMethod(at(keys.slice(0, -1)), keys[keys.length - 1]) };
const missing = WANTED.filter(([kind, keys]) => !is[kind](keys)).map(([, keys]) => keys.join("."));
const outline = (value) => (value && typeof value === "object" ? Object.keys(value) : []);
const names = Object.keys(app).flatMap((name) => {
  const inside = outline(app[name]);
  return inside.length ? inside.map((member) => name + "." + member) : [name];
});
if (missing.length) {
  throw new Error("MARK" + encodeURIComponent(JSON.stringify({ missing, names })));
}
"""


def checking(module: str, resolved: Mapping[str, Any], world: str) -> str:
    """Return the text of a module that exports what *module* beside it does, if that is enough.

    Args:
        module: Name of the user's file.
        resolved: What `wit_world.resolve` returned.
        world: The whole name of the world.
    """
    wanted = json.dumps(sorted(_wanted(resolved, world)))
    text = _SOURCE.replace("MODULE", json.dumps(module)[1:-1])
    return text.replace("WANTED", wanted).replace("MARK", _MARK)


def require_exported(output: str, module: str, world: str) -> None:
    """Raise if a builder's *output* says that exports are missing.

    Args:
        output: The output.
        module: The user's file.
        world: The whole name of the world.

    Raises:
        CheckError: They are.
    """
    if found := _FOUND.search(output):
        said = json.loads(unquote(found[1]))
        raise _incomplete(
            module, world, missing=", ".join(said["missing"]), exports=", ".join(said["names"])
        )
    # StarlingMonkey compares the exports by itself.
    if found := re.search(r"does not export (.+) as expected by the world", output):
        raise _incomplete(module, world, missing=found[1])
    # With its event `fetch`, a module needs no export, but the engine has one version of it.
    if found := re.search(r"failed to find export of interface `(.+?)` function `(.+?)`", output):
        has = f"{FETCH} for a listener of the event fetch"
        raise _incomplete(module, world, missing=f"{found[2]} of {found[1]}", exports=has)


def _incomplete(module: str, world: str, **facts: str) -> CheckError:
    return CheckError(
        f"{module} does not export all that the world {world} does",
        fix="export an interface as an object of its functions, and a function by its name, in"
        " camelCase: export const myInterface = { myFunction() { … } }",
        **{name: text or "nothing" for name, text in facts.items()},
    )


def _wanted(resolved: Mapping[str, Any], whole: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what is to be exported: `function` or `method`, and the names that lead to it."""
    for key, item in world_of(resolved, whole)["exports"].items():
        if "function" in item:
            yield "function", [_camel(key)]
        elif "interface" in item:
            interface = resolved["interfaces"][item["interface"]["id"]]
            for function in interface["functions"].values():
                kind, names = _member(resolved, function)
                yield kind, [_camel(interface["name"] or key), *names]


def _member(resolved: Mapping[str, Any], function: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return how an object has a function of an interface."""
    kind = function["kind"]
    if isinstance(kind, str):
        return "function", [_camel(function["name"].rpartition("]")[2])]
    ((how, number),) = kind.items()
    made = _pascal(resolved["types"][number]["name"])
    if "constructor" in how:
        return "function", [made]
    name = _camel(function["name"].rpartition(".")[2])
    return "function" if "static" in how else "method", [made, name]


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first.lower() + "".join(map(str.capitalize, rest))


def _pascal(name: str) -> str:
    return "".join(map(str.capitalize, name.split("-")))

"""Name an entry of the store by everything that decides what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from pipeline.errors import DeclarationError
from pipeline.toolchain.spec.model import Recipe, Tool
from pipeline.toolchain.store.store import FORMAT


def entry_key(tool: Tool, recipe: Recipe, tools: Mapping[str, Tool], platform: str) -> str:
    """Return the key of what *recipe* makes of *tool*.

    Args:
        tool: The tool.
        recipe: One of its recipes.
        tools: At least all tools that the recipe uses.
        platform: The platform we run on.

    Raises:
        DeclarationError: A module directory that the recipe names is not there.
    """
    told = {"format": FORMAT, "platform": platform, **_recipe(tool, recipe, tools)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _pins(tool: Tool, recipe: Recipe) -> bool:
    return any(part.pins(tool.file.parent) for part in recipe.parts.values())


def _recipe(tool: Tool, recipe: Recipe, tools: Mapping[str, Tool]) -> dict[str, object]:
    try:
        parts = {name: part.identity(tool.file.parent) for name, part in recipe.parts.items()}
    except FileNotFoundError as error:
        raise DeclarationError(
            f"{tool.file}: {error.filename} is missing", fix="commit the module with its go.sum"
        ) from error
    # Whichever way a used tool comes, its pins have a say in what is built with it or copied from
    # it; what only fetches a file has none, for the file is pinned itself.
    building = any(part.builds for part in recipe.parts.values())
    copied = " ".join(recipe.tree.values())
    used = [tools[name] for name in recipe.uses if building or f"{{{name}}}" in copied]
    # What PATH may have, with any bytes, has no pins that could have a say.
    pinned = {one.name: [way for way in one.recipes if _pins(one, way)] for one in used}
    uses = {one.name: [_recipe(one, way, tools) for way in pinned[one.name]] for one in used}
    return {
        "tool": tool.name,
        "executables": tool.executables,
        "version": recipe.version,
        "parts": list(parts.items()),
        "tree": list(recipe.tree.items()),
        "directories": recipe.directories,
        "edits": [asdict(edit) for edit in recipe.edits],
        "run": recipe.run,
        "uses": uses,
    }

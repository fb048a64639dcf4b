"""Compare a component with the world that it is meant for, and that world with a released one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline import process
from pipeline.errors import CheckError, CommandError
from pipeline.steps.version_series import numbers, series
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import Package, collect, root_package
from pipeline.steps.wit_same import meaning


def require_world(wasm_tools: Path, component: Path, wit: Path, world: str) -> str:
    """Raise unless *component* conforms to a world; return the whole name of the world.

    It may import less than the world, and export more. Interfaces of compatible versions match.

    Args:
        wasm_tools: The executable.
        component: The component.
        wit: The WIT package of the world.
        world: Its name, or "" for the only one.

    Raises:
        CheckError: There is no such world, or the component does not conform to it.
    """
    own = root_package(wit)
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place, "wit")
        write_package(directory, own, collect([wit]))
        name = _qualified(own.name, _chosen(wasm_tools, directory, own.name, world))
        words = ["component", "targets", "--semver-compatible", "--world", name]
        try:
            process.run([wasm_tools, *words, directory, component])
        except CommandError as error:
            raise CheckError(
                f"{component} does not conform to the world {name}",
                why=_reason(error),
                fix=f"compare the imports and exports of the component with {wit}",
            ) from error
    return name


def require_compatible(wasm_tools: Path, wit: Path, world: str, released: Path) -> str:
    """Raise unless a world is what may follow a released one by semantic versioning.

    Args:
        wasm_tools: The executable.
        wit: The WIT package of the world.
        world: Its name, or "" for the only one.
        released: The package as it was released, which has a world of that name.

    Returns:
        What was found, in a few words.

    Raises:
        CheckError: It is not compatible although its version says so, or older.
    """
    new, old = root_package(wit), root_package(released)
    (path, _, version), (old_path, _, old_version) = (
        each.name.partition("@") for each in (new, old)
    )
    if path != old_path or not version or not old_version:
        raise CheckError(
            f"{new.name} cannot be compared with {old.name}, which is released",
            fix="name two versions of one package, each with `package NAMESPACE:NAME@VERSION;`",
        )
    if numbers(version) < numbers(old_version):
        raise CheckError(f"{new.name} is older than {old.name}, which is released")
    if version == old_version:
        return _require_same(new, old, [wit, released])
    if not series(version) or series(version) != series(old_version):
        return f"{version} need not be compatible with {old_version}"
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place, "wit")
        others = [package for package in collect([wit, released]) if package.name != new.name]
        write_package(directory, new, others)
        world = _chosen(wasm_tools, directory, new.name, world)
        words = ["--prev", _qualified(old.name, world), "--new", _qualified(new.name, world)]
        try:
            process.run([wasm_tools, "component", "semver-check", *words, directory])
        except CommandError as error:
            raise CheckError(
                f"the world {world} of {new.name} is not compatible with that of {old.name}",
                why=_reason(error),
                fix="undo what breaks it, or raise the version: a component of the old world must "
                "run where the new one is provided",
            ) from error
    return f"{version} is compatible with {old_version}"


def _require_same(new: Package, old: Package, places: Iterable[Path]) -> str:
    known = {package.name: package.content() for package in collect_each(places)}
    one, other = (meaning(each.name, {**known, each.name: each.content()}) for each in (new, old))
    if one != other:
        raise CheckError(
            f"{new.name} was released and has changed since",
            fix="give the changed package a newer version",
        )
    return f"{new.name.partition('@')[2]} is as it was released"


def collect_each(places: Iterable[Path]) -> list[Package]:
    """Return the packages at each of *places*, which may differ from those at another one."""
    return [package for place in places for package in collect([place])]


def _chosen(wasm_tools: Path, wit: Path, package: str, world: str) -> str:
    """Return the name of a world of a package, the only one if *world* is empty."""
    words: list[str | Path] = [wasm_tools, "component", "wit", "--json", "--all-features", wit]
    resolved = json.loads(process.run(words).output)
    worlds = next(each["worlds"] for each in resolved["packages"] if each["name"] == package)
    if not world and len(worlds) == 1:
        return str(next(iter(worlds)))
    if world not in worlds:
        raise CheckError(
            f"{package} has no world {world}" if world else f"{package} has not just one world",
            worlds=", ".join(worlds) or "none",
            fix="name one of them in `world` of check()",
        )
    return world


def _qualified(package: str, world: str) -> str:
    path, at, version = package.partition("@")
    return f"{path}/{world}{at}{version}"


def _reason(error: CommandError) -> str:
    """Return the lines of wasm-tools that say what does not match."""
    lines = [line.strip() for line in str(error.facts.get("output", "")).splitlines()]
    told = lines[lines.index("Caused by:") + 1 :] if "Caused by:" in lines else lines
    return "; ".join(line.removeprefix("0: ").partition(" (at offset")[0] for line in told if line)

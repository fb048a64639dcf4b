"""Finds WIT packages by what their files state, wherever they lie."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import DeclarationError
from pipeline.steps import wit_text
from pipeline.steps.wit_same import meaning

DEPS: Final = "deps"
BINARY: Final = (".wasm", ".wat")
"""Packages in the binary format, or its text: tools take them from `deps` as they are."""


@dataclass(frozen=True, slots=True)
class Package:
    """A WIT package as it was found.

    Attributes:
        name: What it states, such as `wasi:io@0.2.0`.
        texts: Its files.
        place: The folder or file that it was found in.
    """

    name: str
    texts: Mapping[str, str]
    place: Path

    @property
    def folder(self) -> str:
        """The folder that it gets: no two packages have the same, and no name has a dot."""
        return self.name.replace(":", ".").replace("/", ".")

    def content(self) -> list[str]:
        """Return what it says, however it is spread over files and set."""
        return sorted(item for text in self.texts.values() for item in wit_text.read(text).items)

    def refers(self) -> set[str]:
        """Return the names of the packages that it refers to."""
        return {name for text in self.texts.values() for name in wit_text.read(text).refers}

    def write(self, directory: Path) -> None:
        """Write its files into *directory*."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts.items():
            (directory / name).write_text(text, encoding="utf-8")


def collect(places: Iterable[Path]) -> list[Package]:
    """Return the packages at all *places*; one that is found again and means the same, once.

    Raises:
        DeclarationError: A place holds no WIT, a file states no package, or two packages of one
            name differ.
    """
    found = []
    for place in places:
        packages = _packages(place, set())
        if not packages and not binaries(place):
            raise DeclarationError(
                f"{place} holds no WIT package", fix="name a .wit file or a folder of them"
            )
        found += packages
    first = {package.name: package for package in reversed(found)}
    copies = [package for package in found if package is not first[package.name]]
    if copies:
        known = {name: package.content() for name, package in first.items()}
        for copy in copies:
            _require_same(first[copy.name], copy, known)
    return [package for package in found if package is first[package.name]]


def collect_known(places: Iterable[Path]) -> dict[str, Package]:
    """Return the packages, by name, at those of *places* that have any.

    A place may be that of packages that another declaration has, and there may be none.

    Raises:
        DeclarationError: As `collect` does.
    """
    held = [place for place in places if place.is_file() or any(place.rglob("*.wit"))]
    return {package.name: package for package in collect(held)}


def _require_same(one: Package, other: Package, known: Mapping[str, Sequence[str]]) -> None:
    name = one.name
    if meaning(name, known) != meaning(name, {**known, name: other.content()}):
        raise DeclarationError(
            f"there are two packages {name}, and they differ",
            one=one.place,
            other=other.place,
            fix="keep one of them: delete the other, or take it out of `needs`",
        )


def root_package(place: Path) -> Package:
    """Return the one package that the files at *place* make up, beside those in its `deps`."""
    whole, nested = _grouped(place)
    own = whole or nested
    if not own:
        raise DeclarationError(
            f"{place} holds no WIT package of its own",
            why="no .wit file lies directly in it",
            fix="name the .wit file or the folder of the one that is meant",
        )
    if len(own) > 1:
        raise DeclarationError(
            f"{place} holds several packages, {', '.join(each.name for each in own)}",
            fix=f"move what the one depends on to {place / DEPS}, or name the file of the one",
        )
    return own[0]


def beside(place: Path) -> list[Path]:
    """Return the WIT files at *place*, which may be one."""
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.glob("*.wit") if not file.is_dir())


def _packages(place: Path, above: Collection[Path]) -> list[Package]:
    """Return the packages at *place*, in its `deps`, or else in its folders."""
    if place.resolve() in above:
        return []  # a link that leads back
    whole, nested = _grouped(place)
    found = [*whole, *nested]
    if place.is_dir():
        deeper = [place / DEPS] if found and place.name != DEPS else sorted(place.iterdir())
        for folder in deeper:
            if folder.is_dir():
                found += _packages(folder, {*above, place.resolve()})
    return found


def binaries(place: Path) -> list[Path]:
    """Return the packages in the binary format in the `deps` of *place*."""
    deps = place if place.name == DEPS else place / DEPS
    return sorted(file for file in deps.glob("*") if file.suffix in BINARY)


def _grouped(place: Path) -> tuple[list[Package], list[Package]]:
    """Return the packages that the files at *place* make up, and those that they hold in braces."""
    read = {path: wit_text.read(_text(path)) for path in beside(place)}
    stated = {path: text.package for path, text in read.items() if text.package}
    names = list(dict.fromkeys(stated.values()))
    for path, text in read.items():
        if path not in stated and (text.items or not text.nested):
            _require_one(path, text, names)
    whole = []
    for name in names:
        texts = {p.name: t.text for p, t in read.items() if stated.get(p, names[0]) == name}
        whole.append(Package(name, texts, place if len(names) == 1 else place / next(iter(texts))))
    nested = [
        Package(name, {"package.wit": body}, path)
        for path, text in read.items()
        for name, body in text.nested
    ]
    return whole, nested


def _require_one(path: Path, text: wit_text.WitText, names: Sequence[str]) -> None:
    """Raise unless it is clear of which package a file is that states none."""
    wrong = next((item for item in text.items if item.startswith("package ")), "")
    if len(names) == 1 and not wrong:
        return
    beside = f"those beside it are of {' and '.join(names)}" if len(names) > 1 else "it states none"
    raise DeclarationError(
        f"{path} does not say which package it belongs to",
        why=f"this is not right: {wrong[:60]}" if wrong else beside,
        fix="begin it with `package NAMESPACE:NAME@VERSION;`",
    )


def _text(path: Path) -> str:
    if path.suffix != ".wit":
        raise DeclarationError(
            f"{path} is no .wit file", fix="name a .wit file or a folder of them"
        )
    try:
        return files.read_text(path).removeprefix("\ufeff")
    except FileNotFoundError as error:
        why = "it is a link that leads nowhere" if path.is_symlink() else "it does not exist"
        raise DeclarationError(f"{path} cannot be read", why=why) from error

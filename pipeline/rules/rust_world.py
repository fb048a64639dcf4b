"""Checks that the worlds which crates name, in code or in Cargo.toml, exist: before cargo runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.engine.words import relative
from pipeline.errors import DeclarationError, PipelineError
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.generated import Check
from pipeline.rules.rust_paths import WIT
from pipeline.steps import wit_text
from pipeline.steps.wit_packages import beside

MACRO: Final = "wit_bindgen"
_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | r(?P<hashes>\#*)"(?P<raw>.*?)"(?P=hashes) | "(?P<plain>[^"\\]*)" | "(?:\\.|[^"\\])*"
      | '(?:\\.|[^'\\])' | \w+ | \S""",
    re.VERBOSE | re.DOTALL,
)
_WORLD: Final = re.compile(r"(?:^|\) )world (\S+) \{")


@dataclass(frozen=True, slots=True)
class Asked:
    """A place that names a world.

    Attributes:
        line: Its line.
        world: The world.
        paths: The WIT that has it, from the directory of the crate.
        key: Where people name it.
    """

    line: int
    world: str
    paths: Sequence[str]
    key: str = "`world` of generate!"


def asked_worlds(code: str) -> Iterator[Asked]:
    """Yield each use of the macro that names a world of WIT in files.

    What only the compiler can read, such as a name that another macro makes, is left out.

    Args:
        code: The text of a file of Rust.
    """
    words = [found for found in _TOKEN.finditer(code) if not found["comment"]]
    texts = [found.group() for found in words]
    if MACRO not in texts:
        return
    for at, three in enumerate(zip(texts, texts[1:], texts[2:], strict=False)):
        if three[:2] == ("generate", "!") and three[2] in "([{":
            values = _arguments(words[at + 3 :])
            world, paths = values.get("world"), values.get("path", [WIT])
            if world and paths and "inline" not in values:
                yield Asked(code.count("\n", 0, words[at].start()) + 1, world[0], paths)


def _arguments(words: Sequence[re.Match[str]]) -> Mapping[str, Sequence[str]]:
    """Return the strings of each argument; none of one that is not made of strings alone.

    The macro takes `"WORLD"`, `"WORLD" in "PATH"` and `{ KEY: VALUE, … }`.
    """
    found: dict[str, list[str]] = {}
    unknown, key, depth = set(), "world", 0
    for word, after in zip(words, [*words[1:], None], strict=True):
        text = word.group()
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if depth < 0:
            break
        string = word["plain"] if word["raw"] is None else word["raw"]
        if string is not None:
            found.setdefault(key, []).append(string)
        elif after and after.group() == ":" and depth == 1:
            key = text
        elif text == "in":
            key = "path"
        elif text == "," and depth == 1:
            key = ""
        elif text not in (*":,[]{}()",):
            unknown.add(key)
    return found | {name: [] for name in unknown}


class RequireWorlds(Check):
    """Fails if the code of a crate names a world that its WIT does not have.

    Args:
        crates: The crates that a step compiles.
    """

    def __init__(self, crates: Sequence[Crate]) -> None:
        self._crates = crates

    def __repr__(self) -> str:
        return f"require the worlds of {', '.join(str(crate.root) for crate in self._crates)}"

    def perform(self) -> None:
        """Check that each world exists.

        Raises:
            DeclarationError: One does not.
        """
        for crate in self._crates:
            for file, asked in _asked(crate):
                _require(asked, file, [crate.root / path for path in asked.paths])


class RequireWit(Check):
    """Fails if WIT or a component that a manifest names by path is missing.

    Args:
        crate: A crate that cargo-component reads.
    """

    def __init__(self, crate: Crate) -> None:
        self._crate = crate

    def __repr__(self) -> str:
        return f"require the WIT of {self._crate.root}"

    def perform(self) -> None:
        """Check that all of it is there.

        Raises:
            DeclarationError: Something is not; cargo-component would not say what.
        """
        manifest = self._crate.root / "Cargo.toml"
        for place in self._crate.named_wit:
            if not place.exists():
                raise DeclarationError(
                    f"{manifest} names {relative(place)}, which is not there",
                    why="package.metadata.component names it as WIT or as a component",
                    fix="fetch or build it as the project's documentation describes, or correct "
                    "the path",
                )


def _asked(crate: Crate) -> Iterator[tuple[Path, Asked]]:
    """Yield each place of a crate that names a world, and its file."""
    for file in crate.sources:
        if file.suffix == ".rs":
            for asked in asked_worlds(files.read_text(file)):
                yield file, asked
    manifest = crate.root / "Cargo.toml"
    if target := crate.local_world:
        before = files.read_text(manifest).partition(f'"{target.world}"')[0]
        key = "`world` of package.metadata.component.target"
        yield manifest, Asked(before.count("\n") + 1, target.world, [target.path], key)


def _require(asked: Asked, file: Path, places: Sequence[Path]) -> None:
    """Raise unless the WIT at *places* has a world; WIT with an error is left to the macro."""
    package, _, name = asked.world.rpartition("/")
    try:
        texts = [files.read_text(each) for place in places for each in beside(place)]
    except (PipelineError, OSError):
        return
    read = [wit_text.read(text) for text in texts]
    own = {text.package.partition("@")[0] for text in read}
    if not all(map(_is_whole, texts)) or any(text.nested for text in read):
        return
    if not read or (package and package not in own):
        return
    worlds = sorted(
        {world for text in read for each in text.items for world in _WORLD.findall(each)}
    )
    name = name.partition("@")[0].removeprefix("%")
    if name not in worlds:
        raise DeclarationError(
            f"{file}:{asked.line} names the world {asked.world}, which is not there",
            wit=", ".join(map(str, places)),
            worlds=", ".join(worlds) or "none",
            fix=f"name one of them in {asked.key}" if worlds else "write it there",
        )


def _is_whole(text: str) -> bool:
    """Return whether each brace of a WIT text is closed."""
    words = [token.text for token in wit_text.tokens(text)]
    return words.count("{") == words.count("}")

"""A .wac file as wac itself reads it."""

from __future__ import annotations

import codecs
import json
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import files, process
from pipeline.errors import CheckError


@dataclass(frozen=True, slots=True)
class Reference:
    """A package that a .wac file refers to.

    Attributes:
        package: Its name, such as `my:store`.
        version: Its version, or "".
        text: The reference as it is written, such as `my:store/api@1.0.0`.
    """

    package: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """The packages in a .wac file, in the order of the text.

    Attributes:
        instantiated: Those behind each `new`.
        others: Those of the world that it targets, and of `import`, `use` and types.
    """

    instantiated: Sequence[Reference]
    others: Sequence[Reference]

    def parts(
        self, file: Path, names: Collection[str], renamed: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the name of the part behind each package that the file instantiates.

        Args:
            file: The .wac file, for messages.
            names: The names of all parts.
            renamed: The part of each package that has another name than its part.

        Raises:
            CheckError: The file instantiates other parts, or not all of them.
        """
        packages = [each.package for each in self.instantiated]
        found = {name: renamed.get(name, name.rpartition(":")[2]) for name in packages}
        if set(found.values()) != set(names) or not renamed.keys() <= found.keys():
            raise CheckError(
                f"{file} does not instantiate the parts that are declared",
                parts=", ".join(sorted({*names, *renamed})) or "none",
                wac=", ".join(sorted({*packages} if renamed else {*found.values()})) or "none",
                fix=f"name every `new` of {file.name} in parts of compose(), and nothing else",
            )
        return found


def parse(wac: Path, file: Path) -> Document:
    """Return what the .wac file *file* refers to.

    Args:
        wac: The executable.
        file: The file, in UTF-8 and without byte order mark.

    Raises:
        CommandError: It has an error of syntax.
    """
    tree = json.loads(run([wac, "parse", file]))
    targets = tree["directive"].get("targets")
    found = list(_references([targets, tree["statements"]], instantiated=False))
    return Document(
        [reference for reference, instantiated in found if instantiated],
        [reference for reference, instantiated in found if not instantiated],
    )


def _references(tree: object, *, instantiated: bool) -> Iterator[tuple[Reference, bool]]:
    """Return each package name in a syntax tree, and whether `new` precedes it."""
    if isinstance(tree, dict):
        if {"name", "version", "string"} <= tree.keys():
            yield Reference(tree["name"], tree["version"] or "", tree["string"]), instantiated
        for key, value in tree.items():
            if key == "new":
                yield from _references(value["package"], instantiated=True)
                yield from _references(value["arguments"], instantiated=False)
            else:
                yield from _references(value, instantiated=False)
    elif isinstance(tree, list):
        for each in tree:
            yield from _references(each, instantiated=False)


def run(words: Sequence[str | Path]) -> str:
    """Run wac without the backtrace that it adds to its messages, and return its output.

    Raises:
        CommandError: It failed.
    """
    return process.run(words, env={**os.environ, "RUST_BACKTRACE": "0"}).output


@contextmanager
def unmarked(file: Path) -> Iterator[Path]:
    """Yield *file*, or a copy without its byte order mark, which wac would take for a word."""
    if not file.read_bytes().startswith(codecs.BOM_UTF8):
        yield file
        return
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, file.name)
        copy.write_text(files.read_text(file), encoding="utf-8")
        yield copy


def parts_of(words: Sequence[str]) -> dict[str, str]:
    """Return a mapping that was written as words `NAME=VALUE`."""
    return {name: value for name, _, value in (word.partition("=") for word in words)}

"""Checks the arguments of a step when it is declared, and names the remedy for wrong ones."""

from __future__ import annotations

import os
import reprlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pipeline.engine import layout
from pipeline.engine.pools import POOLS
from pipeline.engine.words import In, Out, Python, Root, Tool, Word, inside, relative
from pipeline.errors import DeclarationError
from pipeline.host import slashes

if TYPE_CHECKING:
    from typing import Final

_KINDS: Final = (str, In, Out, Tool, Root, Python)


def require_name(name: object) -> None:
    """Raise unless *name* is a valid name of a step.

    Raises:
        DeclarationError: The name is invalid.
    """
    if not isinstance(name, str):
        raise DeclarationError(f"the name of a step is {_kind(name)}", fix="write a text")
    if not name.isprintable() or name.strip() != name or name.strip(".") == "":
        raise DeclarationError(
            f"{name!r} cannot be the name of a step",
            fix="use letters, digits and marks such as `component:cli`",
        )
    if name.startswith("-") or "=" in name or "*" in name:
        raise DeclarationError(
            f"{name!r} cannot be the name of a step: nobody could select it on a command line",
            fix="use no `=` and no `*`, and begin with something else than `-`",
        )


class Arguments:
    """Checks the arguments of one step.

    Args:
        step: Its name.
    """

    def __init__(self, step: str) -> None:
        self._step = step

    def words(self, argv: object) -> list[Word]:
        """Return the words of a command.

        Raises:
            DeclarationError: *argv* is not a list of words.
        """
        if not isinstance(argv, list | tuple):
            self._refuse("argv", f"is {_kind(argv)}", "write a list of words")
        if not argv:
            self._refuse("argv", "is empty", "name the program to run")
        words = [self._word(number, word) for number, word in enumerate(argv, start=1)]
        if words[0] == "":
            self._refuse("argv", "begins with an empty word", "name the program to run")
        return words

    def _word(self, argument: int, word: object) -> Word:
        if type(word) is str:
            return self._text(argument, word)
        if type(word) is In:
            place = self._path(argument, word.path)
            self._prefix(argument, word)
            return word if place == word.path else In(place, word.prefix)
        if type(word) is Out:
            return self._output(argument, word)
        if isinstance(word, Tool | Root | Python):
            self._program(argument, word)
            return word
        if isinstance(word, Path):
            self._refuse(argument, "is a Path", f"write In({str(word)!r}), or a text")
        return self._refuse(argument, f"is {_kind(word)}", f"write {str(word)!r}")

    def _prefix(self, argument: int | str, word: In | Out) -> None:
        if word.prefix != "":
            self._text(argument, word.prefix)

    def _program(self, argument: int, word: Tool | Root | Python) -> None:
        if isinstance(word, Python):
            parts = self._text(argument, word.module).split(".")
            if not all(part.isidentifier() for part in parts):
                self._refuse(argument, f"{word.module!r} is no module", "write `package.module`")
            self._module(argument, word)
            return
        self._name(argument, word.name)
        inside = word.program if isinstance(word, Tool) else word.inside
        where = slashes(os.path.normpath(self._text(argument, str(inside)) or "."))
        if where.startswith("..") or _is_outside(where):
            self._refuse(argument, f"{inside} is not in {word.name}", "name what is inside of it")

    def _module(self, argument: int, word: Python) -> None:
        if word.is_ours:
            from pipeline.engine.imports import closure  # few steps run a module

            try:
                closure(word.module)
            except DeclarationError as error:
                self._refuse(argument, error.what, error.fix)

    def paths(self, argument: str, values: object) -> list[str]:
        """Return the paths in *values* in the form that keys use.

        Raises:
            DeclarationError: A value is not a path.
        """
        return [self._path(argument, value) for value in self._each(argument, values, "paths")]

    def outputs(self, values: object) -> list[Out]:
        """Return the outputs in *values*.

        Raises:
            DeclarationError: A value is not an output, or is where a step must not write.
        """
        return [
            self._output("outputs", value) for value in self._each("outputs", values, "outputs")
        ]

    def _output(self, argument: str | int, out: object) -> Out:
        if not isinstance(out, Out):
            hint = f"write Out({str(out)!r})" if isinstance(out, str | Path) else "write Out(path)"
            self._refuse(argument, f"holds {_kind(out)}", hint)
        self._prefix(argument, out)
        place = self.inside(argument, out.path)
        if layout.concerns_ours(place) or layout.concerns_tools(place):
            self._refuse(argument, f"{place} is reserved for doit-wasm", "name another place")
        if layout.is_authors(place):
            self._refuse(argument, f"no step may replace {place}", "name another place")
        if sys.platform == "win32":
            self._require_portable(argument, place)
        made = out.made and self.inside(argument, out.made)
        same = place == out.path and made == out.made
        return out if same else Out(place, made, out.prefix)

    def _require_portable(self, argument: str | int, place: str) -> None:
        from pipeline.portable_names import complaint  # needed nowhere else

        if why := complaint(place):
            self._refuse(argument, f"{place} cannot be written: {why}", "name another place")

    def inside(self, argument: str | int, value: object, *, whole: bool = False) -> str:
        """Return a path in the project in the form that keys use.

        Args:
            argument: The argument that holds the path.
            value: The value to check.
            whole: Whether the path may be the project itself.

        Raises:
            DeclarationError: *value* is not a path in the project.
        """
        if whole and value == ".":
            return "."
        place = self._path(argument, value)
        if _is_outside(place):
            self._refuse(argument, f"{place} is not in the project", "name a path below dodo.py")
        if place == "." and not whole:
            self._refuse(argument, "is the whole project", "name a path below dodo.py")
        return place

    def names(self, argument: str, values: object) -> list[str]:
        """Return names of tools or tasks.

        Raises:
            DeclarationError: A value is not a name.
        """
        return [self._name(argument, value) for value in self._each(argument, values, "names")]

    def variables(self, env: object) -> dict[str, str]:
        """Return the variables in *env*.

        Raises:
            DeclarationError: A name or a value is invalid.
        """
        if env is None:
            return {}
        if type(env) is not dict and not isinstance(env, Mapping):
            self._refuse("env", f"is {_kind(env)}", 'write {"NAME": "value"}')
        for name, value in env.items():
            if not isinstance(name, str) or not name or "=" in self._text("env", name):
                self._refuse("env", f"{name!r} cannot name a variable", "use a text without `=`")
            if not isinstance(value, str):
                self._refuse("env", f"{name} is {_kind(value)}", f"write {str(value)!r}")
            self._text(f"env, {name}", value)
        return dict(env)

    def caches(self, caches: object) -> dict[str, Path]:
        """Return the directories that outlive a step.

        Raises:
            DeclarationError: A directory cannot be one.
        """
        if caches is None:
            return {}
        if not isinstance(caches, Mapping):
            self._refuse("caches", f"is {_kind(caches)}", 'write {"target": "build/cache/mine"}')
        found: dict[str, Path] = {}
        for place, kept in caches.items():
            where = self._path("caches", kept)
            if layout.concerns_ours(where) and not where.startswith(f"{layout.CACHE.as_posix()}/"):
                fix = f"keep it in {layout.CACHE}/{layout.slug(self._step)}"
                self._refuse("caches", f"cannot keep anything in {where}", fix)
            found[self.inside("caches", place)] = Path(where)
        return found

    def flag(self, argument: str, value: object) -> None:
        """Raise unless *value* is True or False.

        Raises:
            DeclarationError: *value* is neither.
        """
        if not isinstance(value, bool):
            self._refuse(argument, f"is {_kind(value)}", "write True or False")

    def line(self, argument: str, value: object) -> None:
        """Raise unless *value* is one line of text.

        Raises:
            DeclarationError: *value* is not.
        """
        if not isinstance(value, str):
            self._refuse(argument, f"is {_kind(value)}", "write a text")
        if not value.isprintable():
            self._refuse(argument, f"{value!r} is not one line of text", "leave out what is not")

    def number(self, argument: str, value: object) -> None:
        """Raise unless *value* is a whole number.

        Raises:
            DeclarationError: *value* is not.
        """
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse(argument, f"is {_kind(value)}", "write a whole number")

    def pool(self, value: object) -> None:
        """Raise unless *value* is the name of a pool, or empty.

        Raises:
            DeclarationError: There is no such pool.
        """
        if value != "" and value not in POOLS:
            known = ", ".join(map(repr, POOLS))
            self._refuse("pool", f"there is no pool {value!r}", f"use one of: {known}")

    def require_apart(
        self, inputs: Iterable[str], outputs: Sequence[tuple[str, str]], caches: Iterable[str]
    ) -> None:
        """Raise unless the inputs, outputs and caches of a step are different places.

        Args:
            inputs: Paths it reads.
            outputs: For each output, the path where it appears and the one that the command writes.
            caches: Directories that outlive the step.

        Raises:
            DeclarationError: Two of them overlap.
        """
        read = frozenset(inputs)
        for path in read:
            if layout.concerns_ours(path):
                self._refuse(
                    "inputs",
                    f"{path} holds what doit-wasm itself writes",
                    "name what it reads",
                )
        for place, _ in outputs:
            if other := _overlapping(place, read):
                fix = "make it write next to its input"
                self._refuse("outputs", f"{place} and the input {other} overlap", fix)
        if len(outputs) > 1:
            self._require_one_by_one(outputs)
        for place in caches:
            if other := next((p for p in read if f"{p}/".startswith(f"{place}/")), ""):
                fix = "read it from elsewhere"
                self._refuse("caches", f"{place} would hide the input {other}", fix)

    def _require_one_by_one(self, outputs: Sequence[tuple[str, str]]) -> None:
        one = dict(outputs)
        if any(one[place] != made for place, made in outputs):
            twice = next(place for place, made in outputs if one[place] != made)
            self._refuse("outputs", f"{twice} is made in two places", "leave one of them")
        for argument, places in (("outputs", [*one]), ("outputs, made", [*one.values()])):
            known: set[str] = set()
            for place in places:
                if other := _overlapping(place, known):
                    fix = "declare the outer one only, or move one"
                    self._refuse(argument, f"{place} and {other} overlap", fix)
                known.add(place)

    def _each(self, argument: str, values: object, what: str) -> Sequence[object]:
        if type(values) in {list, tuple}:  # most are, and many steps are declared
            return values  # type: ignore[return-value]
        if isinstance(values, str | bytes | Path | Mapping) or not isinstance(values, Iterable):
            self._refuse(argument, f"is {_kind(values)}", f"write a list of {what}")
        return list(values)

    def _path(self, argument: str | int, value: object) -> str:
        if type(value) is not str:
            self._require_path(argument, value)
        elif place := inside(value):
            return place
        elif not value:
            self._refuse(argument, "holds an empty path", "name a file or directory")
        return relative(self._text(argument, str(value)))

    def _require_path(self, argument: str | int, value: object) -> None:
        if isinstance(value, In | Out):
            self._refuse(argument, f"holds {_kind(value)}", f"write {str(value.path)!r}")
        if not isinstance(value, str | Path):
            self._refuse(argument, f"holds {_kind(value)}", "write a path, as text or Path")

    def _name(self, argument: str | int, value: object) -> str:
        if isinstance(value, Tool | Root):
            self._refuse(argument, f"holds {_kind(value)}", f"write {value.name!r}")
        if not isinstance(value, str) or not value or not value.isprintable():
            self._refuse(argument, f"holds {_kind(value)}", "write a name")
        return value

    def _text(self, argument: str | int, value: object) -> str:
        if type(value) is not str:
            self._refuse(argument, f"holds {_kind(value)}", "write a text")
        if "\0" in value:
            self._refuse(argument, f"{value!r} has a NUL byte", "leave it out: no command gets it")
        if not value.isascii():
            try:
                os.fsencode(value)
            except UnicodeEncodeError:
                self._refuse(argument, f"{value!r} is no text", "leave lone surrogates out")
        return value

    def _refuse(self, argument: str | int, what: str, fix: str) -> NoReturn:
        where = f"argv, word {argument}" if isinstance(argument, int) else argument
        raise DeclarationError(f"step {self._step}: {where}: {what}", fix=fix)


def _kind(value: object) -> str:
    """Return the kind of *value* in a few words."""
    return f"{reprlib.repr(value)} ({type(value).__name__})"


def _is_outside(place: str) -> bool:
    return place.startswith("/") or os.path.isabs(place)  # noqa: PTH117 - keys are strings


def _overlapping(place: str, others: AbstractSet[str]) -> str:
    """Return the first of *others* that equals, contains or is inside *place*, or ""."""
    for above in (place, *layout.directories_above(place)):
        if above in others:
            return above
    inside = f"{place}/"
    for other in others:
        if other.startswith(inside):
            return other
    return ""

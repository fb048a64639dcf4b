"""Reads cargo's manifests of a workspace and its crates, with cargo's own defaults."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pipeline import documents, files
from pipeline.engine.words import relative
from pipeline.errors import DeclarationError
from pipeline.rules.cargo_shape import DEPENDENCIES, KINDS, require_shape

T = TypeVar("T")

_LITERAL: Final = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | \bfolder\s*=\s*"(?P<folder>[^"]*)"
      | r(?P<hashes>\#*)"(?P<raw>.*?)"(?P=hashes)
      | "(?P<plain>(?:\\.|[^"\\])*)" | '(?:\\.|[^'\\])'""",
    re.VERBOSE | re.DOTALL,
)


TEMPLATES: Final = "templates"
"""Where macros that compile templates look for them, which name one another."""
WIT: Final = "wit"
"""Where cargo-component and wit-bindgen's macro look for WIT, from the directory of the crate."""


@dataclass(frozen=True, slots=True)
class LocalWorld:
    """A world that a manifest names for cargo-component.

    Attributes:
        world: Its name.
        path: The WIT that has it, from the directory of the crate.
    """

    world: str
    path: str


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate on disk.

    Attributes:
        root: Directory of its Cargo.toml.
        manifest: Its content.
    """

    root: Path
    manifest: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, root: Path) -> Crate:
        """Return the crate at *root*.

        Raises:
            DeclarationError: *root* has no Cargo.toml, or it describes no package.
        """
        manifest = _manifest(root)
        if not isinstance(manifest.get("package", {}).get("name"), str):
            raise DeclarationError(
                f"{root / 'Cargo.toml'} describes no crate",
                why="it has no package.name",
                fix="name the directory of a crate, not of a workspace",
            )
        return cls(root, manifest)

    @property
    def package(self) -> str:
        """Its name."""
        name: str = self.manifest["package"]["name"]
        return name

    @property
    def component(self) -> Mapping[str, Any] | None:
        """Its settings for cargo-component; None if it has none."""
        found: Mapping[str, Any] | None = self._package.get("metadata", {}).get("component")
        return found

    @property
    def _package(self) -> Mapping[str, Any]:
        package: Mapping[str, Any] = self.manifest.get("package", {})
        return package

    @property
    def component_target(self) -> Mapping[str, Any]:
        """What its settings for cargo-component say about the world, in the long form."""
        target = (self.component or {}).get("target", {})
        return target if isinstance(target, dict) else {"package": target}

    @property
    def has_registry_target(self) -> bool:
        """Whether the WIT package of its world comes from a registry."""
        return "package" in self.component_target

    @property
    def local_world(self) -> LocalWorld | None:
        """The world that its manifest names, if that is not one of a registry."""
        target = self.component_target
        if self.has_registry_target or not isinstance(target.get("world"), str):
            return None
        return LocalWorld(target["world"], target.get("path", WIT))

    @property
    def wit(self) -> list[Path]:
        """The places where its manifest makes cargo-component look for WIT."""
        default = [] if "path" in self.component_target else [self.root / WIT]
        places = [*default, *self.named_wit]
        return [Path(relative(place)) for place in places if place.exists()]

    @property
    def named_wit(self) -> list[Path]:
        """The WIT and the components that its manifest names by path for cargo-component."""
        tables = [self.component_target, self.component or {}]
        needs = [need for table in tables for need in table.get("dependencies", {}).values()]
        named = [self.component_target, *(need for need in needs if isinstance(need, dict))]
        return [self.root / need["path"] for need in named if "path" in need]

    @property
    def bindings(self) -> Path:
        """Where cargo-component writes generated bindings."""
        return self.root / "src" / "bindings.rs"

    @property
    def library(self) -> str:
        """The name of its library, if that becomes a module; empty if it has none."""
        table = self.manifest.get("lib", {})
        if "cdylib" not in table.get("crate-type", table.get("crate_type", [])):
            return ""
        name: str = table.get("name", self.package.replace("-", "_"))
        return name

    @property
    def binaries(self) -> list[str]:
        """The names of its programs."""
        tables = self.manifest.get("bin", [])
        named = {table["name"] for table in tables if "name" in table}
        taken = {os.path.normpath(table["path"]) for table in tables if "path" in table}
        found = {}
        if self._package.get("autobins", True):
            folder = self.root / "src" / "bin"
            found = {file: file.stem for file in folder.glob("*.rs")}
            found |= {file: file.parent.name for file in folder.glob("*/main.rs")}
            if (main := self.root / "src" / "main.rs").is_file():
                found[main] = self.package
        return sorted(
            named.union(
                name
                for file, name in found.items()
                if str(file.relative_to(self.root)) not in taken
            )
        )

    def artifact(self, program: str = "") -> tuple[list[str], str]:
        """Return the words that make cargo build one target, and the name of its output.

        Args:
            program: The program to build, of a crate that has several.

        Raises:
            DeclarationError: The manifest does not determine the target.
        """
        program = program or ("" if self.library else str(self._package.get("default-run", "")))
        if not program and self.library:
            return ["--lib"], f"{self.library}.wasm"
        names = self.binaries
        if not names:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} describes nothing that becomes a component",
                why="it has no program, and its library is for other crates",
                fix='add `crate-type = ["cdylib"]` to its [lib]',
            )
        program = program or (names[0] if len(names) == 1 else "")
        if program not in names:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} does not say which program becomes the component",
                programs=", ".join(names) or "none",
                fix="name one of them in `program` of rust_component(), or in package.default-run",
            )
        return ["--bin", program], f"{program}.wasm"

    @property
    def _library_file(self) -> Path:
        return self.root / str(self.manifest.get("lib", {}).get("path", "src/lib.rs"))

    @property
    def targets(self) -> list[Path]:
        """The files that cargo requires whichever target it builds, sorted."""
        programs = self.root / "src/bin"
        found = {self._library_file, self.root / "src/main.rs"}
        found |= {*programs.glob("*.rs"), *programs.glob("*/main.rs")}
        for kind, folder in KINDS.items():
            for table in self.manifest.get(kind, []):
                name = table.get("name", "")
                paths = [f"{folder}/{name}.rs", f"{folder}/{name}/main.rs"]
                places = [table["path"]] if "path" in table else paths
                found |= {self.root / place for place in places}
        if isinstance(script := self._package.get("build", "build.rs"), str):
            found.add(self.root / script)
        return sorted(path for path in found if path.is_file())

    @property
    def tests(self) -> list[Path]:
        """Its integration tests and their data, sorted."""
        return sorted(file for file in (self.root / "tests").rglob("*") if file.is_file())

    @property
    def sources(self) -> list[Path]:
        """What the compiler reads, sorted; not the generated code.

        That is `src`, the targets elsewhere, WIT and templates beside them, and what a string of
        the code names: the path of a macro that includes a file, embeds a directory, or generates
        bindings.
        """
        tests = self.root / "tests"
        code = {path for path in self.targets if not path.is_relative_to(tests)}
        for folder in ("src", TEMPLATES):
            code |= {file for file in (self.root / folder).rglob("*") if file.is_file()}
        code.discard(self.bindings)
        wit = [*self.root.glob("*.wit"), *(self.root / "wit").rglob("*.wit")]
        named = {path for file in code if file.suffix == ".rs" for path in self._named_in(file)}
        return sorted({self.root / "Cargo.toml", *code, *wit, *named})

    def _named_in(self, file: Path) -> Iterator[Path]:
        for text in _unchanged(_paths_in, file):
            # After `env!("CARGO_MANIFEST_DIR")`, which is a text of its own, comes a slash.
            path = text.removeprefix("$CARGO_MANIFEST_DIR")
            for base in (self.root,) if path.startswith("/") else (file.parent, self.root):
                yield from _inside(base, path.lstrip("/"), self.root)

    def local(self, tables: Sequence[str], shared: Mapping[str, Any]) -> list[Path]:
        """Return the directories of the crates that it names by path in *tables*.

        Args:
            tables: Kinds of dependencies.
            shared: The dependencies that the workspace names for all.

        Raises:
            DeclarationError: One does not exist.
        """
        parts = [self.manifest, *self.manifest.get("target", {}).values()]
        needs = [item for part in parts for kind in tables for item in part.get(kind, {}).items()]
        own = [need["path"] for _, need in needs if isinstance(need, dict) and "path" in need]
        found = [Path(relative(self.root / path)) for path in own] + [
            place for name, need in needs if _inherits(need) and (place := shared.get(name))
        ]
        if missing := [place for place in found if not (place / "Cargo.toml").is_file()]:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} needs the crate at {missing[0]}",
                why="no Cargo.toml is there",
                fix="correct the `path` of that dependency",
            )
        return found


def _inside(base: Path, text: str, crate: Path) -> Iterator[Path]:
    """Return the files at the path *text* from *base*, if it is one of the project.

    Of a directory elsewhere than in the *crate*, and of its parents, that is the WIT alone.
    """
    try:
        place = Path(relative(base / text))
        if place.is_absolute() and not Path(relative(base)).is_absolute():
            return  # a step reads only what is below dodo.py
        if place.is_file():
            yield place
        elif place.is_dir() and not base.is_relative_to(place):
            kinds = "*" if _is_data(place, Path(relative(crate))) else "*.wit"
            yield from (file for file in place.rglob(kinds) if file.is_file())
    except (OSError, ValueError):
        return  # not a path: too long, or with a NUL


def _is_data(place: Path, crate: Path) -> bool:
    """Return whether a directory is one of a crate, and not one that cargo writes."""
    written = crate / "target"
    return place != crate and place.is_relative_to(crate) and not place.is_relative_to(written)


def _inherits(need: object) -> bool:
    return isinstance(need, dict) and bool(need.get("workspace"))


@dataclass(frozen=True, slots=True)
class Workspace:
    """A cargo workspace on disk; a crate without one is a workspace of its own.

    Attributes:
        root: Directory of its Cargo.toml.
        members: Directories of its crates.
    """

    root: Path
    members: tuple[Path, ...]

    @classmethod
    def read(cls, root: Path) -> Workspace:
        """Return the workspace at *root*.

        Raises:
            DeclarationError: There is none, or it has no crate.
        """
        found = cls._at(root)
        if not found.members:
            raise DeclarationError(
                f"{root / 'Cargo.toml'} describes no crate",
                why="it has neither a package nor workspace.members that exist",
                fix="list the crates there",
            )
        return found

    @classmethod
    def _at(cls, root: Path) -> Workspace:
        """Return the workspace at *root*, which may have no crate."""
        manifest = _manifest(root)
        table = manifest.get("workspace", {})
        found = [root] if "package" in manifest else []
        for pattern in table.get("members", []):
            found += [path.parent for path in sorted(root.glob(f"{pattern}/Cargo.toml"))]
        named, left_out = (
            [Path(relative(root / name)) for name in table.get(key, [])]
            for key in ("members", "exclude")
        )
        places = dict.fromkeys(Path(relative(member)) for member in found)
        return cls(
            root,
            tuple(
                place
                for place in places
                if _is_in(place, named) or not _is_in(place, left_out)  # as in cargo
            ),
        )

    @classmethod
    def of(cls, crate: Path) -> Workspace:
        """Return the workspace that cargo finds for the crate at *crate*.

        Raises:
            DeclarationError: A manifest on the way is invalid.
        """
        manifest = _manifest(crate)
        if "workspace" in manifest:
            return cls.read(crate)
        if isinstance(named := manifest.get("package", {}).get("workspace"), str):
            return cls.read(Path(relative(crate / named)))
        for above in crate.parents:
            if (above / "Cargo.toml").is_file() and "workspace" in _manifest(above):
                found = cls._at(above)
                return found if Path(relative(crate)) in found.crates() else cls.read(crate)
        return cls.read(crate)

    def crates(self) -> dict[Path, Crate]:
        """Return its members and all crates that they name by path, for any purpose."""
        return self._closure(self.members, DEPENDENCIES)

    def near(self, crate: Path) -> dict[Path, Crate]:
        """Return *crate* and the crates that it is compiled with."""
        return self._closure([crate], DEPENDENCIES[:2])

    def _closure(self, first: Sequence[Path], tables: Sequence[str]) -> dict[Path, Crate]:
        """Return the crates at *first*, and those that these name by path in *tables*."""
        manifest = _manifest(self.root)
        needs = manifest.get("workspace", {}).get("dependencies", {})
        shared = {
            name: Path(relative(self.root / need["path"]))
            for name, need in needs.items()
            if isinstance(need, dict) and "path" in need
        }
        patched = [
            Path(relative(self.root / need["path"]))
            for table in manifest.get("patch", {}).values()
            for need in table.values()
            if isinstance(need, dict) and "path" in need
        ]
        found: dict[Path, Crate] = {}
        todo = [*first, *patched]
        while todo:
            place = Path(relative(todo.pop()))
            if place in found:
                continue
            if place.is_absolute() and not Path(relative(self.root)).is_absolute():
                raise DeclarationError(
                    f"{self.root / 'Cargo.toml'} has the crate {place}",
                    why="it is outside of the project, and what a step reads lies below dodo.py",
                    fix=f"move dodo.py to a directory above {place}",
                )
            found[place] = Crate.read(place)
            todo += found[place].local(tables, shared)
        return found

    @property
    def manifests(self) -> list[Path]:
        """Every Cargo.toml that cargo reads, whichever crate it builds."""
        places = [self.root, *self.crates()]
        return list(dict.fromkeys(Path(relative(place)) / "Cargo.toml" for place in places))

    @property
    def targets(self) -> list[Path]:
        """The files that cargo requires whichever crate it builds.

        A crate above, in which cargo looks for a workspace, needs its own, too.
        """
        above = [Path(relative(directory)) for directory in self.root.absolute().parents]
        crates = [
            *self.crates().values(),
            *(
                Crate(place, _manifest(place))
                for place in above
                if (not place.is_absolute() and (place / "Cargo.toml").is_file())
            ),
        ]
        return list(dict.fromkeys(path for crate in crates for path in crate.targets))

    @property
    def settings(self) -> list[Path]:
        """The settings that cargo finds, and the manifests above.

        cargo looks in every directory above, and no option prevents that, so the files that it
        finds are inputs. The home directory of a step holds nothing that affects a build.
        """
        above = self.root.absolute().parents
        places = [directory / ".cargo" for directory in (self.root, *above)]
        found = [place / name for place in places for name in ("config.toml", "config")]
        found += [directory / "Cargo.toml" for directory in above]
        found.append(self.root / "Cargo-component.lock")
        return [path for path in dict.fromkeys(found) if path.is_file()]

    @property
    def lock(self) -> Path:
        """The lock file: committed, or made by `lock:WORKSPACE` of crates.lock."""
        return self.root / "Cargo.lock"

    @property
    def pins(self) -> Path:
        """The lock file without addresses, from which `lock:WORKSPACE` makes Cargo.lock."""
        return self.root / "crates.lock"


def _paths_in(file: Path) -> Sequence[str]:
    """Return the strings of a file of Rust that may be paths, of a `folder = "…"` with a slash."""
    found = _LITERAL.finditer(files.read_text(file))
    texts = dict.fromkeys(
        f"{each['folder']}/" if each["folder"] else each["raw"] or each["plain"] or ""
        for each in found
    )
    return [text for text in texts if "." in text or "/" in text or text == WIT]


def _unchanged(read: Callable[[Path], T], file: Path) -> T:
    """Return what *read* makes of a file, which several rules ask for while it stays as it is."""
    try:
        now = file.stat()
    except OSError:
        return read(file)  # which reports it
    found: T = _remembered(read, file, (now.st_dev, now.st_ino, now.st_mtime_ns, now.st_size))
    return found


@functools.cache
def _remembered(read: Callable[[Path], T], file: Path, _state: tuple[int, ...]) -> T:
    return read(file)


def _is_in(place: Path, directories: Sequence[Path]) -> bool:
    return any(place.is_relative_to(directory) for directory in directories)


def _manifest(root: Path) -> dict[str, Any]:
    path = root / "Cargo.toml"
    if root.is_file():
        raise DeclarationError(f"{root} is a file", fix="name the directory of a Cargo.toml")
    try:
        return _unchanged(_read_manifest, path)
    except FileNotFoundError as error:
        raise DeclarationError(
            f"{root} is no crate", why="it has no Cargo.toml", fix="name the directory of one"
        ) from error


def _read_manifest(path: Path) -> dict[str, Any]:
    found = documents.read_toml(path)
    require_shape(found, path)
    return found

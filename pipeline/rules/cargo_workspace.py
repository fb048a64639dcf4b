"""Tells which crates a workspace has, and what cargo reads for any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.words import relative
from pipeline.errors import DeclarationError
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.cargo_manifest import read_manifest
from pipeline.rules.cargo_shape import DEPENDENCIES


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
        manifest = read_manifest(root)
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
        manifest = read_manifest(crate)
        if "workspace" in manifest:
            return cls.read(crate)
        if isinstance(named := manifest.get("package", {}).get("workspace"), str):
            return cls.read(Path(relative(crate / named)))
        for above in crate.parents:
            if (above / "Cargo.toml").is_file() and "workspace" in read_manifest(above):
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
        manifest = read_manifest(self.root)
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
                Crate(place, read_manifest(place))
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


def _is_in(place: Path, directories: Sequence[Path]) -> bool:
    return any(place.is_relative_to(directory) for directory in directories)

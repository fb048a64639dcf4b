"""The store of tools: one directory per tool, shared by all builds of a user.

It holds:
    tools/NAME-VERSION-KEY/manifest.json  what the tool is, and its source
    tools/NAME-VERSION-KEY/seen.json      sizes and times, to detect damage
    tools/NAME-VERSION-KEY/tree/          the tool
    projects/                             which projects use the store
    tmp/, locks/, checked/                work in progress; one lock per tool; schema checks done
    downloads/                            see net/downloads.py
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import PipelineError, StoreError
from pipeline.settings import STORE, store_root
from pipeline.toolchain.store.integrity import intact, record

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"

BUILT_HERE: Final = ", built here"
"""What a source adds to its line if it compiles."""

_BUILT_BY: Final = ", built by "
_FULL_BYTES: Final = 16 << 20


def entry_name(tool: str, version: str, key: str) -> str:
    """Return the name of an entry's directory."""
    return f"{tool}-{version}-{key[:16]}"


def built_by(source: str, builder: str) -> str:
    """Return the line of a source whose tool another machine has built.

    Args:
        source: The line of the source.
        builder: The public key of who built it, as text.
    """
    return f"{source.replace(BUILT_HERE, '')}{_BUILT_BY}{builder}"


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """A tool in the store.

    Attributes:
        tree: Its tree; the other attributes are in `manifest.json` beside it.
        tool: Name of the tool.
        version: Version of the tool, which is that of its source.
        source: Where it came from, in one line.
        key: Hash of what decides its content: pins, platform, tools used.
        digest: SHA-256 of its tree.
        executables: Paths of its programs in the tree.
        needs: Tools it needs to run.
        notes: What was used in place of a pin.
    """

    tree: Path
    tool: str
    version: str
    source: str
    key: str
    digest: str
    executables: list[str]
    needs: list[str]
    notes: list[str]

    @property
    def builder(self) -> str:
        """The public key of who built it on another machine; "" if it was made on this one."""
        return self.source.rpartition(_BUILT_BY)[2] if _BUILT_BY in self.source else ""


class Store:
    """A directory of tools.

    Args:
        root: The directory; it is created on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def default(cls) -> Store:
        """Return the user's store, or the one that the environment variable names."""
        return cls(store_root())

    @property
    def checked(self) -> Path:
        """A record of the TOML files that have passed the schema."""
        return self.root / "checked"

    @property
    def downloads(self) -> Path:
        """The directory of downloads; see net/downloads.py."""
        return self.root / "downloads"

    def find(self, name: str) -> StoreEntry | None:
        """Return the entry called *name*, if it exists and looks intact.

        Raises:
            StoreError: It exists and cannot be read.
        """
        place = self._place(name)
        entry = self.read(place)
        if entry is None:
            return None
        return entry if intact(place, entry.digest, entry.executables) else None

    def future(self, entry: StoreEntry) -> StoreEntry:
        """Return an entry with the path that its tree will have."""
        place = self._place(entry_name(entry.tool, entry.version, entry.key))
        return replace(entry, tree=place / "tree")

    def has(self, name: str) -> bool:
        """Return whether the entry called *name* exists, intact or damaged."""
        return self._place(name).exists()

    def read(self, place: Path) -> StoreEntry | None:
        """Return the entry in the directory *place*, intact or damaged; None if there is none.

        Raises:
            StoreError: It cannot be read.
        """
        try:
            text = (place / MANIFEST).read_text(encoding="utf-8")
            raw = json.loads(text)
            del raw["format"]
            return StoreEntry(tree=place / "tree", **raw)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            what = f"cannot read the entry of {place.name.partition('-')[0]} in the store"
            raise StoreError(what, why=str(error), fix=f"remove {place}") from error

    def is_foreign(self, place: Path) -> bool:
        """Return whether the entry in the directory *place* is of another format than ours.

        It is for the version of the package that has written it to judge and to remove.
        """
        try:
            raw = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(raw, dict) and raw.get("format", FORMAT) != FORMAT

    @contextmanager
    def locked(self, name: str, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold the lock for making entries of the tool *name*."""
        with files.locked(self.root / "locks" / f"{name}.lock", on_wait):
            yield

    @contextmanager
    def locked_if_free(self, name: str) -> Iterator[bool]:
        """As `locked`, without waiting: yield whether the lock was free."""
        with files.locked_if_free(self.root / "locks" / f"{name}.lock") as free:
            yield free

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """Yield a directory on the store's disk for the holder of the lock; remove it at the end.

        Its path is always the same, since compilers embed paths.
        """
        directory = self.root / "tmp" / name
        files.remove_tree(directory)  # left by a killed process
        directory.mkdir(parents=True)
        try:
            yield directory
        finally:
            files.remove_tree(directory)

    def place(self, scratch: Path, entry: StoreEntry) -> StoreEntry:
        """Move *entry*, whose tree is below *scratch*, to its place in the store, all at once.

        Args:
            scratch: A directory that `scratch` gave.
            entry: What to place.

        Returns:
            The entry in its place.
        """
        new = scratch / "entry"
        new.mkdir()
        entry.tree.rename(new / "tree")
        manifest = {"format": FORMAT, **asdict(entry)}
        del manifest["tree"]
        text = json.dumps(manifest, indent=2, sort_keys=True)
        (new / MANIFEST).write_text(text + "\n", encoding="utf-8")
        record(new, entry.executables)
        place = self._place(entry_name(entry.tool, entry.version, entry.key))
        files.place(new, place)
        return replace(entry, tree=place / "tree")

    @contextmanager
    def guarded(self, name: str) -> Iterator[None]:
        """Turn errors of the disk into one that names the remedy.

        Raises:
            StoreError: The store cannot be written, or is full.
        """
        try:
            yield
        except OSError as error:
            raise self._unusable(name, error.strerror or str(error)) from error
        except StoreError:
            raise
        except PipelineError as error:
            # A program that we ran may have hit the full disk first.
            if self._free_bytes() < _FULL_BYTES:
                raise self._unusable(name, f"its disk is full; {error}") from error
            raise

    def _unusable(self, name: str, why: str) -> StoreError:
        return StoreError(
            f"cannot install {name} in the store",
            why=why,
            fix=f"make room there, or set {STORE} to a directory that can be written",
            store=self.root,
        )

    def _free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self.root).free
        except OSError:
            return _FULL_BYTES  # unknown: not full

    def _place(self, name: str) -> Path:
        return self.root / "tools" / name

"""The outputs of a step as names and digests: enough to recognise or to restore them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import files, tree
from pipeline.tree import Entry


@dataclass(frozen=True, slots=True)
class Result:
    """The outputs of a step.

    Attributes:
        step: Name of the step, for people.
        outputs: The entries of each output by its path in the project, the output itself first.
        said: Digest of the text that the command wrote; "" if it wrote nothing.
        said_size: Bytes of that text.
    """

    step: str
    outputs: Mapping[str, Sequence[Entry]]
    said: str
    said_size: int

    @classmethod
    def of(cls, step: str, outputs: Mapping[str, Sequence[Entry]], said: Path | None) -> Result:
        """Return the result with these entries of each output, and with the text in *said*."""
        made = {
            name: tree.hashed(entries, lambda entry: files.sha256(entry.path))
            for name, entries in outputs.items()
        }
        if said is None:
            return cls(step, made, "", 0)
        return cls(step, made, files.sha256(said), said.stat().st_size)

    def digests(self) -> dict[str, str]:
        """Return the digest of each output as the memo computes it, without reading any file."""
        return {path: tree.digest(entries) for path, entries in self.outputs.items()}

    def blobs(self) -> dict[str, int]:
        """Return the size of each file of the outputs, by digest."""
        found = {self.said: self.said_size} if self.said else {}
        for entries in self.outputs.values():
            found |= {e.content: e.size for e in entries if e.kind in tree.FILES}
        return found

    def files(self, outputs: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
        """Yield the digest and the path of each file, if the outputs are at the paths *outputs*."""
        for path, entries in self.outputs.items():
            for entry in entries:
                if entry.kind in tree.FILES:
                    yield entry.content, outputs[path] / entry.name

    def make(self, outputs: Mapping[str, Path], fetch: Callable[[str, Path], bool]) -> bool:
        """Restore the outputs at other paths.

        Args:
            outputs: Where each output is made, by its path in the project; nothing is there yet.
            fetch: Writes the blob of a digest to a path; returns False if it cannot.

        Returns:
            False if a blob is missing.
        """
        return all(
            tree.make(entries, outputs[path], lambda entry, to: fetch(entry.content, Path(to)))
            for path, entries in self.outputs.items()
        )

    def as_json(self) -> dict[str, object]:
        """Return the result as plain data."""
        outputs = {
            path: [[e.name, e.kind, e.content, e.size] for e in entries]
            for path, entries in self.outputs.items()
        }
        return {"step": self.step, "outputs": outputs, "said": [self.said, self.said_size]}

    @classmethod
    def from_json(cls, data: Any) -> Result:  # noqa: ANN401 - any JSON
        """Return the result that `as_json` turned into *data*.

        Raises:
            ValueError, KeyError, TypeError: *data* is something else.
        """
        outputs = {path: [Entry(*row) for row in rows] for path, rows in data["outputs"].items()}
        return cls(data["step"], outputs, *data["said"])

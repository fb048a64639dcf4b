"""The world of a component: the WIT package that has it, with all that the package refers to.

wit:NAME ──> world:NAME
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task
from pipeline.engine.words import Out, Python, Tool, Word, relative
from pipeline.rules.wit import find_known, of_component, require_wit, wit_files


@dataclass(frozen=True, slots=True)
class World:
    """How a rule was asked for a world.

    Attributes:
        rule: Name of the rule.
        name: Name of the component.
        wit: Its argument `wit`; empty by default.
        world: Its argument `world`; empty by default.
        beside: Directories that may hold the WIT if `wit` is empty.
    """

    rule: str
    name: str
    wit: str | Path
    world: str
    beside: Sequence[Path]

    @property
    def directory(self) -> Path:
        """The output of `world:NAME`."""
        return world_of(self.name)

    def tasks(self, generator: str, *, adds: str = "", more: Sequence[Word] = ()) -> Iterator[Task]:
        """Declare `world:NAME`, and what fetches packages that lock files pin.

        Args:
            generator: The generator of bindings, for which the world is checked.
            adds: What the task does besides, for its line in `doit list`.
            more: Further words for `pipeline.steps.go_world`.
        """
        place = of_component(self.name, self.wit, self.beside)
        known = find_known([place], reader=f"world:{self.name}", beside=self.beside)
        yield from known.tasks()
        task = step(
            f"world:{self.name}",
            doc=f"Check the world of {self.name}{adds}",
            argv=[
                *(Python("pipeline.steps.go_world"), Tool("wasm-tools"), Out(self.directory)),
                *(f"--name={self.name}", f"--world={self.world}", f"--generator={generator}"),
                *(*known.words, *more, relative(place)),
            ],
            inputs=[file for each in (place, *known.read) for file in wit_files(each)],
        )
        needs = [self.wit] if self.wit else []
        yield require_wit(task, f"wit of {self.rule} {self.name}", needs)


def world_of(name: str) -> Path:
    """Return the directory that `world:NAME` makes."""
    return layout.BUILD / "world" / layout.slug(name)

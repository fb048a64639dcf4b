from collections.abc import Callable, Sequence

from doit.action import BaseAction
from doit.exceptions import BaseFail

class IOConfig:
    capture: bool | None

class Task:
    name: str
    doc: str | None
    actions: list[BaseAction]
    executed: bool
    options: dict[str, object] | None
    file_dep: set[str]
    targets: list[str]
    task_dep: list[str]
    setup_tasks: list[str]
    calc_dep: set[str]
    uptodate: list[tuple[object, list[object] | None, dict[str, object] | None]]
    values: dict[str, object]
    verbosity: int | None
    loader: object
    io: IOConfig
    teardown: Sequence[BaseAction]
    value_savers: list[Callable[[], dict[str, object]]]
    def title(self) -> str: ...
    def execute_teardown(self, stream: Stream) -> BaseFail | None: ...

class DelayedLoader:
    task_dep: str | None
    creates: list[str]

class Stream:
    def __init__(self, verbosity: int | None) -> None: ...

class result_dep:  # noqa: N801 - doit's name
    dep_name: str

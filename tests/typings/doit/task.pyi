from collections.abc import Callable

from doit.action import BaseAction

class Task:
    name: str
    doc: str | None
    actions: list[BaseAction]
    executed: bool
    file_dep: set[str]
    targets: list[str]
    task_dep: list[str]
    setup_tasks: list[str]
    calc_dep: set[str]
    verbosity: int | None
    value_savers: list[Callable[[], dict[str, object]]]
    def title(self) -> str: ...

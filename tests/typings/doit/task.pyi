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
    uptodate: list[tuple[object, list[object] | None, dict[str, object] | None]]
    values: dict[str, object]
    verbosity: int | None
    value_savers: list[Callable[[], dict[str, object]]]
    def title(self) -> str: ...

class result_dep:  # noqa: N801 - doit's name
    dep_name: str

from collections.abc import Generator, Sequence
from typing import Literal

from doit.task import Task

class ExecNode:
    task: Task
    run_status: str | None
    bad_deps: list[ExecNode]
    ignored_deps: list[ExecNode]

class TaskDispatcher:
    generator: Generator[ExecNode | Literal["hold on"], ExecNode | None]

class TaskControl:
    tasks: dict[str, Task]
    targets: dict[str, str]
    selected_tasks: list[str]
    def __init__(self, task_list: Sequence[Task]) -> None: ...
    def process(self, task_selection: Sequence[str] | None) -> None: ...
    def task_dispatcher(self) -> TaskDispatcher: ...

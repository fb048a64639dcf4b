from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TextIO

from doit.dependency import Dependency
from doit.task import Task

class Command:
    name: ClassVar[str | None]
    doc_purpose: ClassVar[str]
    doc_usage: ClassVar[str]
    doc_description: ClassVar[Any]
    cmd_options: ClassVar[Any]
    execute_tasks: ClassVar[bool]
    bin_name: str
    config: Mapping[str, Any]
    cmdparser: Any
    opt_vals: Mapping[str, Any]
    def __init__(self, **kwargs: Any) -> None: ...
    def parse_execute(self, in_args: Sequence[str]) -> int: ...
    def help(self) -> str: ...

class DoitCmdBase(Command):
    sel_tasks: list[str] | None
    sel_default_tasks: bool
    dep_manager: Dependency
    outstream: TextIO
    task_list: list[Task]
    def get_backends(self) -> Mapping[str, Callable[..., Any]]: ...
    def execute(self, params: Any, args: Sequence[str]) -> int: ...
    _execute: Any  # doit reads the names of its parameters, which are those of the options

class TaskLoader2:
    cmd_names: list[str]
    cmd_options: ClassVar[Any]
    def setup(self, opt_values: Mapping[str, Any]) -> None: ...
    def load_tasks(self, cmd: Command, pos_args: Sequence[str]) -> list[Task]: ...

class DodoTaskLoader(TaskLoader2): ...

opt_dodo: dict[str, Any]
opt_cwd: dict[str, Any]
opt_seek_file: dict[str, Any]

def tasks_and_deps_iter(
    tasks: Mapping[str, Task], sel_tasks: Sequence[str], yield_duplicates: bool = False
) -> Iterator[Task]: ...

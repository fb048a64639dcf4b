from collections.abc import Mapping
from typing import TextIO

from doit.exceptions import BaseFail
from doit.task import Task

class BaseAction:
    task: Task | None
    out: str | None
    err: str | None
    result: str | dict[str, object] | None
    values: Mapping[str, object]
    def execute(self, out: TextIO | None = ..., err: TextIO | None = ...) -> BaseFail | None: ...

class PythonAction(BaseAction): ...
class Writer: ...

class CmdAction(BaseAction):
    def __init__(self, action: list[str] | str, *, shell: bool = ...) -> None: ...

from collections.abc import Mapping
from typing import Any, ClassVar

from doit.cmd_base import DoitCmdBase
from doit.reporter import ConsoleReporter

class Run(DoitCmdBase):
    cmd_options: ClassVar[tuple[Mapping[str, Any], ...]]
    reporters: dict[str, type[ConsoleReporter]]
    _execute: Any  # doit reads the names of its parameters, which are those of the options

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TextIO

from doit.cmd_base import DoitCmdBase
from doit.reporter import ConsoleReporter

class Run(DoitCmdBase):
    cmd_options: ClassVar[Sequence[Mapping[str, object]]]
    reporters: dict[str, type[ConsoleReporter]]
    def _execute(
        self,
        outfile: TextIO | str,
        verbosity: int | None = ...,
        always: bool = ...,
        continue_: bool = ...,
        reporter: str | type[ConsoleReporter] | ConsoleReporter = ...,
        num_process: int = ...,
        par_type: str = ...,
        single: bool = ...,
        auto_delayed_regex: bool = ...,
        force_verbosity: bool = ...,
        failure_verbosity: int = ...,
        pdb: bool = ...,
    ) -> Any: ...

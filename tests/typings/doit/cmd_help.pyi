from collections.abc import Mapping
from typing import Any

from doit.cmd_base import DoitCmdBase

class Help(DoitCmdBase):
    def print_usage(self, cmds: Mapping[str, Any]) -> None: ...

"""Processes: started in one place, supervised, and ended with the run."""

from pipeline.process.output import Recording
from pipeline.process.runner import Done, attach, follow, kill_children, record, run
from pipeline.process.variables import environment, step_environment

__all__ = [
    "Done", "Recording", "attach", "environment", "follow", "kill_children", "record", "run",
    "step_environment",
]  # fmt: skip

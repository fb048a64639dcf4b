"""Processes: started in one place, watched over, and ended with the run."""

from pipeline.process.output import Recording
from pipeline.process.runner import TRANSPORT, Done, environment, kill_children, record, run

__all__ = ["TRANSPORT", "Done", "Recording", "environment", "kill_children", "record", "run"]

"""Processes: started in one place, watched over, and ended with the run."""

from pipeline.process.runner import TRANSPORT, Done, environment, kill_children, run

__all__ = ["TRANSPORT", "Done", "environment", "kill_children", "run"]

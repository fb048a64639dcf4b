"""Processes: started in one place, supervised, and ended with the run."""

from pipeline.process.stopping import kill_children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeline.process.child import become, run_child
    from pipeline.process.output import Recording
    from pipeline.process.runner import Done, attach, follow, record, run, run_shown
    from pipeline.process.variables import environment, step_environment

__all__ = [
    "Done", "Recording", "attach", "become", "environment", "follow", "kill_children", "record",
    "run", "run_child", "run_shown", "step_environment",
]  # fmt: skip

_HOMES = {
    "pipeline.process.child": ("become", "run_child"),
    "pipeline.process.output": ("Recording",),
    "pipeline.process.runner": ("Done", "attach", "follow", "record", "run", "run_shown"),
    "pipeline.process.variables": ("environment", "step_environment"),
}


def __getattr__(name: str) -> object:
    """Import a module on first use: a run of doit that has nothing to do starts no process."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(home), name)
            globals()[name] = found  # found without this function from now on
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

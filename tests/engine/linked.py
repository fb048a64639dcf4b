"""Projects of one step that reads through links."""

from pathlib import Path

from engine.compiler import project_at
from pipeline.testing.project import Project


def reads(script: str, *inputs: str) -> str:
    """Return a step that runs a shell script on *inputs*; its output becomes out.txt."""
    return (
        f'step("read", doc="d", argv=["sh", "-c", {script + " > out.txt"!r}], '
        f'inputs={list(inputs)!r}, outputs=[Out("out.txt")])'
    )


READ = reads("find -L in -type f -exec cat {} +", "in")


def project_in(tmp_path: Path, *steps: str) -> Project:
    """Make a project with these steps below *tmp_path*, whose other files are not the project's."""
    return project_at(tmp_path / "p", tmp_path / "marks", *steps)


def reader(tmp_path: Path, step: str = READ) -> Project:
    """Make a project with one step, and a file for links to lead to."""
    made = project_in(tmp_path, step)
    made.write("common/clock/clock.wit", "old\n")
    return made

"""A stand-in for a compiler that leaves a mark outside of its sandbox each time it runs."""

from pathlib import Path

from pipeline.testing.project import Project

DODO = """
from pipeline.engine.words import In, Out, Tool
from pipeline.config import doit_config
from pipeline.engine.step import step

DOIT_CONFIG = doit_config()

def task_all():
"""

SCRIPT = 'echo "$1" >> "$MARKS"; tr a-z A-Z < "$2" > "$3"; echo "compiled $1"'


def compiled(name: str, source: str, output: str, more: str = "") -> str:
    """Return a step that turns *source* into upper case."""
    return (
        f'step("{name}", doc="d", argv=["sh", "-c", {SCRIPT!r}, "sh", "{name}", In("{source}"), '
        f'Out("{output}")], env={{"MARKS": MARKS}}, {more})'
    )


def project_at(root: Path, marks: Path, *steps: str) -> Project:
    """Make a project at *root* whose steps leave their marks in the file *marks*."""
    made = Project(root)
    lines = "".join(f"    yield {text}\n" for text in steps)
    made.write("dodo.py", f"MARKS = {str(marks)!r}\n{DODO}{lines}")
    return made


def runs(marks: Path) -> list[str]:
    """Return the names of the steps that really ran since the last call."""
    found = marks.read_text().split() if marks.exists() else []
    marks.unlink(missing_ok=True)
    return found

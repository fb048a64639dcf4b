"""Projects whose runs are watched: tasks of every kind of ending, none of which takes long."""

import re
from pathlib import Path

from pipeline.testing.project import Project

ESCAPE = "\x1b"
SECONDS = re.compile(r"\d+\.\d s")

FAILED = """sh("bad", "echo words; echo more >&2; exit 3")"""

HEAD = """
import sys, time
from doit.tools import run_once
from pipeline.engine.action import ReportedAction
from pipeline.engine.words import In, Out
from pipeline.config import doit_config
from pipeline.engine.step import step
from pipeline.errors import StepError
from pipeline.report.live.console import Console

DOIT_CONFIG = doit_config()


class Had(ReportedAction):
    def perform(self):
        self.outcome = "cached"


class Refuses(ReportedAction):
    def perform(self):
        raise StepError("there is nothing to begin with")


def had(name):
    return dict(basename=name, doc="had before", actions=[Had()])

def refused(name):
    return dict(basename=name, actions=[Refuses()])

def fresh(name):
    return dict(basename=name, actions=["true"], uptodate=[True])

def shell(name, script, *after):
    return dict(basename=name, doc="d", actions=[script], task_dep=list(after))

def sh(name, script, *after, **more):
    return step(name, doc="d", argv=["sh", "-c", script], after=after, **more)

def group(name, *members):
    return dict(basename=name, actions=None, task_dep=list(members))

"""


def make(root: Path, *tasks: str, head: str = "", env: dict[str, str] | None = None) -> Project:
    """Return a project that yields *tasks*, one expression each."""
    made = Project(root, {"DOIT_WASM_CACHE_BYTES": "0", "NO_COLOR": "", **(env or {})})
    body = "".join(f"    yield {task}\n" for task in tasks)
    made.write("dodo.py", f"{HEAD}{head}\ndef task_all():\n{body}")
    return made


def said(text: str) -> list[str]:
    """Return the lines of a run, times made equal."""
    return SECONDS.sub("N s", text).splitlines()

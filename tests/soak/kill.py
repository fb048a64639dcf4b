"""Builds that are killed at random moments, and what they leave."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.testing.project import STARTED
from tests.soak.processes import left
from tests.soak.sites import Site

SIGNALS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}
MODES = ("0", "2")
STARTS = ("cold", "edited", "cached")
PACKAGE = Path(__file__).parents[2]

# A build is killed again before it could mend, this often.
AGAIN = 0.35
LIMIT_SECONDS = 30.0

# A build may be slower than the one that was timed; a moment after its end is drawn again.
MARGIN = 1.5


@dataclass(frozen=True, slots=True)
class Kill:
    """One build that was killed.

    Attributes:
        how: `Ctrl-C`, `SIGTERM` or `SIGKILL`.
        mode: Steps at once, as in `-n`; 0: sequential.
        start: What the build began with: `cold`, nothing; `edited`, outputs of other sources;
            `cached`, the same and their results in the action cache; `killed`, what a kill left.
        at: Seconds from start to signal.
        begun: How many steps had begun.
        seconds: From the signal until nothing was left running.
        faults: What was wrong then, or after the next build.
    """

    how: str
    mode: str
    start: str
    at: float
    begun: int
    seconds: float
    faults: list[str] = field(default_factory=list)


class Soak:
    """Kills the builds of a site.

    Args:
        site: What is built.
        seed: Decides the moments, signals and modes.
        patience: Seconds within which all must have ended after a signal.
    """

    def __init__(self, site: Site, seed: int, patience: float) -> None:
        self._site = site
        self._random = random.Random(seed)
        self._patience = patience
        self._version = 0
        self.kills: list[Kill] = []
        self.mended: list[tuple[int, int]] = []
        self.late = 0
        self.expected: list[Mapping[str, str]] = []
        self.whole: dict[tuple[str, str], float] = {}
        self._names: set[str] = set()
        self.temporaries: set[str] = set()

    def prepare(self) -> None:
        """Build both versions undisturbed, to know what they make and how long it takes."""
        for version in (0, 1):
            self._version = version
            for mode in MODES:
                self._time("cold", mode)
            self.expected.append(self._site.outcome())
        self._names = self._site.names()
        for start in STARTS[1:]:
            for mode in MODES:
                self._time(start, mode)
        assert self.expected[0].keys() == self.expected[1].keys() == set(self._site.outputs)
        assert self.expected[0] != self.expected[1]

    def again(self, seed: int, patience: float) -> "Soak":
        """Return a prepared soak of the same site, without kills; the arguments are those of it."""
        soak = Soak(self._site, seed, patience)
        soak.expected, soak.whole, soak._names = self.expected, self.whole, self._names
        return soak

    def run(self, count: int) -> None:
        """Kill *count* builds; look at what each leaves, then mend it or kill again."""
        start = self._begin()
        while len(self.kills) < count:
            kill = self._kill(start)
            if kill is None:
                self.late += 1
            else:
                self.kills.append(kill)
                kill.faults.extend(self.halves())
                if self._random.random() < AGAIN:
                    start = "killed"
                    continue
                kill.faults.extend(self._mend())
            start = self._begin()

    def faults(self) -> list[str]:
        """Return all that was wrong."""
        return [
            f"kill {number} ({kill.how} at {kill.at:.3f} s, -n {kill.mode}, {kill.start}): {fault}"
            for number, kill in enumerate(self.kills, 1)
            for fault in kill.faults
        ]

    def _time(self, start: str, mode: str) -> None:
        self._prepare(start)
        begin = time.monotonic()
        run = self._site.project.doit("-n", mode, *self._site.tasks)
        self.whole[start, mode] = time.monotonic() - begin
        assert run.code == 0, run.text

    def _begin(self) -> str:
        start = self._random.choice(STARTS)
        self._prepare(start)
        return start

    def _prepare(self, start: str) -> None:
        """Bring about what a build starts with."""
        if start == "cold":
            self._site.clear()
        else:
            self._version = 1 - self._version
            if start == "edited":
                self._site.forget()
        self._site.edit(self._version)

    def _kill(self, start: str) -> Kill | None:
        """Start a build and kill it; return nothing if it had ended before."""
        how = self._random.choice(list(SIGNALS))
        mode = self._random.choice(MODES)
        at = (
            MARGIN
            * self._random.random()
            * self.whole["edited" if start == "killed" else start, mode]
        )
        project = self._site.project
        child = subprocess.Popen(
            [*project.command("-n", mode, *self._site.tasks)],
            cwd=project.root, env={**os.environ, "PYTHONPATH": str(PACKAGE), **project.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        begun = time.monotonic()
        try:
            output, _ = child.communicate(timeout=at)
        except subprocess.TimeoutExpired:
            send = os.killpg if how == "Ctrl-C" else os.kill
            send(child.pid, SIGNALS[how])
        else:
            assert child.returncode == 0, output
            return None
        killed = time.monotonic()
        faults = [f"still running: {words}" for words in left(project.root, self._patience)]
        seconds = time.monotonic() - killed
        output, _ = child.communicate(timeout=LIMIT_SECONDS)
        steps = len(set(STARTED.findall(output)))
        if steps and "Traceback" in output:  # before that, Python may be importing itself
            faults.append(f"a traceback:\n{output}")
        return Kill(how, mode, start, killed - begun, steps, seconds, faults)

    def halves(self) -> list[str]:
        """Return the outputs that are neither of one version nor of the other."""
        return [
            f"{name} is half written"
            for name, digest in self._site.outcome().items()
            if digest not in {version[name] for version in self.expected}
        ]

    def _mend(self) -> list[str]:
        """Build to the end; return what differs from an undisturbed build."""
        mode = self._random.choice(MODES)
        run = self._site.project.doit("-n", mode, *self._site.tasks)
        if run.code != 0:
            return [f"the next build failed:\n{run.text}"]
        self.mended.append((len(run.executed), run.out.count("\n=  ") + run.out.startswith("=  ")))
        wanted, found = self.expected[self._version], self._site.outcome()
        faults = [f"{name} differs" for name in wanted if found.get(name) != wanted[name]]
        self.temporaries |= self._site.temporaries()
        strays = self._site.names() - self._names - self.temporaries
        faults += [f"{name} was left behind" for name in sorted(strays)]
        self._names |= strays
        faults += [f"{blob} in the cache is damaged" for blob in self._site.damaged()]
        if more := self._site.project.doit(*self._site.tasks).executed:
            faults.append(f"the build after the next still ran {', '.join(more)}")
        return faults

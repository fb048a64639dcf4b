"""`python -m tests.soak updater`: kill `update --all` at random moments, and look at the files."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.testing.github import FakeGitHub
from tests.updater.harness import ROOT, Updater, tool_file

TOOLS = 22
OLD, NEW = "1.0.0", "1.1.0"
TOKEN = {"GITHUB_TOKEN": "a-token-of-the-soak"}
PLATFORMS = {"linux_amd64": "tool-{version}-linux", "darwin_arm64": "tool-{version}-darwin"}

# A moment after the end of a run is drawn again; runs differ.
MARGIN = 1.2
# So many kills are followed by another, before a run may complete.
AGAIN = 0.35
# So many runs have no launcher that holds the lock: the next one waits until the lease is over.
BARE = 0.04
LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Kill:
    """One run that was killed.

    Attributes:
        at: Seconds from its start.
        bare: Whether it ran without the launcher.
        new: How many files had been replaced by then.
        left: How many files were there that are no tool files.
        faults: What was wrong then, or after the next run.
    """

    at: float
    bare: bool
    new: int
    left: int
    faults: list[str] = field(default_factory=list)


class Soak:
    """Kills updates of one directory.

    Args:
        updater: The updater; its directory is made by `prepare`.
        seed: Decides the moments.
    """

    def __init__(self, updater: Updater, seed: int) -> None:
        self._updater = updater
        self._random = random.Random(seed)
        self._old: dict[str, bytes] = {}
        self._new: dict[str, bytes] = {}
        self.whole = 0.0
        self.kills: list[Kill] = []
        self.late = 0
        self.completed = 0

    def prepare(self) -> None:
        """Write the directory, publish the releases, and update once undisturbed."""
        updater = self._updater
        (updater.checksums / "tools").mkdir(parents=True)
        updater.github.add_token(TOKEN["GITHUB_TOKEN"], limit=10**9)
        entries = []
        for number in range(TOOLS):
            name = f"tool{number:02}"
            assets = "".join(f'{p} = "{asset}"\n' for p, asset in PLATFORMS.items())
            entries.append(
                f'[{name}]\nrepository = "o/{name}"\ntag = "v{{version}}"\n\n'
                f"[{name}.assets]\n{assets}"
            )
            names = {p: asset.replace("{version}", OLD) for p, asset in PLATFORMS.items()}
            self._old[name] = updater.write(name, tool_file(name, f"o/{name}", OLD, names))
            files = {
                asset.replace("{version}", NEW): f"{name} {asset}".encode() * 500
                for asset in PLATFORMS.values()
            }
            repository = updater.github.add_repository(f"o/{name}")
            repository.add_release(f"v{NEW}", assets=files, published_at="2026-08-01T00:00:00Z")
        updater.watch("\n".join(entries))
        begin = time.monotonic()
        if faults := self._complete():
            raise SystemExit("\n".join(faults))
        self.whole = time.monotonic() - begin
        self._new = {name: updater.file(name).read_bytes() for name in self._old}
        for name, data in self._new.items():
            assert json.loads(data)["latest_version"] == NEW, name

    def run(self, count: int) -> None:
        """Kill *count* runs; look at what each leaves, then let one complete, or kill again."""
        while len(self.kills) < count:
            self._restore()
            kill = self._kill()
            while kill and self._random.random() < AGAIN and len(self.kills) < count:
                kill = self._kill()
            faults = self._complete()
            self.completed += 1
            if self.kills:
                self.kills[-1].faults.extend(faults)

    def faults(self) -> list[str]:
        """Return all that was wrong."""
        return [
            f"kill {number} (at {kill.at:.3f} s{', bare' if kill.bare else ''}): {fault}"
            for number, kill in enumerate(self.kills, 1)
            for fault in kill.faults
        ]

    def halves(self) -> list[str]:
        """Return the tool files that are neither the old one nor the new one."""
        faults = []
        for name, old in self._old.items():
            try:
                found = self._updater.file(name).read_bytes()
            except OSError as error:
                faults.append(f"{name}.json: {error}")
                continue
            if found not in {old, self._new[name]}:
                faults.append(f"{name}.json is neither the old one nor the new one")
        return faults

    def _restore(self) -> None:
        for name, data in self._old.items():
            self._updater.file(name).write_bytes(data)

    def _kill(self) -> Kill | None:
        """Start an update and kill it; return nothing if it had ended before."""
        bare = self._random.random() < BARE
        at = MARGIN * self._random.random() * self.whole
        start = self._updater.start_bare if bare else self._updater.start
        child = start("update", "--all", env=TOKEN)
        begun = time.monotonic()
        try:
            out, err = child.communicate(timeout=at)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
        else:
            self.late += 1
            assert child.returncode == 0, out + err
            return None
        kill = Kill(time.monotonic() - begun, bare, self._count(), len(self._strays()))
        kill.faults.extend(self.halves())
        self.kills.append(kill)
        return kill

    def _count(self) -> int:
        return sum(self._updater.file(name).read_bytes() == new for name, new in self._new.items())

    def _strays(self) -> list[str]:
        kept = {f"{name}.json" for name in self._old} | {"tools.toml", ".lock", ".updating"}
        found = (path for path in self._updater.checksums.rglob("*") if path.is_file())
        return sorted(path.name for path in found if path.name not in kept)

    def _complete(self) -> list[str]:
        """Run to the end; return what is not as after an undisturbed run."""
        run = self._updater("update", "--all", env=TOKEN, seconds=LIMIT_SECONDS)
        if run.code != 0:
            return [f"the next run ended with {run.code}:\n{run.text}"]
        differing = [n for n, new in self._new.items() if self._updater.file(n).read_bytes() != new]
        return [
            *(f"{name}.json differs after the next run" for name in differing),
            *(f"{name} was left behind" for name in self._strays()),
        ]


def report(soak: Soak) -> Iterator[str]:
    """Yield lines: how many kills, when, what they left, and all that was wrong."""
    kills = soak.kills
    yield f"{len(kills)} updates of {TOOLS} tools killed; {soak.late} more had ended before"
    phases = Counter(_phase(kill.new) for kill in kills)
    yield f"files replaced by then: {', '.join(f'{p} {n}' for p, n in sorted(phases.items()))}"
    bare = [kill for kill in kills if kill.bare]
    yield f"without the launcher:   {len(bare)}"
    left = sum(kill.left for kill in kills)
    yield f"temporary files left:   {left}, by {sum(bool(k.left) for k in kills)} kills"
    yield f"completed afterwards:   {soak.completed} runs; undisturbed: {soak.whole:.2f} s"
    faults = soak.faults()
    yield f"{len(faults)} faults"
    yield from faults


def _phase(new: int) -> str:
    if new in {0, TOOLS}:
        return "none" if new == 0 else "all"
    return "1-7" if new < 8 else "8-14" if new < 15 else f"15-{TOOLS - 1}"


def soaked(built: Path, directory: Path, count: int, seed: int) -> Soak:
    """Kill *count* updates in *directory* with the updater that is in *built*."""
    with FakeGitHub() as github:
        updater = Updater(
            built=built,
            checksums=directory / "checksums",
            home=directory / "home",
            github=github,
        )
        soak = Soak(updater, seed)
        soak.prepare()
        soak.run(count)
    return soak


def main(words: Sequence[str] | None = None) -> int:
    """Kill, compare, print; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak updater", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="updates to kill")
    parser.add_argument("--seed", type=int, default=1, help="decides the moments")
    parser.add_argument("--built", type=Path, default=ROOT / "build", help="where the updater is")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="soak.") as name:
        soak = soaked(asked.built.resolve(), Path(name).resolve(), asked.count, asked.seed)
        sys.stdout.writelines(f"{line}\n" for line in report(soak))
    return 1 if soak.faults() else 0

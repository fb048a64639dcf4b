"""`python -m tests.bench.updater`: the updater beside nvchecker and `curl | sha256sum`."""

import argparse
import itertools
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.testing.github import FakeGitHub, Pattern, faults
from tests.bench.rival import Nvchecker
from tests.bench.timing import Times, clock, interleaved
from tests.bench.transfer import say, served
from tests.updater.harness import ROOT, Updater, tool_file

NVCHECKER = 4.0  # so many times as fast at least
POLL_SECONDS, PROMISED = 1.3, 1000  # at most, for so many repositories
CURL = 0.8  # so much of its speed at least
LIST_SECONDS = 0.1
COMPONENT_BYTES = 1_000_000
MEMORY_BYTES = 64 << 20
LATENCY_SECONDS = 0.1
TOOLS = 22
TOKEN = "a-token-of-the-bench"

Judged = Iterator[tuple[str, bool]]


def verdict(promise: str, *, ok: bool) -> str:
    """Return how a promise ended."""
    return f"{'PASS' if ok else 'FAIL'} ({promise})"


def shown(times: Times) -> str:
    """Return minimum and median in seconds."""
    return f"{times.minimum:8.3f} / {times.median:.3f} s"


def fresh(updater: Updater, name: str) -> Updater:
    """Return the updater with a directory and a state of its own, both empty."""
    root = updater.checksums.parent / name
    (root / "checksums/tools").mkdir(parents=True)
    return replace(updater, checksums=root / "checksums", home=root / "home")


def run(updater: Updater, *words: str, codes: Sequence[int] = (0,)) -> None:
    """Run the updater.

    Raises:
        SystemExit: It ended with another code.
    """
    done = updater(*words, env={"GITHUB_TOKEN": TOKEN}, seconds=600)
    if done.code not in codes:
        raise SystemExit(f"checksum-updater {' '.join(words)} ended with {done.code}\n{done.text}")


def polling(updater: Updater, count: int, rounds: int, directory: Path) -> Judged:
    """Measure polls of *count* repositories beside nvchecker's."""
    ours, github = fresh(updater, "polling"), updater.github
    names = [f"o/r{number}" for number in range(count)]
    entries = []
    for number, name in enumerate(names):
        github.add_repository(name).add_release(f"v1.{number}.0")
        entries.append(f'[r{number}]\nrepository = "{name}"\ntag = "v{{version}}"\n')
    ours.watch("\n".join(entries))
    rival = Nvchecker(directory)
    rival.watch(github.api_url.removeprefix("http://"), names, TOKEN)
    github.faults.always("*", faults.latency(LATENCY_SECONDS))

    homes = itertools.count()

    def poll() -> None:
        # A new one each time: to remove the last one takes time, and so does ext4 afterwards.
        run(replace(ours, home=directory / f"home{next(homes)}"), "check", "--all", codes=(3,))

    times = interleaved({"ours": poll, "nvchecker": rival.poll}, rounds)
    run(ours, "check", "--all", codes=(3,))
    github.requests.clear()
    again = Times([clock(lambda: run(ours, "check", "--all", codes=(3,))) for _ in range(rounds)])
    statuses = Counter(int(request.status) for request in github.requests)
    github.faults.clear()
    yield f"{count} repositories at {LATENCY_SECONDS * 1000:.0f} ms, minimum / median", True
    yield f"{'nvchecker':>20}{shown(times['nvchecker'])}", True
    ratio = times["nvchecker"].minimum / times["ours"].minimum
    result = verdict(f"at least {NVCHECKER} x", ok=ratio >= NVCHECKER)
    yield f"{'ours':>20}{shown(times['ours'])}   {ratio:.2f} x  {result}", ratio >= NVCHECKER
    if count == PROMISED:
        ok = times["ours"].minimum <= POLL_SECONDS
        yield f"{'':>20}{verdict(f'at most {POLL_SECONDS} s', ok=ok)}", ok
    unchanged = set(statuses) == {304}
    result = verdict("all 304", ok=unchanged)
    yield f"{'ours, again':>20}{shown(again)}   {dict(statuses)}  {result}", unchanged


def publish(updater: Updater, name: str, mib: int, url: str) -> None:
    """Watch a tool whose only file has so many MiB and comes from *url*."""
    github = updater.github
    updater.watch(
        f'[{name}]\nrepository = "o/{name}"\ntag = "v{{version}}"\n\n'
        f'[{name}.assets]\nlinux_amd64 = "{name}.bin"\n'
    )
    release = github.add_repository(f"o/{name}").add_release("v1.0.0")
    release.add_asset(f"{name}.bin", Pattern(mib << 20))
    path = f"/o/{name}/releases/download/*"
    github.faults.always(path, faults.redirect(url))


def hashing(updater: Updater, mib: int, rounds: int, directory: Path) -> Judged:
    """Measure a download with its hash beside `curl | sha256sum`."""
    ours = fresh(updater, "hashing")
    with served(directory, mib) as (url, sha256):
        publish(ours, "large", mib, url)

        def curl() -> None:
            script = f"curl -sSf {url} | sha256sum"
            done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
            assert done.stdout.split()[0] == sha256, done.stdout

        works: Mapping[str, Callable[[], object]] = {
            "ours": lambda: run(ours, "update", "large", "--dry-run"),
            "curl | sha256sum": curl,
        }
        times = interleaved(works, rounds)
    yield f"\n{mib} MiB downloaded and hashed, minimum / median", True
    for name, found in times.items():
        speed = (mib << 20) / found.minimum / 1e6
        line = f"{name:>20}{shown(found)}   {speed:.0f} MB/s"
        if name != "ours":
            yield line, True
            continue
        ratio = times["curl | sha256sum"].minimum / found.minimum
        result = verdict(f"at least {CURL} x curl", ok=ratio >= CURL)
        yield f"{line}, {ratio:.2f} x  {result}", ratio >= CURL


def memory(updater: Updater, mib: int, directory: Path) -> Judged:
    """Hash a large file within the memory that was promised."""
    ours = fresh(updater, "memory")
    with served(directory, mib) as (url, _):
        publish(ours, "huge", mib, url)
        words = ours.bare(
            "update", "huge", "--dry-run", rights=(f"-Wmax-memory-size={MEMORY_BYTES}",)
        )
        done = subprocess.run(
            words, env=ours.environment(), capture_output=True, text=True, check=False
        )
    ok = done.returncode == 0
    result = verdict("exit 0", ok=ok)
    yield f"\n{mib} MiB hashed with max-memory-size={MEMORY_BYTES}: {result}", ok
    if not ok:
        yield done.stderr[-1000:], True


def listing(updater: Updater, rounds: int) -> Judged:
    """Measure `list` over 22 tools, the launcher included; and the size of the component."""
    ours = fresh(updater, "listing")
    ours.watch("")
    for number in range(TOOLS):
        name = f"tool{number:02}"
        names = {p: f"{name}-1.0.0-{p}" for p in ("linux_amd64", "darwin_arm64", "windows_amd64")}
        ours.write(name, tool_file(name, f"o/{name}", "1.0.0", names))
    run(ours, "list")
    times = Times([clock(lambda: run(ours, "list")) for _ in range(rounds)])
    ok = times.minimum <= LIST_SECONDS
    result = verdict(f"at most {LIST_SECONDS * 1000:.0f} ms", ok=ok)
    yield f"\n`list` over {TOOLS} tools, {rounds} runs: {shown(times).strip()}  {result}", ok
    size = (ours.built / "updater.wasm").stat().st_size
    ok = size <= COMPONENT_BYTES
    result = verdict(f"at most {COMPONENT_BYTES:,}", ok=ok)
    yield f"the composed component: {size:,} bytes  {result}", ok


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.updater", description=__doc__)
    parser.add_argument("--repositories", type=int, default=1000, help="to poll; 0: none")
    parser.add_argument("--mib", type=int, default=500, help="to download and hash; 0: none")
    parser.add_argument("--large-mib", type=int, default=2048, help="to hash in 64 MiB; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lists", type=int, default=20, help="runs of `list`")
    parser.add_argument("--built", type=Path, default=ROOT / "build", help="where the updater is")
    parser.add_argument("--directory", default=None, help="the disk to measure on")
    asked = parser.parse_args(words)
    built = asked.built.resolve()
    kept = []
    with (
        tempfile.TemporaryDirectory(prefix="bench.", dir=asked.directory) as name,
        FakeGitHub() as github,
    ):
        root = Path(name).resolve()
        github.add_token(TOKEN, limit=10**9)
        updater = Updater(built, root / "checksums", root / "home", github)
        benches: list[Judged] = [listing(updater, asked.lists)]
        if asked.repositories:
            benches.append(polling(updater, asked.repositories, asked.rounds, root))
        if asked.mib:
            benches.append(hashing(updater, asked.mib, asked.rounds, root))
        if asked.large_mib:
            benches.append(memory(updater, asked.large_mib, root))
        for bench in benches:
            for line, ok in bench:
                say(line)
                kept.append(ok)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

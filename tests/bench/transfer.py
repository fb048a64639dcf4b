"""`python -m tests.bench.transfer`: what a download costs, beside curl and pooch on loopback.

Ours is the whole way: received, hashed, put in its place. curl only receives and writes. All ask
the same server, a process that sends a file with sendfile, in turns.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.testing.github.content import Pattern
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.http_client import RequestsClient
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.reachability import Reachability
from pipeline.toolchain.net.settings import NetworkSettings

CURL = 0.9  # so much of its speed at least
POOCH = 3.0
MEMORY_MIB = 80

Client = Callable[[str, str, Path], None]


def ours(url: str, sha256: str, directory: Path) -> None:
    """Download with this package."""
    limits = Limits()
    downloads = Downloads(
        *(directory, RequestsClient(limits, Reachability(limits.connect_seconds))),
        network=NetworkSettings(),
        limits=limits,
        say=say,
    )
    downloads.get(PinnedFile(url, "file", sha256))


def curl(url: str, _sha256: str, directory: Path) -> None:
    """Download with curl, which hashes nothing."""
    subprocess.run(["curl", "-sSf", "-o", directory / "file", url], check=True)


def clients() -> Mapping[str, Client]:
    """Return whoever can be measured here."""
    found: dict[str, Client] = {"ours": ours}
    if shutil.which("curl"):
        found["curl"] = curl
    with contextlib.suppress(ImportError):
        import pooch

        pooch.get_logger().setLevel("WARNING")

        def with_pooch(url: str, sha256: str, directory: Path) -> None:
            pooch.retrieve(url, known_hash=f"sha256:{sha256}", path=directory)

        found["pooch"] = with_pooch
    return found


def measure(url: str, sha256: str, *, rounds: int, directory: Path) -> dict[str, list[float]]:
    """Return the seconds of each client, in turns."""
    times: dict[str, list[float]] = {name: [] for name in clients()}
    for turn in range(rounds + 1):
        for name, client in clients().items():
            place = Path(tempfile.mkdtemp(dir=directory))
            began = time.perf_counter()
            client(url, sha256, place)
            if turn:  # the first one loads modules and fills caches
                times[name].append(time.perf_counter() - began)
            shutil.rmtree(place)
    return times


def peak_mib(url: str, sha256: str, directory: Path) -> float:
    """Return the resident memory that a process of its own needed at most."""
    words = [sys.executable, "-m", "tests.bench.transfer", "--fetch", url, sha256, str(directory)]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return int(output) / 1024


def judged(times: Mapping[str, Sequence[float]], size: int) -> Iterator[tuple[str, bool]]:
    """Yield a line for each client, and whether its promise is kept."""
    best = {name: min(seconds) for name, seconds in times.items()}
    for name, seconds in best.items():
        rate = f"{size / seconds / 1e6:>8.0f} MB/s  {seconds:.3f} s"
        if name == "ours":
            yield f"{name:>8}{rate}  received, hashed, placed", True
            continue
        ratio, wanted = seconds / best["ours"], {"curl": CURL, "pooch": POOCH}[name]
        verdict = "PASS" if ratio >= wanted else "FAIL"
        yield (
            f"{name:>8}{rate}  ours is {ratio:.2f} x it (at least {wanted}: {verdict})",
            ratio >= wanted,
        )


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def served(directory: Path, mib: int) -> Iterator[tuple[str, str]]:
    """Give URL and hash of a file of so many MiB on loopback."""
    file = directory / f"{mib}.bin"
    whole = hashlib.sha256()
    with file.open("wb") as out:
        for piece in Pattern(mib << 20).pieces(0, mib << 20):
            whole.update(piece)
            out.write(piece)
    words = [sys.executable, "-m", "tests.bench.transfer", "--serve", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/file.bin", whole.hexdigest()
        finally:
            server.terminate()
    file.unlink()


def serve(file: Path) -> None:
    """Send the file to whoever asks, for ever."""
    size = file.stat().st_size
    with socket.create_server(("127.0.0.1", 0)) as listening, file.open("rb") as opened:
        say(str(listening.getsockname()[1]))
        while True:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(ConnectionError):
                if not connection.recv(65536):
                    continue  # somebody looked whether we are there
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode())
                at = 0
                while at < size:
                    at += os.sendfile(connection.fileno(), opened.fileno(), at, size - at)


def fetch(url: str, sha256: str, directory: str) -> None:
    """Download, and print the most memory this process had, in KiB."""
    ours(url, sha256, Path(directory))
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    say(peak)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.transfer", description=__doc__)
    parser.add_argument("--mib", type=int, default=200)
    parser.add_argument("--large-mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--directory", default=None, help="the disk to measure on")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.serve:
        serve(asked.serve)
    if asked.fetch:
        fetch(*asked.fetch)
        return 0
    kept = []
    with tempfile.TemporaryDirectory(prefix="bench.", dir=asked.directory) as name:
        directory = Path(name)
        with served(directory, asked.mib) as (url, sha256):
            times = measure(url, sha256, rounds=asked.rounds, directory=directory)
        say(f"{asked.mib} MiB from loopback, best of {asked.rounds}, in turns")
        for line, ok in judged(times, asked.mib << 20):
            say(line)
            kept.append(ok)
        with served(directory, asked.large_mib) as (url, sha256):
            peak = peak_mib(url, sha256, directory / "large")
        ok = peak <= MEMORY_MIB
        verdict = "PASS" if ok else "FAIL"
        say(f"{asked.large_mib} MiB: {peak:.0f} MiB resident (at most {MEMORY_MIB}: {verdict})")
        kept.append(ok)
    for name in {"curl", "pooch"} - times.keys():
        say(f"{name} is not here: its promise was not measured")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

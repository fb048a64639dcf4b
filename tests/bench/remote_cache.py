"""What a hit of the remote cache takes, beside the bare round trip to the same server."""

import argparse
import hashlib
import http.client
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from pipeline import tree
from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.remote.codec import Name
from pipeline.engine.cache.remote.remote_cache import RemoteCache
from pipeline.engine.cache.remote.settings import remote_settings
from pipeline.engine.cache.result import Result
from pipeline.engine.cache.tiers import TieredCache
from pipeline.engine.cache.traffic import Traffic
from pipeline.tree import Entry
from tests.bench.timing import Times
from tests.engine.remote.servers import bazel_remote
from tests.pinned import NotInstalledError, PinnedTools

REPOSITORY = Path(__file__).parents[2]
HIT_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Hits:
    """Seconds per hit.

    Attributes:
        size: How many were measured.
        hit: By scheme: a result of one output and what its command printed, both fetched and placed
            in the local cache.
        bare: One `GET` of such a result over a connection that is open.
    """

    size: int
    hit: Mapping[str, Times]
    bare: Times


def measure(size: int, directory: Path) -> Hits:
    """Share *size* results through bazel-remote, and fetch each on a machine that has none."""
    program = bazel_remote_program(directory / "tools")
    with bazel_remote(program, directory / "server") as (port, grpc):
        addresses = {"http": f"http://127.0.0.1:{port}", "grpc": f"grpc://127.0.0.1:{grpc}"}
        keys = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(size)]
        _share(addresses["http"], keys, directory / "first")
        hit = {how: _hits(where, keys, directory / how) for how, where in addresses.items()}
        return Hits(size, hit, _bare(port, keys))


def _share(address: str, keys: list[str], root: Path) -> None:
    cache, remote = _cache(address, root)
    for key in keys:
        made = {name: f"{name} of {key}\n".encode() for name in ("output", "said")}
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
        for name, data in made.items():
            (root / "blob").write_bytes(data)
            cache.put_blob(digests[name], root / "blob")
        outputs = {"out": [Entry("", tree.FILE, digests["output"], len(made["output"]))]}
        cache.put(key, Result("s", outputs, digests["said"], len(made["said"])))
    remote.finish(took=1.0)


def _hits(address: str, keys: list[str], root: Path) -> Times:
    cache, _ = _cache(address, root)
    found = []
    for key in keys:
        begun = time.perf_counter()
        assert cache.get(key, ["out"])
        found.append(time.perf_counter() - begun)
    return Times(found)


def _bare(port: int, keys: list[str]) -> Times:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    found = []
    for key in keys:
        begun = time.perf_counter()
        connection.request("GET", f"/ac/{Name.of(key).digest}")
        assert connection.getresponse().read()
        found.append(time.perf_counter() - begun)
    connection.close()
    return Times(found)


def _cache(address: str, root: Path) -> tuple[TieredCache, RemoteCache]:
    root.mkdir()
    env = {"DOIT_WASM_REMOTE_CACHE": address, "DOIT_WASM_REMOTE_WAIT": "60"}
    with mock.patch.dict(os.environ, env):
        settings = remote_settings()
    assert settings
    traffic = Traffic()
    remote = RemoteCache(settings, traffic, print)
    local = LocalCache(root / "cache", 1_000_000_000, print)
    return TieredCache(local, remote, traffic), remote


def bazel_remote_program(root: Path) -> str:
    """Return the path of the pinned bazel-remote, which is installed if it is not."""
    try:
        found: str = PinnedTools(root).stamp("bazel-remote")["executables"]["bazel-remote"]
    except NotInstalledError as error:
        raise SystemExit(str(error)) from error
    return found


def lines(found: Hits) -> list[tuple[str, bool]]:
    """Return the lines of the table, and whether each keeps its promise."""
    table = [(f"{'a bare round trip':>28}{_ms(found.bare)}", True)]
    for how, times in found.hit.items():
        ok = times.median <= HIT_SECONDS
        verdict = f"{'PASS' if ok else 'FAIL'} (at most {HIT_SECONDS * 1000:.0f} ms)"
        table.append((f"{f'a hit over {how}':>28}{_ms(times)}  {verdict}", ok))
    return table


def _ms(times: Times) -> str:
    return f"{times.minimum * 1000:>9.2f} / {times.median * 1000:.2f}"


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.remote_cache", description=__doc__)
    parser.add_argument("--hits", type=int, default=500, help="default: 500")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        table = lines(measure(asked.hits, Path(name)))
    sys.stdout.write(f"{asked.hits} small results, ms: minimum / median, judged by the median\n")
    sys.stdout.writelines(f"{line}\n" for line, _ in table)
    return 0 if all(ok for _, ok in table) else 1


if __name__ == "__main__":
    sys.exit(main())

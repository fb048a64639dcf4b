"""`python -m tests.soak`: kill builds at random moments, and see whether it shows."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from tests.soak.kill import Soak
from tests.soak.report import report
from tests.soak.sites import chain, small


def main(words: Sequence[str] | None = None) -> int:
    """Kill, compare, print; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="builds to kill")
    parser.add_argument("--seed", type=int, default=1, help="decides moments, signals and modes")
    parser.add_argument("--seconds", type=float, default=0.5, help="for all to end after a signal")
    parser.add_argument("--chain", action="store_true", help="build hello-go of this repository")
    asked = parser.parse_args(words)
    # A shell has its background jobs ignore Ctrl-C, and builds would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    store = os.environ.get("DOIT_WASM_STORE") or str(platformdirs.user_cache_path("doit-wasm"))
    with tempfile.TemporaryDirectory(prefix="soak.") as name:
        root = Path(name).resolve()
        soak = Soak(chain(root, store) if asked.chain else small(root), asked.seed, asked.seconds)
        soak.prepare()
        soak.run(asked.count)
        sys.stdout.writelines(f"{line}\n" for line in report(soak))
    return 1 if soak.faults() else 0


if __name__ == "__main__":
    sys.exit(main())

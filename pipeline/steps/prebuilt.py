"""Take a component that is built already, and check that it is one.

    python -m pipeline.steps.prebuilt WASM_TOOLS OUT (--file=FILE | --url=URL) [--sha256=HEX]

A URL needs a hash. The file is taken from the directory of vendored files if that has it, else from
a mirror or the URL.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from pipeline import files
from pipeline.errors import VerificationError, exit_code_of
from pipeline.settings import is_offline
from pipeline.steps import component_items
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.mirrors import Mirrors
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.settings import NetworkSettings
from pipeline.toolchain.net.vendor import VendorDirectory


def fetch(url: str, sha256: str, out: Path) -> None:
    """Fetch a pinned file.

    Args:
        url: Where it is.
        sha256: Its hash.
        out: Where it appears.

    Raises:
        PipelineError: It cannot be fetched, or has another hash.
    """
    network = NetworkSettings(
        offline=is_offline(),
        vendor=VendorDirectory.configured(),
        mirrors=Mirrors.configured(Path()),
    )
    name = Path(urlsplit(url).path).name or url
    with tempfile.TemporaryDirectory() as place:
        downloads = Downloads.configured(Path(place), network, limits=Limits(), say=print)
        shutil.copyfile(downloads.get(PinnedFile(url, name, sha256)), out)


def take(file: Path, sha256: str, out: Path) -> None:
    """Copy a file of the project.

    Args:
        file: The file.
        sha256: Its hash, or "" for any.
        out: Where it appears.

    Raises:
        VerificationError: It has another hash.
    """
    shutil.copyfile(file, out)
    found = files.sha256(out)
    if sha256 and found != sha256:
        raise VerificationError(
            f"{file} is not the file that is pinned",
            expected=sha256,
            found=found,
            fix="put the right file there, or pin this one in `sha256` of prebuilt_component()",
        )


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.prebuilt", description=__doc__)
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("out", type=Path)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", type=Path)
    source.add_argument("--url")
    parser.add_argument("--sha256", default="")
    args = parser.parse_args()

    def work() -> None:
        if args.url:
            fetch(args.url, args.sha256, args.out)
        else:
            take(args.file, args.sha256, args.out)
        component_items.read(args.wasm_tools, args.out, str(args.url or args.file))

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

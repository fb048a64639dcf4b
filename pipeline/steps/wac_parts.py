"""Check that a .wac file instantiates the parts that are declared, before they are compiled.

python -m pipeline.steps.wac_parts WAC FILE [--part NAME]... [--package PACKAGE=NAME]...
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.errors import exit_code_of
from pipeline.steps.wac_document import parse, parts_of, unmarked


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.wac_parts", description=__doc__)
    parser.add_argument("wac", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--part", action="append", default=[])
    parser.add_argument("--package", action="append", default=[])
    args = parser.parse_args()

    def work() -> None:
        with unmarked(args.file) as text:
            document = parse(args.wac, text)
        document.parts(args.file, args.part, parts_of(args.package))

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Where the console scripts begin: a module that no package `pipeline` of somebody else's hides.

It is installed beside `pipeline`, not in it; see `package-dir` in pyproject.toml.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def doit_wasm() -> int:
    """Run `doit-wasm`; return its exit code."""

    def begin() -> int:
        from pipeline.commands.main import main

        return main()

    return _unhidden(begin)


def checksum_updater() -> int:
    """Run `checksum-updater`; return its exit code."""

    def begin() -> int:
        from pipeline.updater.launcher import main

        return main()

    return _unhidden(begin)


def _unhidden(begin: Callable[[], int]) -> int:
    try:
        return begin()
    except ImportError as error:
        import pipeline

        place = pipeline.__file__ or next(iter(pipeline.__path__))
        if hasattr(pipeline, "doit_config") or not (error.name or "").startswith("pipeline"):
            raise
        sys.stderr.write(
            f"error: {place} hides the package of doit-wasm, which has the same name: `pipeline`\n"
            "  help: take its directory out of PYTHONPATH for this command\n"
        )
        return 3

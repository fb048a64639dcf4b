"""Run a command that makes a component, and drop the custom sections: names, and who produced it.

python -m pipeline.steps.stripped WASM_TOOLS COMPONENT COMMAND...
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import exit_code_of


def strip(wasm_tools: str, component: Path) -> None:
    """Replace a component by one without custom sections.

    Raises:
        CommandError: It is not a component.
    """
    smaller = component.with_name(f"{component.name}.stripped")
    process.run([wasm_tools, "strip", "--all", component, "-o", smaller])
    smaller.replace(component)


def main() -> int:
    """Run as a command; return the exit code."""
    wasm_tools, component, *command = sys.argv[1:]

    def work() -> None:
        sys.stdout.write(process.run(command, env=os.environ).output)
        strip(wasm_tools, Path(component))

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

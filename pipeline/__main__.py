"""Run as a command: python -m pipeline [COMMAND] [OPTION...], which is `doit-wasm`."""

import sys

from pipeline.commands.main import main

if __name__ == "__main__":
    sys.exit(main())

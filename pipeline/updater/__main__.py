"""Run as a command: python -m pipeline.updater COMMAND [OPTION...]."""

import sys

from pipeline.updater.launcher import main

if __name__ == "__main__":
    sys.exit(main())

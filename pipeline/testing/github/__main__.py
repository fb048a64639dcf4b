"""Serve a small example until Ctrl-C, for a look with curl."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence

from pipeline.testing.github import faults
from pipeline.testing.github.content import Pattern
from pipeline.testing.github.server import FakeGitHub

_TOKEN = "example-token"
_SECRET = "example/secret"
_EPILOG = f"""\
What is served: example/tool with releases, a prerelease and a draft; {_SECRET},
which needs the token `{_TOKEN}`. Try:

  curl -i API/repos/example/tool/releases/latest
  curl -i 'API/repos/example/tool/releases?per_page=2'
  curl -iL WEB/example/tool/releases/latest/download/tool-linux-amd64.tar.gz
  curl -i -H 'Authorization: Bearer {_TOKEN}' API/repos/{_SECRET}/releases/latest

The first line of the output has the three URLs. Each request is printed to stderr.
"""


def seed(github: FakeGitHub) -> None:
    """Add the example's repositories and its token."""
    github.add_token(_TOKEN, pushes=True)
    tool = github.add_repository("example/tool")
    for month in range(1, 7):
        tool.add_release(
            f"v1.{month}.0",
            published_at=f"2026-{month:02}-01T12:00:00Z",
            assets={
                "tool-linux-amd64.tar.gz": Pattern(1_000_000, seed=month),
                "tool-windows-amd64.zip": Pattern(1_200_000, seed=-month),
            },
        )
    tool.add_release("v2.0.0-rc.1", published_at="2026-07-01T12:00:00Z", prerelease=True)
    tool.add_release("v2.0.0", draft=True)
    secret = github.add_repository(_SECRET, private=True)
    secret.add_release(
        "v0.1.0", published_at="2026-01-01T00:00:00Z", assets={"secret.bin": b"secret\n"}
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; by default those of the process.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.testing.github",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the URLs as JSON")
    parser.add_argument("--base-path", default="", help="prefix of the API, such as /api/v3")
    parser.add_argument("--latency", type=float, default=0, help="seconds before each reply")
    options = parser.parse_args(argv)

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with FakeGitHub(base_path=options.base_path) as github:
        seed(github)
        github.faults.always("*", faults.latency(options.latency))
        urls = {"api": github.api_url, "web": github.web_url, "cdn": github.cdn_url}
        plain = " ".join(f"{site}={url}" for site, url in urls.items())
        print(json.dumps(urls) if options.json else plain, flush=True)
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A fake GitHub: a real HTTP server with the API, the web site and the CDN of releases.

Beside it are the download sites of Go and of Node.js.
"""

from pipeline.testing.github.clock import ManualClock
from pipeline.testing.github.content import Content, Pattern
from pipeline.testing.github.faults import Fault
from pipeline.testing.github.message import Answer, Reply, Request
from pipeline.testing.github.quota import Quota
from pipeline.testing.github.release import Asset, Digest, Release
from pipeline.testing.github.secondary import SecondaryLimit
from pipeline.testing.github.server import FakeGitHub
from pipeline.testing.github.state import Account, Repository

__all__ = [
    "Account",
    "Answer",
    "Asset",
    "Content",
    "Digest",
    "FakeGitHub",
    "Fault",
    "ManualClock",
    "Pattern",
    "Quota",
    "Release",
    "Reply",
    "Repository",
    "Request",
    "SecondaryLimit",
]

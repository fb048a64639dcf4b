"""The token of the release API, and the one server that may see it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from pipeline.toolchain.net import urls

TOKENS: Final = ("GITHUB_TOKEN", "GH_TOKEN")
API: Final = "GITHUB_API_URL"
PUBLIC_API: Final = "https://api.github.com"

_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token and the server that it belongs to.

    Attributes:
        api: Base URL of the API that may see it.
        variable: The variable that holds it; "" if none is set.
        token: The token.
    """

    api: str = PUBLIC_API
    variable: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def of_environment(cls) -> Credentials:
        """Return the first token that is set: GITHUB_TOKEN, GH_TOKEN.

        It belongs to the server of GITHUB_API_URL, else to GitHub's own.

        Raises:
            DeclarationError: GITHUB_API_URL is not a base URL.
        """
        api = urls.base(os.environ.get(API) or PUBLIC_API, API).rstrip("/")
        for variable in TOKENS:
            if os.environ.get(variable):
                return cls(api, variable, os.environ[variable])
        return cls(api)

    def headers(self, url: str) -> Mapping[str, str]:
        """Return the header for a request to *url*: none unless it is the token's own API."""
        return {"Authorization": f"Bearer {self.token}"} if self.source(url) else {}

    def source(self, url: str) -> str:
        """Return the variable whose token a request to *url* carries, or ""."""
        try:
            same = urls.origin(url) == urls.origin(self.api)
        except ValueError:
            return ""  # not a valid URL: no request is made
        there = urlsplit(url)
        secret = there.scheme == "https" or there.hostname in _LOOPBACK
        path = f"{urlsplit(self.api).path.rstrip('/')}/"
        ours = same and there.path.startswith(path)
        return self.variable if ours and secret and self.token else ""

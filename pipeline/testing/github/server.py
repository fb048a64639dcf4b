"""The fake GitHub and its neighbours: state, sites and faults behind real sockets."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Self

from pipeline.testing.github.acceptor import Acceptor, listen_as_localhost
from pipeline.testing.github.api import Api
from pipeline.testing.github.cdn import Cdn
from pipeline.testing.github.clock import Clock
from pipeline.testing.github.documents import Urls
from pipeline.testing.github.elsewhere import Releases
from pipeline.testing.github.faults import Faults
from pipeline.testing.github.golang import Golang
from pipeline.testing.github.listener import Listener
from pipeline.testing.github.message import Answer, Reply, Request, Site
from pipeline.testing.github.nodejs import Nodejs
from pipeline.testing.github.quota import Quota
from pipeline.testing.github.routes import Routes
from pipeline.testing.github.secondary import SecondaryLimit
from pipeline.testing.github.state import Repository, State
from pipeline.testing.github.web import Web

logger = logging.getLogger(__name__)

_API_ROOTS = {"repos", "repositories", "rate_limit"}


class FakeGitHub:
    """A GitHub on this machine, for as long as its `with` block lasts.

    Args:
        base_path: What precedes `/repos`; `/api/v3` on Enterprise servers.
        link_seconds: How long a signed URL is valid.
        clock: The time for dates, quotas and the expiry of signed URLs.

    Attributes:
        api_url: Base URL of the API for clients, without a final slash.
        web_url: Base URL of the web site.
        cdn_url: Base URL of the assets, on another host name than the other two.
        go_url: Base URL of Go's list; its files redirect to another host name.
        nodejs_url: Base URL of Node.js's index and files.
        state: Repositories and accounts.
        go: Releases of Go; see `pipeline.testing.github.golang`.
        nodejs: Releases of Node.js; see `pipeline.testing.github.nodejs`.
        add_token: Accepts a token; see `State.add_token`.
        faults: The faults in force.
        secondary: How fast each client of the API may be; None: as fast as it likes.
        requests: All requests so far, in the order of their answers.
        most_at_once: The largest number of requests that were in flight together.
    """

    api_url: str
    web_url: str
    cdn_url: str
    go_url: str
    nodejs_url: str

    def __init__(
        self, *, base_path: str = "", link_seconds: float = 3600, clock: Clock = time.time
    ) -> None:
        self.state = State(clock)
        self.go = Releases(clock)
        self.nodejs = Releases(clock)
        self.add_token = self.state.add_token
        self.faults = Faults()
        self.secondary: SecondaryLimit | None = None
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._base_path = base_path.rstrip("/")
        self._link_seconds = link_seconds
        self._in_flight = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        main = self._listen("127.0.0.1", 0, site=None)
        assets = listen_as_localhost(partial(self._listen, site="cdn"))
        golang = listen_as_localhost(partial(self._listen, site="go"))
        node = self._listen("127.0.0.1", 0, site="nodejs")
        self.web_url = f"http://127.0.0.1:{main.port}"
        self.api_url = f"{self.web_url}{self._base_path}"
        self.cdn_url = f"http://localhost:{assets[0].port}"
        self.go_url = f"http://127.0.0.1:{golang[0].port}/dl"
        self.nodejs_url = f"http://127.0.0.1:{node.port}/dist"
        self._answers = self._sites(f"http://localhost:{golang[0].port}")
        self._acceptor = Acceptor([main, *assets, *golang, node], self._stopping)
        return self

    def __exit__(self, *error: object) -> None:
        self._acceptor.stop()

    @property
    def quota(self) -> Quota:
        """Quota of requests without a token; that of a token is its account's."""
        return self.state.anonymous.quota

    def add_repository(self, full_name: str, *, private: bool = False) -> Repository:
        """Create a repository; see `State.add_repository`."""
        return self.state.add_repository(full_name, private=private)

    def _sites(self, go_files: str) -> Mapping[Site, Answer]:
        urls = Urls(api=self.api_url, web=self.web_url)
        cdn = Cdn(self.state, self.cdn_url, link_seconds=self._link_seconds)
        api = Api(self.state, Routes(self.state, urls, cdn), self._base_path)
        return {
            "api": api.answer,
            "web": Web(self.state, urls, cdn).answer,
            "cdn": cdn.answer,
            "go": Golang(self.go, go_files).answer,
            "nodejs": Nodejs(self.nodejs).answer,
        }

    def _listen(self, host: str, port: int, *, site: Site | None) -> Listener:
        return Listener(
            (host, port),
            site=lambda path: site or self._site(path),
            serve=self._serve,
            clock=self.state.clock,
            stopping=self._stopping,
        )

    def _site(self, path: str) -> Site:
        if self._base_path:
            return "api" if f"{path}/".startswith(f"{self._base_path}/") else "web"
        return "api" if path.split("/")[1] in _API_ROOTS else "web"

    @contextmanager
    def _serve(self, request: Request) -> Iterator[Reply]:
        """Answer a request, log it, and count it while it is being sent."""
        with self._lock:
            self._in_flight += 1
            self.most_at_once = max(self.most_at_once, self._in_flight)
        limit = self.secondary if request.site == "api" else None
        client = request.headers.get("Authorization", "")
        try:
            refusal = limit.begin(client, self.state.clock()) if limit else None
            reply = refusal or self.faults.apply(request, self._answers[request.site])
            logged = replace(request, status=reply.status if reply.delivery.head else 0)
            self.requests.append(logged)
            logger.info("%s", logged)
            yield reply
        finally:
            if limit:
                limit.end(client)
            with self._lock:
                self._in_flight -= 1

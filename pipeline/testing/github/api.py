"""The REST API: accounts, quotas and conditional requests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from dataclasses import replace
from http import HTTPStatus

from pipeline.testing.github.documents import error, limit_error
from pipeline.testing.github.message import Reply, Request, json_reply, text_reply
from pipeline.testing.github.routes import Routes
from pipeline.testing.github.state import Account, State

API_VERSION = "2022-11-28"
_VARY = "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, X-Requested-With"
_NO_AGENT = (
    "\r\nRequest forbidden by administrative rules. Please make sure your request has a"
    " User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api"
    "#user-agent-required). Check https://developer.github.com for other possible causes.\r\n"
)


class Api:
    """Answers requests to the API.

    Args:
        state: Repositories and accounts.
        routes: Finds the requested document.
        base_path: What precedes `/repos` in each path.
    """

    def __init__(self, state: State, routes: Routes, base_path: str) -> None:
        self._state = state
        self._routes = routes
        self._base_path = base_path
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Return the reply; requests are counted one at a time."""
        if not request.headers.get("User-Agent"):
            return text_reply(403, _NO_AGENT, "text/html; charset=utf-8")
        with self._lock:
            account = self._account(request)
            if account is None:
                reply = error(401, "Bad credentials")
                return self._counted(reply, self._state.anonymous, cost=1)
            path = request.path.removeprefix(self._base_path)
            if path == "/rate_limit":
                return self._counted(self._limits(account), account, cost=0)
            return self._limited(request, path, account)

    def _limited(self, request: Request, path: str, account: Account) -> Reply:
        account.quota.roll(self._state.clock())
        if not account.quota.remaining:
            return self._counted(_refusal(request, account), account, cost=0)
        reply = _conditional(request, self._routes.answer(request, path, account))
        # An unchanged document is free only for requests with a token.
        free = reply.status == HTTPStatus.NOT_MODIFIED and account.token is not None
        return self._counted(reply, account, cost=0 if free else 1)

    def _account(self, request: Request) -> Account | None:
        header = request.headers.get("Authorization")
        if header is None:
            return self._state.anonymous
        scheme, _, credentials = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                decoded = base64.b64decode(credentials, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
            return self._state.accounts.get(decoded.partition(":")[2])
        if scheme.lower() not in {"bearer", "token"}:
            return None
        return self._state.accounts.get(credentials.strip())

    def _limits(self, account: Account) -> Reply:
        core = account.quota.counters(self._state.clock()) | {"resource": "core"}
        return json_reply(200, {"resources": {"core": core}, "rate": core})

    def _counted(self, reply: Reply, account: Account, *, cost: int) -> Reply:
        quota, now = account.quota, self._state.clock()
        quota.roll(now)
        quota.used += cost
        counters = {f"x-ratelimit-{name}": str(n) for name, n in quota.counters(now).items()}
        visibility = "public" if account.token is None else "private"
        common = {
            "Server": "github.com",
            "Cache-Control": f"{visibility}, max-age=60, s-maxage=60",
            "Vary": _VARY,
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": API_VERSION,
        }
        headers = {**common, **counters, "x-ratelimit-resource": "core", **reply.headers}
        return replace(reply, headers=headers)


def _conditional(request: Request, reply: Reply) -> Reply:
    """Give a document its ETag, or answer that the client has it already."""
    if reply.status != HTTPStatus.OK:
        return reply
    digest = hashlib.sha256(reply.payload())
    for name in ("Accept", "Authorization"):
        digest.update(b"\0" + request.headers.get(name, "").encode())
    etag = f'W/"{digest.hexdigest()}"'
    known = {_opaque(each) for each in request.headers.get("If-None-Match", "").split(",")}
    if _opaque(etag) in known or "*" in known:
        kept = {k: v for k, v in reply.headers.items() if k != "Content-Type"}
        return Reply(status=HTTPStatus.NOT_MODIFIED, headers=kept | {"ETag": etag})
    return replace(reply, headers={**reply.headers, "ETag": etag})


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/")


def _refusal(request: Request, account: Account) -> Reply:
    if account.token is None:
        whose = (
            f"{request.client}. (But here's the good news: Authenticated requests get a higher"
            " rate limit. Check out the documentation for more details.)"
        )
    else:
        whose = f"user ID {account.user_id}."
    return limit_error(
        account.quota.exceeded_status,
        f"API rate limit exceeded for {whose}",
        "/overview/resources-in-the-rest-api#rate-limiting",
    )

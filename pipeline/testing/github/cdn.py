"""The CDN: signed URLs that expire, and ranges of assets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from pipeline.testing.github.clock import http_date, seconds_of, stamp
from pipeline.testing.github.message import Reply, Request, text_reply
from pipeline.testing.github.ranges import file_reply
from pipeline.testing.github.release import Asset
from pipeline.testing.github.state import State

_XML = "application/xml"
_TWO_CREDENTIALS = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query"
    " string parameter or the Authorization header should be specified"
)
_BAD_SIGNATURE = (
    "Server failed to authenticate the request. Make sure the value of Authorization header is"
    " formed correctly including the signature."
)
_SERVER = "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"


class Cdn:
    """Signs URLs of assets and answers them.

    Args:
        state: The assets; its clock decides what has expired.
        base_url: Base URL of the CDN, without a final slash.
        link_seconds: How long a signed URL is valid.
    """

    def __init__(self, state: State, base_url: str, *, link_seconds: float) -> None:
        self._state = state
        self._base_url = base_url
        self._link_seconds = link_seconds
        self._key = secrets.token_bytes(32)

    def sign(self, asset: Asset) -> str:
        """Return a URL that is valid for a while, without a token."""
        fields = {
            "sp": "r",
            "sv": "2018-11-09",
            "sr": "b",
            "spr": "https",
            "se": stamp(self._state.clock() + self._link_seconds),
            "rscd": f"attachment; filename={asset.name}",
            "rsct": asset.content_type,
        }
        fields["sig"] = self._signature(asset.cdn_path, fields)
        return f"{self._base_url}{asset.cdn_path}?{urlencode(fields)}"

    def answer(self, request: Request) -> Reply:
        """Return the requested bytes, or the XML of an error."""
        if "Authorization" in request.headers:
            return _xml(400, "InvalidArgument", _TWO_CREDENTIALS)
        fields = dict(parse_qsl(request.query))
        refused = self._refused(request.path, fields)
        if refused:
            return _xml(403, "AuthenticationFailed", _BAD_SIGNATURE, refused)
        if request.method not in {"GET", "HEAD"}:
            return _xml(405, "UnsupportedHttpVerb", "The resource doesn't support this method.")
        asset = self._asset(request.path)
        if asset is None:
            return _xml(404, "BlobNotFound", "The specified blob does not exist.")
        return _blob(request, asset, fields)

    def _refused(self, path: str, fields: dict[str, str]) -> str:
        given = fields.pop("sig", "")
        if not hmac.compare_digest(given.encode(), self._signature(path, fields).encode()):
            return "Signature did not match."
        now, until = self._state.clock(), seconds_of(fields["se"])
        if now < until:
            return ""
        return (
            "Signature not valid in the specified time frame:"
            f" Expiry [{http_date(until)}] - Current [{http_date(now)}]"
        )

    def _signature(self, path: str, fields: dict[str, str]) -> str:
        text = f"{path}\n{urlencode(sorted(fields.items()))}"
        mac = hmac.new(self._key, text.encode(), hashlib.sha256)
        return base64.b64encode(mac.digest()).decode()

    def _asset(self, path: str) -> Asset | None:
        number = path.split("/")[2]
        repository = self._state.numbered(int(number))
        releases = list(repository.releases) if repository else []
        assets = (asset for release in releases for asset in list(release.assets))
        return next((asset for asset in assets if asset.cdn_path == path), None)


def _blob(request: Request, asset: Asset, fields: dict[str, str]) -> Reply:
    content = asset.served or asset.content
    headers = {
        "Server": _SERVER,
        "Content-Type": fields["rsct"],
        "Content-Disposition": fields["rscd"],
        "Last-Modified": http_date(seconds_of(asset.updated_at)),
        "ETag": f'"0x{content.tag.upper()}"',
    }
    reply = file_reply(request, content, headers)
    if reply.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return reply
    message = "The range specified is invalid for the current size of the resource."
    return _xml(416, "InvalidRange", message, **reply.headers)


def _xml(status: int, code: str, message: str, detail: str = "", **headers: str) -> Reply:
    tail = f"<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>" if detail else ""
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message>{tail}</Error>"
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = text_reply(status, text, _XML)
    return Reply(
        status=status,
        headers={**reply.headers, "Server": _SERVER, "x-ms-error-code": code, **named},
        body=reply.body,
    )

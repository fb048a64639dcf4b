"""Reads a delivery: is it signed with our secret, and which repository has a release?

The formats are those of GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads and
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final

from pipeline.errors import PipelineError

_SIGNATURE: Final = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)
_IDENTITY: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_EVENT: Final = re.compile(r"[a-z_]{1,64}", re.ASCII)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", re.ASCII)


class DeliveryError(PipelineError):
    """A delivery is refused.

    Args:
        status: The status of the answer.
        what: As for `PipelineError`, like the other arguments.
        why: The cause.
        fix: What the owner of the webhook can do.
    """

    class_code: ClassVar[str] = "DW016"

    def __init__(self, status: HTTPStatus, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what, why=why, fix=fix)
        self.status = status


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery with a valid signature.

    Attributes:
        identity: GitHub's identifier; a repeated delivery has that of the first one.
        event: `release`, `ping` or another event.
        action: What happened to the release, such as `published`; empty for other events.
        repository: `OWNER/NAME`; empty for other events.
    """

    identity: str
    event: str
    action: str = ""
    repository: str = ""


def read(headers: Mapping[str, str], body: bytes, secret: bytes) -> Delivery:
    """Check and read a delivery. Nothing of the body is looked at before its signature is valid.

    Args:
        headers: The headers of the request, by their names in lower case.
        body: Its body.
        secret: The secret of the webhook.

    Raises:
        DeliveryError: The signature is missing or wrong, or the delivery is not one of GitHub's.
    """
    _require_signature(headers.get("x-hub-signature-256", ""), body, secret)
    identity = _header(headers, "X-GitHub-Delivery", _IDENTITY)
    event = _header(headers, "X-GitHub-Event", _EVENT)
    if event != "release":
        return Delivery(identity, event)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise DeliveryError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "the body is not declared as JSON",
            fix="set the content type of the webhook to application/json",
        )
    payload = _object(body)
    repository = payload.get("repository")
    name = repository.get("full_name") if isinstance(repository, dict) else None
    action = payload.get("action")
    if not isinstance(name, str) or not _REPOSITORY.fullmatch(name):
        raise _invalid("repository.full_name is not OWNER/NAME")
    if not isinstance(action, str) or not _EVENT.fullmatch(action):
        raise _invalid("action is not the name of an action")
    return Delivery(identity, event, action, name)


def _require_signature(given: str, body: bytes, secret: bytes) -> None:
    unauthorized = HTTPStatus.UNAUTHORIZED
    fix = "give the webhook at GitHub the secret that this server has"
    if not given:
        raise DeliveryError(unauthorized, "the delivery is not signed", fix=fix)
    expected = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    # Compared in constant time, so that the time of an answer reveals nothing about the signature.
    valid = _SIGNATURE.fullmatch(given) is not None
    if not valid or not hmac.compare_digest(expected, given):
        raise DeliveryError(unauthorized, "the signature does not match", fix=fix)


def _header(headers: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    """Return a header of a known form."""
    value = headers.get(name.lower(), "")
    if not form.fullmatch(value):
        raise _invalid(f"the header {name} is {'invalid' if value else 'missing'}")
    return value


def _object(body: bytes) -> Mapping[str, object]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:  # also bytes that are not UTF-8
        raise _invalid("the body is not JSON", why=str(error)) from error
    if not isinstance(payload, dict):
        raise _invalid("the body is not a JSON object")
    return payload


def _invalid(what: str, *, why: str = "") -> DeliveryError:
    return DeliveryError(HTTPStatus.BAD_REQUEST, what, why=why)

"""Names of archive members that are safe on every common file system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DEVICES: Final = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789\u00b9\u00b2\u00b3"
}
_CONTROL: Final = re.compile("[\0-\x1f\x7f]")
_NAME_BYTES: Final = 255
_PATH_BYTES: Final = 1024


def complaint(name: str) -> str:
    """Return why *name*, the path of a member, is not portable, or "" if it is."""
    parts = name.split("/")
    if _CONTROL.search(name):
        return "its path has a control character"
    if "\\" in name or ":" in name:
        return "its path is not a plain relative one"
    if _bytes(name) > _PATH_BYTES or max(map(_bytes, parts)) > _NAME_BYTES:
        return "its path is too long"
    return next(filter(None, map(_complaint_of_part, parts)), "")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _complaint_of_part(part: str) -> str:
    if part not in {".", ".."} and part.endswith((".", " ")):
        return f"Windows drops the end of {part!r}"
    if part.split(".")[0].rstrip().casefold() in _DEVICES:
        return f"{part!r} is a device of Windows"
    return ""


def folded(path: str) -> str:
    """Return *path* as a file system sees it that ignores case and Unicode forms."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())

"""The settings in environment variables, with one parser for each kind of variable."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pipeline.errors import DeclarationError, StoreError
from pipeline.ownership import doubt

STORE: Final = "DOIT_WASM_STORE"
CACHE_BYTES: Final = "DOIT_WASM_CACHE_BYTES"
OFFLINE: Final = "DOIT_WASM_OFFLINE"
VENDOR: Final = "DOIT_WASM_VENDOR"
DEBUG: Final = "DOIT_WASM_DEBUG"
PROFILE: Final = "DOIT_WASM_PROFILE"
EVENTS: Final = "DOIT_WASM_EVENTS"
TRACE: Final = "DOIT_WASM_TRACE"
METRICS: Final = "DOIT_WASM_METRICS"
COMPILED: Final = "DOIT_WASM_COMPILED"
WEBHOOK_SECRET: Final = "DOIT_WASM_WEBHOOK_SECRET"  # noqa: S105 - the variable, not the secret
ON: Final = "DOIT_WASM_ON"
REMOTE_CACHE: Final = "DOIT_WASM_REMOTE_CACHE"
REMOTE_MODE: Final = "DOIT_WASM_REMOTE_MODE"
REMOTE_UPLOAD: Final = "DOIT_WASM_REMOTE_UPLOAD"
REMOTE_TRUST: Final = "DOIT_WASM_REMOTE_TRUST"
REMOTE_SIGN: Final = "DOIT_WASM_REMOTE_SIGN"
REMOTE_TOKEN: Final = "DOIT_WASM_REMOTE_TOKEN"  # noqa: S105 - the variable, not the token
REMOTE_USER: Final = "DOIT_WASM_REMOTE_USER"
REMOTE_PASSWORD: Final = "DOIT_WASM_REMOTE_PASSWORD"  # noqa: S105 - as above
REMOTE_CERTIFICATE: Final = "DOIT_WASM_REMOTE_CERTIFICATE"
REMOTE_KEY: Final = "DOIT_WASM_REMOTE_KEY"
REMOTE_CA: Final = "DOIT_WASM_REMOTE_CA"
REMOTE_WAIT: Final = "DOIT_WASM_REMOTE_WAIT"
REMOTE_TOOLS: Final = "DOIT_WASM_REMOTE_TOOLS"

_YES: Final = {"1", "true", "yes", "on"}
_NO: Final = {"", "0", "false", "no", "off"}
_DAY: Final = 86_400.0
_SIZE: Final = r"(?ia)(\d{1,15}(?:\.\d{1,9})?)\s*([kmgt]?)(i?)b?"  # compiled when there is one
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def bytes_of(text: str, where: str) -> int:
    """Parse a size in bytes.

    Args:
        text: `500M`, `500 MB`, `2G`, `512KiB`, `1.5GB`, `1048576`: k, M, G and T are powers of
            1000; with an `i`, powers of 1024. Case does not matter.
        where: The variable or option, for the message.

    Raises:
        DeclarationError: The text is not a size.
    """
    found = re.fullmatch(_SIZE, text.strip())
    if found is None or (found[3] and not found[2]):
        fix = "write one like 500M, 2GB or 512MiB"
        raise DeclarationError(f"{where}: `{text}` is not a size", fix=fix)
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])


def size_text(count: int) -> str:
    """Format a number of bytes for people: `812 B`, `1.5 MB`; units are powers of 1000."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - as the units say
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def size(variable: str, default: int) -> int:
    """Return the size in *variable*, or *default* if it is unset or empty.

    Raises:
        DeclarationError: The text is not a size.
    """
    text = os.environ.get(variable, "")
    return bytes_of(text, variable) if text else default


def flag(variable: str) -> bool:
    """Return whether *variable* is set to a word for yes.

    Raises:
        DeclarationError: Its value means neither yes nor no.
    """
    text = os.environ.get(variable, "")
    if text.strip().lower() in _YES:
        return True
    if text.strip().lower() in _NO:
        return False
    raise DeclarationError(
        f"{variable}: `{text}` is neither yes nor no", fix="set it to 1 or 0, or unset it"
    )


def directory(variable: str) -> Path | None:
    """Return the absolute path of the directory in *variable*; None if it is unset or empty.

    A relative path is relative to the project, whichever directory of it is the current one.

    Raises:
        DeclarationError: It begins with `~` and a user whose home is unknown.
    """
    text = os.environ.get(variable, "")
    if not text:
        return None
    try:
        return _project() / Path(text).expanduser()
    except RuntimeError as error:
        what = f"{variable}: `{text}` names no directory"
        raise DeclarationError(what, why=str(error), fix="write a path without ~") from error


def file(variable: str) -> Path | None:
    """Return the absolute path of the file in *variable*; None if it is unset or empty.

    Raises:
        DeclarationError: There is no such file, or it cannot be read.
    """
    path = directory(variable)
    if path is not None and not (path.is_file() and os.access(path, os.R_OK)):
        raise DeclarationError(f"{variable}: {path} is not a file that can be read")
    return path


def seconds(variable: str) -> float | None:
    """Return the number of seconds in *variable*; None if it is unset or empty.

    Raises:
        DeclarationError: The text is not a number of seconds from 0 to a day.
    """
    text = os.environ.get(variable, "")
    if not text:
        return None
    if not re.fullmatch(r"(?a)\d{1,5}(\.\d{1,9})?", text) or float(text) > _DAY:
        fix = "write one like 30 or 0.5"
        raise DeclarationError(f"{variable}: `{text}` is not a number of seconds", fix=fix)
    return float(text)


def remote_is_set() -> bool:
    """Return whether a remote cache is named, or something that only one can need."""
    return bool(os.environ.get(REMOTE_CACHE) or os.environ.get(REMOTE_MODE))


def require_valid() -> None:
    """Raise unless all variables are valid, so that a run reports a wrong one at its start.

    Raises:
        DeclarationError: A variable is invalid.
    """
    size(CACHE_BYTES, 0)
    for variable in (OFFLINE, DEBUG, REMOTE_TOOLS):
        flag(variable)
    for variable in (STORE, VENDOR):
        directory(variable)


def in_ci() -> bool:
    """Return whether continuous integration runs this: nobody reads hints there."""
    return os.environ.get("CI", "") not in ("", "false")


def store_root() -> Path:
    """Return the store's directory: the user's, or the one that the environment names.

    Raises:
        StoreError: Its path cannot be part of PATH, or other users could have written the programs
            in it.
        DeclarationError: The variable does not name a directory.
    """
    root = directory(STORE) or _user_cache()
    if os.pathsep in str(root):
        raise StoreError(
            f"the store cannot be {root}",
            why=f"PATH will name directories in it, and {os.pathsep!r} ends a name in PATH",
            fix=f"name another directory in {STORE}",
        )
    if why := doubt(str(root), owners=False):
        raise StoreError(
            f"the store is not used: {why}",
            fix=f"make it yours alone (`chown`, `chmod go-w`), or name another in {STORE}",
        )
    return root


def _user_cache() -> Path:
    import platformdirs  # needed only where the environment names no directory

    return Path(platformdirs.user_cache_dir("doit-wasm")).absolute()


def _project() -> Path:
    """Return the nearest directory with a dodo.py, this one or one above, or else this one."""
    here = Path.cwd()
    return next((one for one in (here, *here.parents) if (one / "dodo.py").is_file()), here)


def is_offline() -> bool:
    """Return whether the environment forbids all connections."""
    return flag(OFFLINE)


def go_modules(vendor: Path) -> Path:
    """Return the directory of Go modules in a directory of vendored files, laid out as a proxy."""
    return vendor / "go"


def vendor_environment() -> dict[str, str]:
    """Return the variable that names the vendored files, for processes that run elsewhere."""
    vendor = directory(VENDOR)
    return {VENDOR: str(vendor)} if vendor else {}


def offline_environment() -> dict[str, str]:
    """Return variables that forbid pip, cargo and go to connect; none if they may."""
    if not is_offline():
        return {}
    vendor = directory(VENDOR)
    return {
        "PIP_NO_INDEX": "1",
        "CARGO_NET_OFFLINE": "true",
        "GONOPROXY": "none",
        "GOPROXY": f"file://{go_modules(vendor)}" if vendor else "off",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
    }

"""The variables that a command gets; docs/reference/environment.md lists them with the reasons.

A step gets none of the caller's variables: anything that could affect its outputs is declared or
absent. A step that fetches pinned files also gets the user's settings of registry clients: how they
connect, where to, and with which credentials. These affect where bytes come from, never the bytes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import settings
from pipeline.process import registry_clients

if TYPE_CHECKING:
    from typing import Final


def _windows(*below: str) -> str:
    return str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), *below))


SYSTEM: Final = (
    (_windows("System32"), _windows())
    if sys.platform == "win32"
    else ("/usr/local/bin", "/usr/bin", "/bin")
)
FIXED: Final = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "GOENV": "off",
    **({"PYTHONUTF8": "1"} if sys.platform == "win32" else {}),  # Python knows no LC_ALL there
}
"""Variables of every command: one locale, one time zone, and no settings of `go env -w`."""

_HOMES_OF_WINDOWS: Final = ("USERPROFILE", "APPDATA", "LOCALAPPDATA")
_TEMPORARY_OF_WINDOWS: Final = ("TEMP", "TMP")
_PLACES_OF_WINDOWS: Final = (
    *_HOMES_OF_WINDOWS,
    *_TEMPORARY_OF_WINDOWS,
    *("PROGRAMDATA", "PROGRAMFILES"),
)
_OF_WINDOWS: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "PROCESSOR_ARCHITECTURE")
EVERYWHERE: Final = (
    "DOIT_WASM_OFFLINE",
    *(_OF_WINDOWS if sys.platform == "win32" else ()),
)
"""The caller's variables that every command gets. Programs of Windows do not start without its."""

FETCHING: Final = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "DOIT_WASM_MIRRORS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_CONFIG_FILE",
    *registry_clients.GO, *registry_clients.WKG,
)  # fmt: skip
"""The caller's variables that commands which fetch files get as well."""

FETCHING_PREFIXES: Final = ("CARGO_REGISTRY_", "CARGO_REGISTRIES_", "CARGO_HTTP_", "CARGO_NET_")

INSTALLING: Final = (
    "HOME", "TMPDIR", "USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "CARGO_HOME", "GOMODCACHE",
    "GOCACHE", "GOPATH", "RUSTUP_DIST_SERVER", "RUSTUP_HOME",
    "npm_config_registry", "NPM_CONFIG_REGISTRY", "npm_config_userconfig", "NPM_CONFIG_USERCONFIG",
    "NODE_EXTRA_CA_CERTS",
    *(_PLACES_OF_WINDOWS if sys.platform == "win32" else ()),
)  # fmt: skip
"""The caller's variables that the installation of tools gets as well."""


def environment(
    path: Sequence[str | Path] = (), extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the whole environment of a command that installs or inspects a tool.

    Args:
        path: Directories that come before the system's on PATH.
        extra: Variables of the command itself.
    """
    return _whole(_caller(INSTALLING) | _fetching(), path, extra)


def step_environment(
    home: Path,
    temporary: Path,
    path: Sequence[str | Path],
    extra: Mapping[str, str],
    *,
    fetches: bool,
) -> dict[str, str]:
    """Return the whole environment of a step.

    Args:
        home: The step's own home directory.
        temporary: The step's own directory for temporary files.
        path: Directories that come before the system's on PATH.
        extra: Variables that it declares, and those of its tools.
        fetches: Whether it may fetch pinned files.
    """
    env = {"HOME": str(home), "TMPDIR": str(temporary)}
    if sys.platform == "win32":
        env |= dict.fromkeys(_HOMES_OF_WINDOWS, str(home))
        env |= dict.fromkeys(_TEMPORARY_OF_WINDOWS, str(temporary))
    if fetches:
        env |= _fetching() | registry_clients.kept()
    return _whole(env, path, extra)


def _whole(
    env: Mapping[str, str], path: Sequence[str | Path], extra: Mapping[str, str] | None
) -> dict[str, str]:
    return (
        _caller(EVERYWHERE)
        | FIXED
        | dict(env)
        | {"PATH": os.pathsep.join([*map(str, path), *SYSTEM])}
        | dict(extra or {})
        | settings.offline_environment()  # comes last: nobody can undo it
    )


def _fetching() -> dict[str, str]:
    prefixed = [name for name in os.environ if name.startswith(FETCHING_PREFIXES)]
    return (
        registry_clients.go_settings()
        | _caller([*FETCHING, *prefixed])
        | settings.vendor_environment()
    )


def _caller(names: Sequence[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}

"""The user's settings of registry clients, without settings that would affect builds.

The settings of go and cargo hold both: mirrors of registries and flags of compilers. Only the
former reach a step.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files, host
from pipeline.settings import store_root

if TYPE_CHECKING:
    from typing import Final

GO: Final = ("GOPROXY", "GOSUMDB", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOAUTH")
"""go's variables that determine where modules come from."""

WKG: Final = ("WKG_CONFIG_FILE", "DOCKER_CONFIG")
"""Where wkg finds its settings, and the credentials of registries."""

_TABLES: Final = ("source", "registries", "registry", "http", "net", "credential-alias")
_SHARED: Final = (
    *("registry", "git", "credentials.toml", "credentials"),
    *(".package-cache", ".package-cache-mutate", ".global-cache"),
)
"""What our home of cargo has in common with the user's: crates, tokens, and who works with them."""


def go_settings() -> dict[str, str]:
    """Return the settings of `go env -w` that determine where modules come from."""
    named = os.environ.get("GOENV")
    path = Path(named) if named else _config_directory() / "go" / "env"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, _, value in pairs if name in GO}


def kept() -> dict[str, str]:
    """Return variables that name the directories that go, cargo and zig keep between runs.

    Raises:
        DeclarationError: The user's settings of cargo cannot be read.
        OSError: The store cannot be written.
    """
    place = store_root() / "caches"
    return {
        "GOCACHE": os.environ.get("GOCACHE") or str(place / "go-build"),
        "GOMODCACHE": os.environ.get("GOMODCACHE") or str(place / "go-mod"),
        "CARGO_HOME": str(_cargo_home(place)),
        "ZIG_GLOBAL_CACHE_DIR": str(place / "zig"),
        **wkg_settings(),
    }


def wkg_settings() -> dict[str, str]:
    """Return variables that name the user's settings of wkg and credentials of registries."""
    places = {
        "WKG_CONFIG_FILE": _config_directory() / "wasm-pkg" / "config.toml",
        "DOCKER_CONFIG": Path.home() / ".docker",
    }
    return {
        name: os.environ.get(name) or str(place)
        for name, place in places.items()
        if name in os.environ or place.exists()
    }


def _cargo_home(place: Path) -> Path:
    """Return a cargo home that shares the user's crates but has only settings of registries.

    Args:
        place: Directory for such homes: there is one per home of a user.
    """
    users = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo").absolute()
    ours = place / f"cargo-{hashlib.sha256(os.fsencode(users)).hexdigest()[:12]}"
    for name in ("registry", "git"):
        (users / name).mkdir(parents=True, exist_ok=True)
    ours.mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        _link(ours / name, users / name)
    text = "".join(f"{line}\n" for line in _registry_settings(users)).encode()
    config = ours / "config.toml"
    if not config.is_file() or config.read_bytes() != text:
        files.write_atomic(config, text)
    return ours


def _link(link: Path, to: Path) -> None:
    if sys.platform == "win32":
        if to.is_file():
            shutil.copyfile(to, link)
        elif to.is_dir() and not link.exists():
            host.link_directory(str(to), str(link))
        return
    if link.is_symlink() and link.readlink() == to:
        return
    new = link.with_name(f"{link.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(to)
    new.replace(link)


def _registry_settings(home: Path) -> Iterator[str]:
    config = next(
        (home / name for name in ("config", "config.toml") if (home / name).is_file()), None
    )
    if config is not None:
        from pipeline import documents  # reads TOML, which few runs need

        settings = documents.read_toml(config)
        yield from _lines({name: settings[name] for name in _TABLES if name in settings}, ())


def _lines(table: Mapping[str, object], above: tuple[str, ...]) -> Iterator[str]:
    """Yield a table as lines of TOML, `a."b".c = VALUE`; JSON's form of these values is valid."""
    for name, value in table.items():
        way = (*above, json.dumps(name))
        if isinstance(value, Mapping):
            yield from _lines(value, way)
        else:
            yield f"{'.'.join(way)} = {json.dumps(value)}"


def _config_directory() -> Path:
    """Return the directory that go takes for the user's configuration."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"])
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")

"""Run TinyGo, with net/http of Go where it was built without the package.

    python -m pipeline.steps.tinygo_build TINYGO WORD...

A TinyGo from source has no `net`, which its authors keep in a repository that is no Go module. If
a program turns out to need it, it is compiled with net/http as the Go that TinyGo brings has it,
upon a `net` of ours without sockets. Whoever has a transport, such as an SDK for wasi:http, needs
no more than that.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.explained import explain
from pipeline.steps.tinygo_net_code import NET, TLS

LACKS: Final = re.compile(r"package net/http is not in std\b|^# net$", re.MULTILINE)
ROOT: Final = "TINYGOROOT"
PLACE: Final = Path(".doit-wasm-tinygo")
PURE: Final = ("ip.go", "mac.go", "parse.go", "pipe.go")
"""The files of Go's `net` that only compute."""
_HTTP2: Final = re.compile(r"^//go:build (!?)nethttpomithttp2\n", re.MULTILINE)


def root_with_http(tinygo: Path, go: Path, place: Path) -> None:
    """Make a root of TinyGo that has net/http; files that are the same are links.

    HTTP/2, which needs a TLS of its own, is left out, as Go's own tag does.

    Args:
        tinygo: The root of TinyGo.
        go: The root of Go.
        place: Where it appears.
    """
    place.mkdir()
    for entry in sorted(tinygo.iterdir()):
        if entry.name != "src":
            (place / entry.name).symlink_to(entry)
    _link(tinygo / "src", place / "src", skips={"net", "tls"})
    _link(go / "src/net/http", place / "src/net/http", skips={"testdata"})
    for name in PURE:
        (place / "src/net" / name).symlink_to(go / "src/net" / name)
    (place / "src/net/net.go").write_text(NET, encoding="utf-8")
    (place / "src/crypto/tls").mkdir()
    (place / "src/crypto/tls/tls.go").write_text(TLS, encoding="utf-8")
    for file in sorted((place / "src/net/http").glob("*.go")):
        text = file.read_text(encoding="utf-8")
        if found := _HTTP2.search(text):
            file.unlink()
            if not found[1]:
                file.write_text(_HTTP2.sub("", text), encoding="utf-8")


def _link(source: Path, to: Path, *, skips: set[str]) -> None:
    """Make directories with links to the files of *source*: TinyGo follows no links to folders."""
    for directory, folders, names in os.walk(source):
        folders[:] = sorted(set(folders) - skips)
        here = to / Path(directory).relative_to(source)
        here.mkdir(parents=True)
        for name in names:
            if not name.endswith("_test.go"):
                (here / name).symlink_to(Path(directory, name))


def build(command: list[str]) -> int:
    """Run TinyGo, a second time if it lacks net/http; return its exit code."""
    done = process.run(command, env=os.environ, codes=range(-64, 256))
    if done.code and LACKS.search(done.output) and (go := shutil.which("go")):
        place = PLACE.absolute()
        root_with_http(Path(os.environ[ROOT]), Path(go).resolve().parents[1], place)
        env = {**os.environ, ROOT: str(place)}
        done = process.run(command, env=env, codes=range(-64, 256))
    return explain(done)


def main() -> int:
    """Run as a command; return the exit code."""
    return exit_code_of(lambda: build(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

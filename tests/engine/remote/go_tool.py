"""A tool that is built from source in a second: a Go program, whose modules a directory serves."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

PACKAGE = "a.test/m/cmd/t"
MAIN = 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("t 1\\n") }\n'


def serve_modules(root: Path) -> dict[str, str]:
    """Make a directory that serves the program's module; return variables that name it."""
    versions = root / "proxy" / "a.test" / "m" / "@v"
    versions.mkdir(parents=True)
    (versions / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (versions / "v1.0.0.mod").write_text("module a.test/m\n\ngo 1.21\n")
    with zipfile.ZipFile(versions / "v1.0.0.zip", "w") as archive:
        archive.writestr("a.test/m@v1.0.0/go.mod", "module a.test/m\n\ngo 1.21\n")
        archive.writestr("a.test/m@v1.0.0/cmd/t/main.go", MAIN)
    return {
        "GOPROXY": f"file://{root}/proxy",
        "GOSUMDB": "off",
        "GOMODCACHE": str(root / "modules"),
        "GOFLAGS": "-modcacherw",
    }


def sum_of_module(go: dict[str, str]) -> str:
    """Return the hash of the module, as go computes it."""
    words = ["go", "mod", "download", "-json", "a.test/m@v1.0.0"]
    output = subprocess.check_output(words, cwd="/", env={**os.environ, **go})
    found: str = json.loads(output)["Sum"]
    return found


def write_tool(directory: Path, checksum: str) -> None:
    """Write the TOML file of the tool, and what it locks."""
    module = directory / "t"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module b.test/t\n\ngo 1.21\n\nrequire a.test/m v1.0.0\n")
    (module / "go.sum").write_text(f"a.test/m v1.0.0 {checksum}\n")
    (directory / "t.toml").write_text(
        '# Says its version.\nversion = "1"\nexecutables = ["bin/t"]\n'
        f'[[source]]\nkind = "go_build"\nmodule = "t"\npackage = "{PACKAGE}"\n'
        'directories = ["empty"]\n'
    )

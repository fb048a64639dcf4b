"""docs/howto/add-a-source.md is true: one file and one entry in the schema make a source."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "howto" / "add-a-source.md").read_text()

SCRIPT = """
from pathlib import Path
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
print(Installer(ToolFiles((Path("toolchains"),))).install("t").executables["t"].read_text())
"""


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_one_file_and_one_entry_in_the_schema_make_a_source(tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    package = shutil.copytree(REPOSITORY / "pipeline", tmp_path / "src/pipeline", ignore=ignore)
    (package / "toolchain/sources/share.py").write_text(block("python"))
    schema = package / "toolchain/spec/tool.schema.json"
    raw = json.loads(schema.read_text())
    raw["$defs"]["kinds"] |= json.loads(f"{{{block('json')}}}")
    schema.write_text(json.dumps(raw))
    shared = tmp_path / "shared"
    shared.write_bytes(b"program")
    (tmp_path / "toolchains").mkdir()
    digest = hashlib.sha256(b"program").hexdigest()
    (tmp_path / "toolchains/t.toml").write_text(
        'version = "1"\nexecutables = ["bin/t"]\n[[source]]\nkind = "share"\nfile = "bin/t"\n'
        f'place = "{shared}"\nsha256 = "{digest}"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "src"), "DOIT_WASM_STORE": str(tmp_path / "store")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "program\n", done.stderr

"""What a step of a random graph does: its outputs say what it has read, whatever that is.

python graph_step.py SPEC, where SPEC is JSON: name, inputs and outputs with their kinds.

What a step that is not reproducible writes ends with a mark and random digits, which others copy
if they have read some: bytes then differ from build to build, and are the same without the digits.
"""

import hashlib
import json
import secrets
import sys
from pathlib import Path

MARK = "~"


def work(spec: str, root: Path) -> None:
    """Make the outputs of a step in *root*."""
    step = json.loads(spec)
    seen = hashlib.sha256(step["name"].encode())
    nonce = "" if step["reproducible"] else secrets.token_hex(4)
    for name in step["inputs"]:
        place = root / name
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for file in files:
            text = file.read_text() if file.is_file() else "directory"
            content, _, digits = text.partition(MARK)
            nonce = hashlib.sha256(f"{nonce}{digits}".encode()).hexdigest() if digits else nonce
            seen.update(f"{file.relative_to(root)}\n{content}\n".encode())
    text = seen.hexdigest()
    # What an edit does not reach stays as it is: many edits end here.
    text = text if int(text[0], 16) >= step["blunt"] else step["name"]
    end = f"{MARK}{nonce}" if nonce else ""
    for name, is_directory in step["outputs"]:
        place = root / name
        if not is_directory:
            place.write_text(f"{text} {name}{end}")
            continue
        (place / "d").mkdir(parents=True)
        (place / "f").write_text(f"{text} {name}/f{end}")
        (place / "d/g").write_text(f"{text} {name}/d/g{end}")
        for number in range(int(text[-1], 16) % 3 if text != step["name"] else 0):
            (place / f"more-{number}").write_text(text + end)


if __name__ == "__main__":
    work(sys.argv[1], Path.cwd())

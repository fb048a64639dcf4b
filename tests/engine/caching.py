"""What the tests of the action cache share."""

from pathlib import Path

from engine.compiler import compiled

CHAIN = (compiled("one", "in.txt", "out/one.txt"), compiled("two", "out/one.txt", "out/two.txt"))


def index(tmp_path: Path) -> Path:
    return tmp_path / "store/cache/index.sqlite3"


def blobs(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("store/cache/blobs/*/*"))

"""A file that the user names for output: a device, a pipe or a link stays what it is."""

import os
import threading
from pathlib import Path

import pytest

from pipeline.commands.export import write
from pipeline.testing.project import Project

WORDS = [["graph"], ["report"]]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_pipe_is_written_to_and_stays(chain: Project, tmp_path: Path, words: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR)  # so that nobody waits for another to open it
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(os.read(end, 20)))
    reader.start()
    drain = threading.Thread(target=lambda: _drain(end, reader), daemon=True)
    drain.start()
    run = chain.doit(*words, "-o", str(pipe))
    assert run.code == 0, run.text
    assert pipe.is_fifo()
    reader.join(timeout=10)
    assert read


def _drain(end: int, first: threading.Thread) -> None:
    first.join()
    while os.read(end, 1 << 16):
        pass


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_link_is_followed(chain: Project, tmp_path: Path, words: list[str]) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    for _ in range(2):
        assert chain.doit(*words, "-o", str(link)).code == 0
        assert link.is_symlink()
        assert target.read_bytes()
        target.write_text("old")


def test_checksums_are_exported_through_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(str(link), "new\n")
    assert link.is_symlink()
    assert target.read_text() == "new\n"

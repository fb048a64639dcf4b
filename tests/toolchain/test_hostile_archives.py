"""A corpus of hostile archives: all are refused by the member's name, and nothing gets outside.

Each case is made in both forms, tar and zip, where the form can hold it. That Python's own filter
of tar members plays no part is shown by taking it away.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import tree
from pipeline.errors import ArchiveRefusedError
from pipeline.toolchain.archives.unpack import unfold, unpack
from pipeline.toolchain.limits import Limits

LIMITS = Limits(members=50, unpacked_bytes=1 << 18, unpacked_floor_bytes=1 << 16)
NOISE = random.Random(5).randbytes(1 << 15)
TYPES = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}
TYPES |= {"hard": tarfile.LNKTYPE, "char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE}
TYPES |= {"pipe": tarfile.FIFOTYPE, "unknown": b"Z"}
MODES = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "link": stat.S_IFLNK, "char": stat.S_IFCHR}
MODES |= {"block": stat.S_IFBLK, "pipe": stat.S_IFIFO, "socket": stat.S_IFSOCK}


@dataclass(frozen=True)
class M:
    """A member: what it is, its name, where it links to or what it holds, its mode."""

    name: str
    kind: str = "file"
    rest: str | bytes = b"x"
    mode: int = 0o755


def link(name: str, target: str) -> M:
    return M(name, "link", target)


def hard(name: str, target: str) -> M:
    return M(name, "hard", target)


# what the archive holds, the member that is named in the message, a word of the reason
CORPUS: dict[str, tuple[list[M], str, str]] = {
    # by name
    "up": ([M("../evil")], "../evil", "outside"),
    "up-twice": ([M("../../evil")], "../../evil", "outside"),
    "up-after-down": ([M("a/../../evil")], "a/../../evil", "outside"),
    "up-at-the-end": ([M("a/..", "dir")], "a/..", "outside"),
    "up-dotted": ([M("./.././evil")], "./.././evil", "outside"),
    "up-directory": ([M("../evil", "dir")], "../evil", "outside"),
    "after-good-ones": ([M("good"), M("../evil")], "../evil", "outside"),
    "absolute": ([M("/evil")], "/evil", "absolute"),
    "absolute-doubled": ([M("//evil")], "//evil", "absolute"),
    "absolute-directory": ([M("/evil", "dir")], "/evil", "absolute"),
    "drive": ([M("C:/evil")], "C:/evil", "plain"),
    "drive-relative": ([M("c:evil")], "c:evil", "plain"),
    "drive-inside": ([M("a/C:/evil")], "a/C:/evil", "plain"),
    "stream": ([M("a.txt:evil")], "a.txt:evil", "plain"),
    "backslash": ([M("..\\evil")], "..\\\\evil", "plain"),
    "backslash-inside": ([M("a\\..\\..\\evil")], "evil", "plain"),
    "share": ([M("\\\\host\\share\\evil")], "share", "plain"),
    "newline": ([M("a\nb")], "a\\nb", "control"),
    "escape-sequence": ([M("a\x1b[2Jb")], "a\\x1b[2Jb", "control"),
    "delete-character": ([M("a\x7f")], "a\\x7f", "control"),
    "long-name": ([M("n" * 256)], "n" * 256, "too long"),
    "long-path": ([M("/".join(["dddd"] * 300))], "dddd", "too long"),
    # by a link
    "link-up": ([link("a", "../evil")], "a", "links to"),
    "link-up-deeper": ([link("a/b", "../../evil")], "a/b", "outside"),
    "link-absolute": ([link("a", "/etc/passwd")], "a", "links to"),
    "link-drive": ([link("a", "C:/evil")], "a", "links to"),
    "link-backslash": ([link("a", "..\\evil")], "a", "links to"),
    "link-device": ([link("a", "con")], "a", "links to"),
    "link-here": ([link("a", ".")], "a", "outside"),
    "link-turning-back": ([link("a", "b/../../evil")], "a", "outside"),
    "link-then-file": ([link("a", "b"), M("a/evil")], "a", "occurs twice"),
    "link-then-link": ([link("a", "b"), link("a/c", "d")], "a/c", "below a link"),
    "link-replaced-by-file": ([link("a", "b"), M("a")], "a", "occurs twice"),
    "link-chain": ([link("a/up", "."), link("a/b", "up/../../evil")], "a/", "outside"),
    "link-by-case": ([link("a", "b"), M("A/evil")], "A/evil", "same as"),
    "link-by-unicode": ([link("\u00e9", "b"), M("e\u0301/evil")], "/evil", "same as"),
    # by a hard link
    "hard-up": ([hard("a", "../evil")], "a", "outside"),
    "hard-absolute": ([hard("a", "/etc/passwd")], "a", "absolute"),
    "hard-to-nothing": ([hard("a", "b")], "a", "not a file before it"),
    "hard-to-itself": ([hard("a", "a")], "a", "not a file before it"),
    "hard-to-link": ([link("l", "b"), M("b"), hard("a", "l")], "a", "not a file before it"),
    "hard-to-directory": ([M("d", "dir"), hard("a", "d")], "a", "not a file before it"),
    "hard-drive": ([hard("a", "C:/evil")], "a", "plain"),
    # what is no file
    "character-device": ([M("a", "char")], "a", "device"),
    "block-device": ([M("a", "block")], "a", "device"),
    "pipe": ([M("a", "pipe")], "a", "pipe"),
    "socket": ([M("a", "socket")], "a", "socket"),
    "unknown-type": ([M("a", "unknown")], "a", "device"),
    # twice
    "twice": ([M("a"), M("a")], "a", "occurs twice"),
    "twice-dotted": ([M("a"), M("./a")], "./a", "occurs twice"),
    "twice-by-slashes": ([M("a/b"), M("a//b")], "a//b", "occurs twice"),
    "twice-by-case": ([M("readme"), M("README")], "README", "same as"),
    "twice-by-sharp-s": ([M("stra\u00dfe"), M("STRASSE")], "STRASSE", "same as"),
    "twice-by-unicode": ([M("\u00e9"), M("e\u0301")], "", "same as"),
    "directories-by-case": ([M("lib/a"), M("Lib/b")], "Lib/b", "same as"),
    "file-below-file": ([M("a"), M("a/b")], "a/b", "below a file"),
    "directory-over-file": ([M("a"), M("a", "dir")], "a", "file of that name"),
    # names of Windows
    "con": ([M("con")], "con", "device of Windows"),
    "nul-with-ending": ([M("NUL.txt")], "NUL.txt", "device of Windows"),
    "aux-as-directory": ([M("aux/a")], "aux/a", "device of Windows"),
    "com1": ([M("d/COM1.log")], "d/COM1.log", "device of Windows"),
    "lpt-superscript": ([M("lpt\u00b2")], "lpt", "device of Windows"),
    "prn-with-space": ([M("prn .txt")], "prn .txt", "device of Windows"),
    "console-in": ([M("CONIN$")], "CONIN$", "device of Windows"),
    "dot-at-the-end": ([M("a.")], "a.", "drops the end"),
    "space-at-the-end": ([M("a /b")], "a /b", "drops the end"),
    "three-dots": ([M(".../evil")], ".../evil", "drops the end"),
    # rights
    "setuid": ([M("a", mode=0o4755)], "a", "setuid"),
    "setgid": ([M("a", mode=0o2755)], "a", "setgid"),
    "both": ([M("d/a", mode=0o6755)], "d/a", "setuid"),
    # too much
    "ratio": ([M("bomb", rest=bytes(1 << 18))], "bomb", "the archive unpacks to more than"),
    "total": ([M(f"{n}", rest=NOISE) for n in range(9)], "8", "more than 262144 bytes"),
    "count": ([M(f"{n}", rest=b"") for n in range(60)], "50", "more than 50 members"),
    "count-of-directories": ([M(f"{n}", "dir") for n in range(60)], "50", "more than 50 members"),
    "count-of-links": ([link(f"{n}", "t") for n in range(60)], "50", "more than 50 members"),
}


def tarred(path: Path, members: list[M], form: str) -> Path:
    with tarfile.open(path, f"w:{form}") as archive:
        for one in members:
            info = tarfile.TarInfo(one.name)
            info.type, info.mode = TYPES[one.kind], one.mode
            content = one.rest if isinstance(one.rest, bytes) and one.kind == "file" else b""
            info.linkname = one.rest if isinstance(one.rest, str) else ""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def zipped(path: Path, members: list[M]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename = f"{one.name}/" if one.kind == "dir" else one.name  # not tidied up
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (MODES[one.kind] | one.mode) << 16
            archive.writestr(info, one.rest if one.kind in {"file", "link"} else b"")
    return path


def entries(blobs: Path, members: list[M]) -> list[tree.Entry]:
    """Return the entries of a tree of the remote cache, and write the bytes of its files."""
    found = [tree.Entry("", tree.DIRECTORY)]
    for one in members:
        if one.kind == "file":
            data = one.rest if isinstance(one.rest, bytes) else one.rest.encode()
            digest = hashlib.sha256(data).hexdigest()
            (blobs / digest).write_bytes(data)
            found.append(tree.Entry(one.name, tree.RUN, digest, len(data)))
        elif one.kind == "link":
            found.append(tree.Entry(one.name, tree.LINK, str(one.rest)))
        else:
            found.append(tree.Entry(one.name, tree.DIRECTORY))
    return found


def extract(form: str, members: list[M], file: Path, into: Path) -> None:
    """Make an archive at *file*, or a directory of blobs, and extract it."""
    if form == "tree":
        file.mkdir()
        unfold("the archive", entries(file, members), file, into, limits=LIMITS)
        return
    made = zipped(file, members) if form == "zip" else tarred(file, members, form[4:])
    unpack(made, into, limits=LIMITS)


def cases() -> Iterator[object]:
    for name, (members, named, why) in CORPUS.items():
        kinds = {one.kind for one in members}
        if kinds <= TYPES.keys():
            for form in ("gz", "xz"):
                yield pytest.param(f"tar.{form}", members, named, why, id=f"{name}.tar.{form}")
        if kinds <= MODES.keys():
            yield pytest.param("zip", members, named, why, id=f"{name}.zip")
        rights = any(one.mode & 0o6000 for one in members)
        if kinds <= {"file", "dir", "link"} and not rights and name != "ratio":
            yield pytest.param("tree", members, named, why, id=f"{name}.tree")


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 60
    assert len(list(cases())) >= 180


@pytest.fixture
def no_help_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that Python itself offers for safety fail: it must not be asked."""

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("Python's own extraction was used")

    for name in ("extract", "extractall", "_get_filtered_attrs", "_extract_member"):
        monkeypatch.setattr(tarfile.TarFile, name, broken, raising=False)
    for name in ("data_filter", "tar_filter", "fully_trusted_filter"):
        monkeypatch.setattr(tarfile, name, broken, raising=False)
    for name in ("extract", "extractall", "_extract_member"):
        monkeypatch.setattr(zipfile.ZipFile, name, broken)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.usefixtures("no_help_of_python")
@pytest.mark.parametrize(("form", "members", "named", "why"), list(cases()))
def test_a_hostile_archive_is_refused_and_nothing_gets_outside(
    tmp_path: Path, form: str, members: list[M], named: str, why: str
) -> None:
    file = tmp_path / f"t.{form}"
    outer = tmp_path / "outer"
    into = outer / "deep" / "into"
    with pytest.raises(ArchiveRefusedError) as caught:
        extract(form, members, file, into)
    assert named in str(caught.value)
    assert why in str(caught.value)
    assert [path.name for path in outer.iterdir()] == ["deep"]
    assert [path.name for path in (outer / "deep").iterdir()] == ["into"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outer", file.name]
    for path in (outer / "deep" / "into").rglob("*"):
        assert not path.is_symlink() or path.resolve().is_relative_to(outer / "deep" / "into")
        assert not path.stat(follow_symlinks=False).st_mode & 0o6000


def test_a_link_of_a_zip_is_not_read_without_end(tmp_path: Path) -> None:
    file = zipped(tmp_path / "t.zip", [M("a", "link", "x" * (1 << 20))])
    with pytest.raises(ArchiveRefusedError, match="a links to a path of more than"):
        unpack(file, tmp_path / "into", limits=LIMITS)


def test_a_header_that_lies_about_the_size_is_found_out(tmp_path: Path) -> None:
    file = tarred(tmp_path / "t.tar.gz", [M("a", rest=b"x" * 600)], "gz")
    raw = bytearray(gzip.decompress(file.read_bytes()))
    raw[124:136] = b"77777777777\0"
    raw[148:156] = b"        "
    raw[148:156] = f"{sum(raw[:512]):06o}\0 ".encode()
    (tmp_path / "u.tar").write_bytes(raw)
    with pytest.raises(ArchiveRefusedError):
        unpack(tmp_path / "u.tar", tmp_path / "into", limits=LIMITS)


def test_a_file_that_is_mostly_holes_is_counted_as_it_would_be_written(tmp_path: Path) -> None:
    info = tarfile.TarInfo("sparse")
    info.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.name": "sparse",
        "GNU.sparse.size": str(1 << 40),
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.map": "0,1",
    }
    info.size = 1
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(ArchiveRefusedError, match="sparse"):
        unpack(tmp_path / "t.tar.gz", tmp_path / "into", limits=LIMITS)


def test_a_real_archive_with_much_the_same_text_is_no_bomb(tmp_path: Path) -> None:
    text = b"".join(f"{n}: a line like any other\n".encode() for n in range(20_000))
    file = tarred(tmp_path / "t.tar.xz", [M("a", rest=text)], "xz")
    unpack(file, tmp_path / "into", limits=Limits(unpacked_floor_bytes=0))
    assert (tmp_path / "into" / "a").read_bytes() == text

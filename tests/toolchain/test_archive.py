"""No archive writes outside its directory, or more than it may."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ArchiveRefusedError
from pipeline.toolchain.archives.unpack import unpack
from pipeline.toolchain.limits import Limits


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", text: str = "x") -> object:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o755
    info.size = len(text) if kind == tarfile.REGTYPE else 0
    return info, io.BytesIO(text.encode())


def tar(path: Path, *members: object) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            archive.addfile(info, content)
    return path


def link(name: str, target: str) -> object:
    return member(name, tarfile.SYMTYPE, target)


def hard(name: str, target: str) -> object:
    return member(name, tarfile.LNKTYPE, target)


HOSTILE = {
    "dot-dot": ([member("../evil")], "'../evil'", "leads outside"),
    "dot-dot-inside": ([member("a/../../evil")], "'a/../../evil'", "leads outside"),
    "dot-dot-that-stays": ([member("a/../b")], "'a/../b'", "leads outside"),
    "absolute": ([member("/evil")], "'/evil'", "absolute"),
    "absolute-twice": ([member("//evil")], "'//evil'", "absolute"),
    "drive-letter": ([member("C:/evil")], "'C:/evil'", "not a plain relative"),
    "drive-relative": ([member("c:evil")], "'c:evil'", "not a plain relative"),
    "backslash": ([member("a\\..\\..\\evil")], "evil", "not a plain relative"),
    "directory-outside": ([member("../d", tarfile.DIRTYPE)], "directory '../d'", "outside"),
    "link-outside": ([link("a", "../evil")], "symbolic link 'a'", "links to ../evil"),
    "link-absolute": ([link("a", "/etc")], "symbolic link 'a'", "links to /etc"),
    "link-backslash": ([link("a", "..\\evil")], "symbolic link 'a'", "links to"),
    "link-to-nothing": ([link("a", ".")], "symbolic link 'a'", "leads outside"),
    "link-turning-back": ([link("a", "b/../../c")], "symbolic link 'a'", "leads outside"),
    "link-through-a-link": (
        [link("a/b/c/up", "../../.."), link("e", "a/b/c/up/../../evil")],
        "symbolic link 'e'",
        "leads outside",
    ),
    "file-through-a-link": ([link("a", "b"), member("a/evil")], "'a'", "occurs twice"),
    "link-below-a-link": ([link("a", "b"), link("a/x", "y")], "'a/x'", "below a link"),
    "file-over-a-link": ([link("a", "b"), member("a")], "'a'", "occurs twice"),
    "file-twice": ([member("a"), member("a")], "'a'", "occurs twice"),
    "link-twice": ([link("a", "b"), link("a", "c")], "'a'", "occurs twice"),
    "file-below-a-file": ([member("a"), member("a/b")], "'a/b'", "below a file"),
    "directory-over-a-file": ([member("a"), member("a", tarfile.DIRTYPE)], "'a'", "file of that"),
    "hard-link-outside": ([hard("a", "../evil")], "hard link 'a'", "leads outside"),
    "hard-link-absolute": ([hard("a", "/etc/passwd")], "hard link 'a'", "absolute"),
    "hard-link-to-nothing": ([hard("a", "b")], "hard link 'a'", "not a file before it"),
    "device": ([member("a", tarfile.CHRTYPE)], "device 'a'", "device"),
    "block-device": ([member("a", tarfile.BLKTYPE)], "device 'a'", "device"),
    "pipe": ([member("a", tarfile.FIFOTYPE)], "device 'a'", "pipe"),
}


@pytest.mark.parametrize(("members", "name", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_member_is_refused_by_name(
    tmp_path: Path, members: list[object], name: str, why: str
) -> None:
    archive = tar(tmp_path / "t.tar.gz", *members)
    into = tmp_path / "outer" / "into"
    with pytest.raises(ArchiveRefusedError) as caught:
        unpack(archive, into, limits=Limits())
    assert name in str(caught.value)
    assert why in str(caught.value)
    assert [path.name for path in into.parent.iterdir()] == ["into"]
    assert not (tmp_path / "evil").exists()


def zipped(path: Path, name: str, mode: int, content: str = "x") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = name  # ZipInfo would tidy it up
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return path


HOSTILE_ZIPS = {
    "dot-dot": (("../evil", 0o644, "x"), "leads outside"),
    "absolute": (("/evil", 0o644, "x"), "absolute"),
    "drive": (("C:/evil", 0o644, "x"), "not a plain relative"),
    "backslash": (("..\\evil", 0o644, "x"), "not a plain relative"),
    "link": (("a", stat.S_IFLNK | 0o777, "../evil"), "links to ../evil"),
    "pipe": (("a", stat.S_IFIFO | 0o644, ""), "pipe"),
}


@pytest.mark.parametrize(("member", "why"), HOSTILE_ZIPS.values(), ids=HOSTILE_ZIPS.keys())
def test_a_hostile_member_of_a_zip_is_refused(
    tmp_path: Path, member: tuple[str, int, str], why: str
) -> None:
    name, mode, content = member
    archive = zipped(tmp_path / "t.zip", name, mode, content)
    with pytest.raises(ArchiveRefusedError, match=why):
        unpack(archive, tmp_path / "outer" / "into", limits=Limits())
    assert [path.name for path in (tmp_path / "outer").iterdir()] == ["into"]


BROKEN: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "not-a-tar": ("t.tar.gz", lambda _: b"<html>sign in</html>"),
    "not-a-zip": ("t.whl", lambda _: b"<html>sign in</html>"),
    "empty": ("t.tar.xz", lambda _: b""),
    "cut-off": ("t.tar.gz", lambda whole: whole[: len(whole) // 2]),
}


@pytest.mark.parametrize(("name", "spoil"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_an_archive_is_refused_by_its_name(
    tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    good = tar(tmp_path / "good.tar.gz", member("a", text=os.urandom(3000).hex()))
    (tmp_path / name).write_bytes(spoil(good.read_bytes()))
    with pytest.raises(ArchiveRefusedError, match=f"{name} is not a readable archive"):
        unpack(tmp_path / name, tmp_path / "into", limits=Limits())


def test_too_many_bytes_are_refused_while_they_are_written(tmp_path: Path) -> None:
    archive = tar(tmp_path / "t.tar.gz", member("a", text="x" * 5000), member("b", text="y" * 5000))
    with pytest.raises(ArchiveRefusedError, match="more than 6000 bytes"):
        unpack(archive, tmp_path / "into", limits=Limits(unpacked_bytes=6000, chunk_bytes=1000))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    archive = tar(tmp_path / "t.tar.gz", *(member(f"{index}") for index in range(4)))
    with pytest.raises(ArchiveRefusedError, match="more than 3 members"):
        unpack(archive, tmp_path / "into", limits=Limits(members=3))


def test_a_member_outside_the_directory_to_strip_is_refused(tmp_path: Path) -> None:
    archive = tar(tmp_path / "t.tar.gz", member("top/a"), member("stray"))
    with pytest.raises(ArchiveRefusedError, match="'stray'"):
        unpack(archive, tmp_path / "into", limits=Limits(), strip=1)


def test_files_links_and_run_bits_arrive(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "t.tar.gz",
        link("top/bin/also", "../lib/a"),
        member("top", tarfile.DIRTYPE),
        member("./top/bin/a", text="program"),
        member("top/lib/a", text="library"),
        hard("top/lib/same", "top/lib/a"),
    )
    into = tmp_path / "into"
    unpack(archive, into, limits=Limits(), strip=1)
    assert (into / "bin" / "a").read_text() == "program"
    assert (into / "bin" / "also").read_text() == "library"
    assert (into / "lib" / "same").read_text() == "library"
    assert stat.S_IMODE((into / "bin" / "a").stat().st_mode) == 0o755


def test_a_zip_keeps_its_run_bits_and_links(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "t.zip", "top/a", stat.S_IFREG | 0o755)
    with zipfile.ZipFile(archive, "a") as opened:
        info = zipfile.ZipInfo("top/b")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "a")
    unpack(archive, tmp_path / "into", limits=Limits(), strip=1)
    assert os.access(tmp_path / "into" / "b", os.X_OK)
    assert (tmp_path / "into" / "b").is_symlink()


@pytest.mark.parametrize("mode", ["gz", "xz"])
def test_both_compressions_of_tar_are_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / f"t.tar.{mode}"
    with tarfile.open(path, f"w:{mode}") as archive:
        info, content = member("a")
        archive.addfile(info, content)
    unpack(path, tmp_path / "into", limits=Limits())
    assert (tmp_path / "into" / "a").read_text() == "x"


@pytest.mark.parametrize("bits", [0o4755, 0o2755, 0o6777])
def test_a_directory_loses_its_special_bits(tmp_path: Path, bits: int) -> None:
    top = member("top", tarfile.DIRTYPE)
    top[0].mode = bits
    unpack(tar(tmp_path / "t.tar.gz", top, member("top/a")), tmp_path / "into", limits=Limits())
    info = zipfile.ZipInfo("top/")
    info.external_attr = (stat.S_IFDIR | bits) << 16
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as opened:
        opened.writestr(info, "")
    unpack(tmp_path / "t.zip", tmp_path / "unzipped", limits=Limits())
    for made in ("into", "unzipped"):
        mode = (tmp_path / made / "top").stat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID)

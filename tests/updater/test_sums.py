"""Files of checksums as upstreams write them: read if they have one reading, else refused."""

from collections.abc import Callable

import pytest

from pipeline.testing.github import Release
from updater.harness import WAC, Updater, digests, recorded

Render = Callable[[dict[str, str]], bytes]


def lines(form: str, end: str = "\n", encoding: str = "utf-8", mark: bytes = b"") -> Render:
    return lambda d: (
        mark + "".join(form.format(d=h, k=k) + end for k, h in d.items()).encode(encoding)
    )


FORMS = {
    "utf-16-of-powershell": lines("{d} *{k}", "\r\n", "utf-16-le", b"\xff\xfe"),
    "utf-16-big-endian": lines("{d}  {k}", "\n", "utf-16-be", b"\xfe\xff"),
    "utf-16-without-a-mark": lines("{d}  {k}", "\n", "utf-16-le"),
    "utf-8-with-a-mark": lines("{d}  {k}", "\r\n", "utf-8", b"\xef\xbb\xbf"),
    "latin-1-beside-them": lambda d: (
        "# Prüfsummen\n".encode("latin-1") + b"0" * 32 + b"  caf\xe9\n" + lines("{d}  {k}")(d)
    ),
    "zero-bytes": lines("{d}  {k}", "\0"),
    "carriage-returns": lines("{d}  {k}", "\r"),
    "name-first": lines("{k} {d}"),
    "name-and-colon": lines("{k}: {d}"),
    "labelled": lines("sha256:{d}  {k}"),
    "tab-and-star": lines("{d}\t*{k}"),
    "spaces-and-star": lines("{d}  *{k}"),
    "bsd": lines("SHA256 ({k}) = {d}"),
    "in-a-folder": lines("{d}  ./dist/out/{k}"),
    "in-a-folder-of-windows": lines("{d} *C:\\out\\{k}", "\r\n"),
    "with-sizes": lines("{d} 300000 {k}"),
    "certutil": lines(
        "SHA256 hash of {k}:\r\n{d}\r\nCertUtil: -hashfile command completed successfully.", "\r\n"
    ),
    "markdown": lambda d: b"| File | SHA256 |\n|---|---|\n" + lines("| `{k}` | `{d}` |")(d),
    "json": lambda d: lines('"{k}": "{d}",')(d).join([b"{\n", b"}\n"]),
}


@pytest.mark.parametrize("render", FORMS.values(), ids=FORMS.keys())
def test_what_has_one_reading_is_read(updater: Updater, release: Release, render: Render) -> None:
    release.add_asset("SHA256SUMS", render(digests(release)))
    release.asset(WAC[0]).digest = None
    updater.set("wac", sums="SHA256SUMS")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    platforms = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    assert all("sums" in entry["confirmed_by"] for entry in platforms)


def test_a_name_that_github_spells_in_another_way_is_found(
    updater: Updater, release: Release
) -> None:
    hexadecimals = digests(release)
    for at, name in enumerate(WAC):
        release.asset(name).name = f"wac.{at}.tar.gz"
        hexadecimals[f"wac~{at}.tar.gz"] = hexadecimals.pop(name)
    text = "".join(f"{value}  {name}\n" for name, value in hexadecimals.items())
    release.add_asset("SHA256SUMS", text.encode())
    path = updater.checksums / "tools.toml"
    toml = path.read_text()
    for at, name in enumerate(WAC):
        toml = toml.replace(f'"{name}"', f'"wac.{at}.tar.gz"')
    path.write_text(toml)
    updater.set("wac", sums="SHA256SUMS", optional=[])
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert set(recorded(updater.document("wac"), "0.12.0").values()) == set(hexadecimals.values())


ZEROS = "0" * 64
REFUSED = {
    "two-folders": lambda d: lines("{d}  a/{k}")(d) + lines("{d}  b/{k}")(dict.fromkeys(d, ZEROS)),
    "two-digests-in-a-line": lines("{k} {d} " + ZEROS),
    "the-same-name-twice": lambda d: lines("{d}  {k}")(d) + lines(ZEROS + "  {k}")(d),
    "one-digest-for-all": lambda d: next(iter(d.values())).encode(),
    "not-all": lambda d: lines("{d}  {k}")({WAC[0]: d[WAC[0]]}),
    "zeros": lambda _: b"\0" * 100_000,
    "noise": lambda _: bytes(range(256)) * 100,
    "half-of-utf-16": lambda d: b"\xff\xfe" + lines("{d}")(d),
    "a-web-page": lambda _: b"<html>\xe9</html>",
    "nothing": lambda _: b"",
}  # fmt: skip


@pytest.mark.parametrize("render", REFUSED.values(), ids=REFUSED.keys())
def test_what_has_none_or_two_is_refused_with_what_to_write(
    updater: Updater, release: Release, render: Render
) -> None:
    data = render(digests(release)) or b"\n"
    release.add_asset("SHA256SUMS", data)
    release.add_asset("checksums.txt", b"other")
    updater.set("wac", sums="SHA256SUMS")
    before = updater.snapshot()
    run = updater("update", "wac")
    assert run.code == 1, run.text
    assert run.err.count("error: ") == 1, run.err
    assert "SHA256SUMS" in run.err
    assert "the release has checksums.txt, or remove `sums`" in run.err
    assert "help: correct the table of the tool in tools.toml" in run.err
    assert updater.snapshot() == before


def test_a_line_of_a_hundred_megabytes_fails_its_tool_alone(
    updater: Updater, release: Release
) -> None:
    release.add_asset("SHA256SUMS", b"0" * (100 << 20))
    updater.set("wac", sums="SHA256SUMS")
    other = updater.github.add_repository("bytecodealliance/jco")
    other.add_release("jco-v1.29.0")
    before = updater.snapshot()
    run = updater("update", "wac", "jco")
    assert run.code == 1, run.text
    assert "SHA256SUMS: more than 4194304 bytes" in run.err
    assert "1.29.0" in run.out
    assert updater.snapshot() == before

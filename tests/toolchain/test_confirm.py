"""What the lock says of a hash is what it was compared with, by whoever was asked."""

from __future__ import annotations

import hashlib
import json

import pytest

from pipeline.commands.lock import Lock as LockCommand
from pipeline.errors import VerificationError
from pipeline.testing.github import FakeGitHub, faults
from pipeline.toolchain.lock import lockfile
from pipeline.toolchain.spec.tool_files import ToolFiles
from toolchain.place import HERE, OLD, Place, asset, content, sha256

BODY = b"a program" * 100
GOOD = hashlib.sha256(BODY).hexdigest()


class Site:
    """A project whose tool `t` comes from a URL; the server may have a file of hashes too."""

    def __init__(self, project, monkeypatch) -> None:
        monkeypatch.setenv("DOIT_WASM_STORE", str(project.store.root))
        self.project = project
        self.path = project.directory / "lock.json"
        project.server.put("t-1.bin", BODY)

    def write(self, *, sums: str | None = None, pin: str = GOOD) -> None:
        server = self.project.server
        named = ""
        if sums is not None:
            server.put("sums", sums.encode())
            named = f'sums = "{server.url}/sums"\n'
        self.project.write(
            "t",
            f'version = "1"\nexecutables = ["bin/t"]\n[[source]]\nkind = "url"\nfile = "bin/t"\n'
            f'url = "{server.url}/t-1.bin"\nsha256 = "{pin}"\n{named}',
        )

    def run(self, *, fetch: bool = False) -> int:
        directory = str(self.project.directory)
        return LockCommand().execute({"tools": directory, "check": False, "fetch": fetch}, [])

    def row(self) -> dict[str, object]:
        return json.loads(self.path.read_text())["tools"]["t"]["linux_amd64"][0]

    def level(self) -> tuple[object, object]:
        row = self.row()
        return row["confirmed"], row.get("size")


@pytest.fixture
def site(project, monkeypatch) -> Site:
    return Site(project, monkeypatch)


def test_a_server_that_tells_a_length_gives_the_size_and_vouches_for_nothing(site: Site) -> None:
    site.write()
    assert site.run() == 0
    assert site.level() == ("pin", len(BODY))


@pytest.mark.parametrize("header", [{"Content-Type": "text/html"}, {"Content-Encoding": "gzip"}])
def test_the_length_of_something_else_is_no_size(site: Site, header) -> None:
    site.write()
    site.project.server.files["/t-1.bin"].headers = header
    assert site.run() == 0
    assert site.level() == ("pin", None)


SUMS = {
    "gnu": f"{'b' * 64}  other\n{GOOD}  t-1.bin\n",
    "bsd": f"SHA256 (t-1.bin) = {GOOD}\n",
    "bare": f"{GOOD}\n",
}


@pytest.mark.parametrize("text", SUMS.values(), ids=SUMS.keys())
def test_a_named_file_of_hashes_is_fetched_and_compared(site: Site, text: str) -> None:
    site.write(sums=text)
    assert site.run() == 0
    assert "/sums" in site.project.server.paths
    assert site.level() == ("sums file", len(BODY))


def test_a_named_file_of_hashes_with_another_hash_is_tampering(site: Site, capsys) -> None:
    site.write()
    site.run()
    before = site.path.read_bytes()
    site.write(sums=f"{'b' * 64}  t-1.bin\n")
    assert site.run() == 4
    err = capsys.readouterr().err
    assert GOOD in err
    assert "b" * 64 in err
    assert site.path.read_bytes() == before


def test_a_named_file_of_hashes_without_the_file_is_a_wrong_claim(site: Site, capsys) -> None:
    site.write(sums=f"{GOOD}  evil-t-1.bin\n{'b' * 63}  t-1.bin\n")
    assert site.run() == 2
    assert "/sums has no hash of t-1.bin" in capsys.readouterr().err
    assert not site.path.exists()


def test_a_named_file_of_hashes_that_cannot_be_had_is_reported(site: Site, capsys) -> None:
    site.write(sums=GOOD)
    del site.project.server.files["/sums"]
    assert site.run() == 0
    assert "/sums: not compared: status 404" in capsys.readouterr().err
    assert site.level() == ("pin", len(BODY))


def test_what_was_fetched_and_is_the_pinned_file_is_confirmed_by_its_bytes(site: Site) -> None:
    site.write()
    assert site.run(fetch=True) == 0
    assert site.level() == ("bytes", len(BODY))
    asked = len(site.project.server.paths)
    assert site.run(fetch=True) == 0
    assert len(site.project.server.paths) == asked + 1, "only the size is asked for once more"


def test_what_was_fetched_and_is_something_else_writes_nothing(site: Site, capsys) -> None:
    site.write(pin="b" * 64)
    assert site.run(fetch=True) == 4
    assert GOOD in capsys.readouterr().err
    assert not site.path.exists()


def test_what_cannot_be_fetched_is_reported_and_stays_a_pin(site: Site, capsys) -> None:
    site.write()
    site.project.server.files.clear()
    assert site.run(fetch=True) == 0
    assert "t for linux_amd64: not compared: " in capsys.readouterr().err
    assert site.level() == ("pin", None)


def test_fetching_keeps_nothing_in_the_store(site: Site) -> None:
    site.write()
    site.run(fetch=True)
    assert not site.project.entries()
    assert not site.project.leftovers()


def test_a_crate_is_compared_with_the_index_by_cargo(place: Place, clients) -> None:
    crate = clients.serve(OLD)
    place.file.write_text(
        place.file.read_text().replace("t@1.2.0", "u@1.2.0").replace("b" * 64, crate)
    )
    assert place.run(fetch=True) == 0
    row = place.rows()[1]
    assert (row["confirmed"], row["size"]) == ("sums file", len(clients.body))


def test_an_install_refuses_another_size_than_the_locks_before_it_fetches(site: Site) -> None:
    site.write()
    site.run()
    site.project.server.put("t-1.bin", BODY + b"more")
    with pytest.raises(VerificationError, match="does not have the recorded size") as caught:
        site.project.installer().install("t")
    assert caught.value.facts["recorded"] == f"{len(BODY)} bytes"
    assert "nothing was fetched" in str(caught.value.facts["got"])
    assert not site.project.entries()


def test_too_many_bytes_without_a_length_are_not_read_to_their_end(site: Site) -> None:
    site.write()
    site.run()
    more = BODY * 10_000
    site.project.server.put("t-1.bin", more)
    site.project.server.files["/t-1.bin"].headers = {"Content-Length": ""}
    with pytest.raises(VerificationError, match="is not the file") as caught:
        site.project.installer().install("t")
    came = int(str(caught.value.facts["got"]).partition("(")[2].partition(" ")[0])
    assert len(BODY) < came < len(more)


def test_the_right_size_is_installed(site: Site) -> None:
    site.write()
    site.run()
    assert site.project.installer().install("t").executables["t"].read_bytes() == BODY


def to(github: FakeGitHub) -> str:
    return f"https://github.com/->{github.web_url}/"


def name_sums(place: Place, release, text: str) -> None:
    release.add_asset("hashes", text.encode())
    place.file.write_text(
        place.file.read_text().replace("strip = 1\n", 'strip = 1\nsums = "hashes"\n')
    )
    for one in release.assets:
        one.digest = None


def of_all() -> str:
    return "".join(f"{sha256(content(OLD, one))}  {asset(OLD, one)}\n" for one in HERE)


def test_a_release_s_named_file_of_hashes_is_had_through_the_mirror(
    place: Place, fake_github: FakeGitHub, monkeypatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_MIRRORS", to(fake_github))
    name_sums(place, place.repository.releases[0], of_all())
    assert place.run() == 0
    for platform in HERE:
        assert place.rows(platform)[0]["confirmed"] == "sums file"
        assert place.rows(platform)[0]["size"] == len(content(OLD, platform))
    sites = [request.site for request in fake_github.requests if "hashes" in request.path]
    assert len(sites) <= 2, "one file, asked for once: at the web site, which sends to the CDN"


def test_a_release_s_named_file_of_hashes_against_the_pin_is_tampering(
    place: Place, fake_github: FakeGitHub, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("DOIT_WASM_MIRRORS", to(fake_github))
    name_sums(place, place.repository.releases[0], of_all().replace(of_all()[:64], "d" * 64))
    assert place.run() == 4
    assert "d" * 64 in capsys.readouterr().err
    assert not place.path.exists()


def test_naming_a_file_of_hashes_leaves_the_store_s_key_as_it_was(place: Place) -> None:
    from pipeline.toolchain.install.entry_key import entry_key
    from pipeline.toolchain.spec import load

    def key() -> str:
        tools = load.load(
            ToolFiles((place.directory,)), "t", "linux_amd64", place.directory / "checked"
        )
        return entry_key(tools["t"], tools["t"].sources[0], tools, "linux_amd64")

    before = key()
    name_sums(place, place.repository.releases[0], of_all())
    assert key() == before


def test_the_api_is_asked_as_installs_ask_mirrored_and_again_after_a_pause(
    place: Place, fake_github: FakeGitHub, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "https://api.test")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"https://api.test/->{fake_github.api_url}/")
    fake_github.faults.once("/repos/o/t/releases/tags/*", faults.respond(503))
    assert place.run() == 0
    assert place.rows()[0]["confirmed"] == "digest"
    assert "again in 0.5 s" in capsys.readouterr().err


def test_the_token_goes_to_the_api_and_never_to_where_files_are(
    place: Place, fake_github: FakeGitHub, monkeypatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret-1")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", to(fake_github))
    name_sums(place, place.repository.releases[0], of_all())
    assert place.run() == 0
    seen = {(one.site, "Authorization" in one.headers) for one in fake_github.requests}
    assert ("api", True) in seen
    assert not [one for one in seen if one[0] == "cdn" and one[1]]


def test_offline_nobody_is_asked(
    place: Place, fake_github: FakeGitHub, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    assert place.run(fetch=True) == 0
    assert not fake_github.requests
    assert "DOIT_WASM_OFFLINE is set" in capsys.readouterr().err
    assert {row["confirmed"] for row in place.rows()} == {"pin"}


def test_worse_than_was_recorded_is_not_recorded(place: Place) -> None:
    place.run()
    place.repository.releases[0].assets[0].digest = None
    before = place.path.read_bytes()
    assert place.run() == 0
    assert place.path.read_bytes() == before
    assert lockfile.read(place.path) is not None

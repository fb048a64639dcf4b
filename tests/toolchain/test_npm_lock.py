"""The packages of a package-lock.json, from a registry of the test's own, by the real npm."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.errors import DeclarationError, NoSourceError, VerificationError
from pipeline.toolchain.lock import lockfile
from pipeline.toolchain.lock.model import derive
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
from toolchain.conftest import tar
from toolchain.vendoring import vendored

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")

TOOL = """version = "1"
executables = ["node_modules/main/run.js"]
[[source]]
kind = "npm_lock"
lock = "t"
"""


def integrity(body: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()


class Registry:
    """A registry with packages of one version each, and the lock of a project that uses them."""

    def __init__(self, project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project = project
        self.lock = project.directory / "t" / "package-lock.json"
        self.lock.parent.mkdir()
        self.rows: dict[str, dict[str, object]] = {"": {"dependencies": {"main": "1.0.0"}}}
        self.bodies: dict[str, bytes] = {}
        project.write("t", TOOL)
        monkeypatch.setenv("npm_config_registry", project.server.url)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))

    def serve(self, name: str, members: Mapping[str, str], stated: str = "") -> str:
        """Serve a package; return its hash."""
        manifest = {"name": name, "version": "1.0.0", "scripts": {"install": "touch /tmp/evil"}}
        whole = {"package/package.json": json.dumps(manifest)}
        whole |= {f"package/{path}": text for path, text in members.items()}
        body = self.bodies[name] = tar(whole)
        url, _ = self.project.server.put(f"{name}/-/{name.rpartition('/')[2]}-1.0.0.tgz", body)
        dist = {"tarball": url, "integrity": stated or integrity(body)}
        versions = {"1.0.0": {**manifest, "dist": dist}}
        document = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": versions}
        for path in (name, name.replace("/", "%2f")):
            self.project.server.put(path, json.dumps(document).encode())
        return integrity(body)

    def want(self, place: str, package: str, members: Mapping[str, str], **more: object) -> None:
        """Serve a package and have the lock name it."""
        row = {"version": "1.0.0", "integrity": self.serve(package, members), **more}
        self.rows[f"node_modules/{place}"] = row
        self.write()

    def write(self) -> None:
        whole = {"name": "t", "lockfileVersion": 3, "packages": self.rows}
        self.lock.write_text(json.dumps(whole))


@pytest.fixture
def registry(project, tmp_path, monkeypatch) -> Registry:
    made = Registry(project, tmp_path, monkeypatch)
    made.want("main", "main", {"run.js": "main"})
    return made


def test_packages_are_where_the_lock_has_them_without_scripts(project, registry) -> None:
    registry.want("@s/one", "@s/one", {"index.js": "one"})
    registry.want("main/node_modules/deep", "deep", {"index.js": "deep"})
    registry.want("alias", "real", {"index.js": "real"}, name="real")
    root = project.installer().install("t").root / "node_modules"
    assert (root / "main/run.js").read_text() == "main"
    assert (root / "@s/one/index.js").read_text() == "one"
    assert (root / "main/node_modules/deep/index.js").read_text() == "deep"
    assert (root / "alias/index.js").read_text() == "real"
    assert not Path("/tmp/evil").exists()


def test_what_npm_would_leave_out_is_left_out(project, registry) -> None:
    for name, more in {
        "dev": {"dev": True},
        "aix": {"os": ["aix"], "optional": True},
        "not-here": {"os": ["!linux", "!darwin", "!win32"]},
        "mips": {"cpu": ["mips"]},
        "musl": {"libc": ["musl"]},
        "bundled": {"inBundle": True},
    }.items():
        registry.rows[f"node_modules/{name}"] = {"version": "1.0.0", **more}
    registry.want("fits", "fits", {"index.js": ""}, os=["!aix"], libc=["glibc"])
    root = project.installer().install("t").root / "node_modules"
    assert sorted(place.name for place in root.iterdir()) == ["fits", "main"]


def test_other_bytes_than_those_of_the_lock_are_refused(project, registry) -> None:
    pinned = integrity(registry.bodies["main"])
    got = registry.serve("main", {"run.js": "evil"})
    with pytest.raises(VerificationError, match=r"main-1\.0\.0\.tgz is not the file") as caught:
        project.installer().install("t")
    assert caught.value.facts["pinned"] == pinned
    assert caught.value.facts["got"] == f"{got} (discarded)"
    assert not project.entries()


def test_bytes_that_the_registry_itself_does_not_state_are_refused(project, registry) -> None:
    registry.serve("main", {"run.js": "evil"}, stated=integrity(b"other"))
    with pytest.raises(VerificationError, match="EINTEGRITY"):
        project.installer().install("t")
    assert not project.entries()


def test_a_package_that_the_registry_lacks_is_named(project, registry) -> None:
    registry.rows["node_modules/gone"] = {"version": "1.0.0", "integrity": integrity(b"")}
    registry.write()
    with pytest.raises(NoSourceError, match="404 Not Found"):
        project.installer().install("t")


def test_the_registry_gets_the_token_of_npmrc(project, registry, tmp_path) -> None:
    host = project.server.url.removeprefix("http:")
    (tmp_path / "npmrc").write_text(f"{host}/:_authToken=secret\n")
    project.installer().install("t")
    sent = [headers.get("authorization") for _, headers in project.server.asked]
    assert sent == ["Bearer secret"] * len(sent)


def test_vendored_packages_need_no_npm(project, registry, tmp_path, monkeypatch) -> None:
    registry.want("other", "other", {"index.js": "other"})
    vendor = vendored(project, tmp_path, monkeypatch)
    assert len([*vendor.root.glob("sha512/*")]) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = len(project.server.asked)
    tool = project.installer(store=Store(tmp_path / "other")).install("t")
    assert (tool.root / "node_modules/other/index.js").read_text() == "other"
    assert len(project.server.asked) == asked


def test_a_vendored_package_that_is_missing_or_damaged_is_named(
    project, registry, tmp_path, monkeypatch
) -> None:
    vendor = vendored(project, tmp_path, monkeypatch)
    place = vendor.place(integrity(registry.bodies["main"]))
    place.write_bytes(b"damaged")
    with pytest.raises(VerificationError, match="a vendored file is not the one"):
        project.installer(store=Store(tmp_path / "other")).install("t")
    place.unlink()
    with pytest.raises(NoSourceError, match=rf"sha512/{place.name} is missing"):
        project.installer(store=Store(tmp_path / "other")).install("t")


WRONG = {
    "no-json": ("{", "package-lock.json"),
    "old": ('{"lockfileVersion": 1}', "`lockfileVersion` is neither 2 nor 3"),
    "list": ('{"lockfileVersion": 3, "packages": []}', "not a table of tables"),
    "row": ('{"lockfileVersion": 3, "packages": {"": 1}}', "not a table of tables"),
    "empty": ('{"lockfileVersion": 3, "packages": {}}', "`dependencies` of its package.json"),
}
WRONG_ROWS = {
    "outside": ("node_modules/../../evil", {}, "has not a place"),
    "absolute": ("/etc/evil", {}, "has not a place"),
    "link": ("node_modules/l", {"link": True, "integrity": None}, "has not the SHA-512"),
    "git": ("node_modules/g", {"resolved": "git+ssh://x", "integrity": None}, "the SHA-512"),
    "sha1": ("node_modules/s", {"integrity": "sha1-deadbeef"}, "has not the SHA-512"),
    "option": ("node_modules/o", {"version": "1 --x"}, "has not a version"),
    "name": ("node_modules/n", {"name": "../n"}, "has not a name"),
    "dash": ("node_modules/n", {"version": "-g"}, "has not a version"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_lock_that_is_none_is_refused(project, registry, text: str, said: str) -> None:
    registry.lock.write_text(text)
    with pytest.raises(DeclarationError, match=r"package-lock\.json") as caught:
        project.installer().install("t")
    assert said in str(caught.value)


@pytest.mark.parametrize(("place", "more", "said"), WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_a_package_that_cannot_be_pinned_is_refused(
    project, registry, place: str, more: dict[str, object], said: str
) -> None:
    row = {"version": "1.0.0", "integrity": integrity(b"x"), **more}
    registry.rows[place] = {key: value for key, value in row.items() if value is not None}
    registry.write()
    with pytest.raises(DeclarationError, match=r"package-lock\.json is not a lock") as caught:
        project.installer().install("t")
    assert said in str(caught.value)
    assert not project.server.asked


def test_a_missing_lock_is_named(project, registry) -> None:
    registry.lock.unlink()
    with pytest.raises(DeclarationError, match=r"t/package-lock\.json is missing"):
        project.installer().install("t")


def test_the_lock_of_tools_records_what_is_asked_for(project, registry, tmp_path) -> None:
    registry.want("deep", "deep", {"index.js": "deep"})
    lock = derive(ToolFiles((project.directory,)), tmp_path / "checked")
    rows = {(one.url, one.hash) for _, _, one in lock.files()}
    assert rows == {("pkg:npm/main@1.0.0", integrity(registry.bodies["main"]))}
    lockfile.write(tmp_path / "lock.json", lock)
    assert lockfile.read(tmp_path / "lock.json") == lock


def test_another_lock_is_another_tool(project, registry) -> None:
    before = project.installer().install("t")
    registry.want("deep", "deep", {"index.js": "deep"})
    after = project.installer().install("t")
    assert before.root != after.root

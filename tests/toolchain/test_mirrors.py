"""A file may come from elsewhere; what it must be does not change, and no token goes along."""

from __future__ import annotations

import pytest

from pipeline.errors import DeclarationError, NoSourceError, VerificationError
from pipeline.toolchain.net.mirrors import Mirrors, Rewrite

GITHUB = "https://github.com/"
ASSET = f"{GITHUB}o/r/releases/download/v1/t.tar.gz"


def put_tool(project, name: str = "t.tar.gz") -> tuple[str, str]:
    """Write `t.toml`, whose source is a public release on GitHub; return the archive's hash."""
    file = project.serve("t", {"bin/t": "hello"}, head='executables = ["bin/t"]')
    sha256 = file.read_text().partition('sha256 = "')[2][:64]
    text = file.read_text().replace('kind = "url"', 'kind = "github"')
    old = text[text.index("url =") : text.index("\n", text.index("url ="))]
    file.write_text(text.replace(old, f'repo = "o/r"\ntag = "v1"\nasset = "{name}"'))
    return sha256, "/o/r/releases/download/v1/t.tar.gz"


def test_a_rewritten_address_is_asked_and_the_original_is_not(project, monkeypatch) -> None:
    _, path = put_tool(project)
    project.server.files[f"/mirror{path}"] = project.server.files.pop("/t.tar.gz")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"{GITHUB}->{project.server.url}/mirror/")
    project.installer().install("t")
    assert project.server.paths == [f"/mirror{path}"]


def test_mirrors_toml_beside_the_tools_says_the_same_and_is_no_tool(project) -> None:
    _, path = put_tool(project)
    project.server.files[f"/mirror{path}"] = project.server.files.pop("/t.tar.gz")
    url = f"{project.server.url}/mirror/"
    project.write("mirrors", f'[[rewrite]]\nfrom = "{GITHUB}"\nto = "{url}"\n')
    assert project.installer().names() == ["t"]
    project.installer().install("t")
    assert project.server.paths == [f"/mirror{path}"]


def test_files_that_editors_of_windows_save_are_read(project) -> None:
    _, path = put_tool(project)
    project.server.files[f"/mirror{path}"] = project.server.files.pop("/t.tar.gz")
    url = f"{project.server.url}/mirror/"
    mirrors = project.write("mirrors", f'[[rewrite]]\nfrom = "{GITHUB}"\nto = "{url}"\n')
    for file in (mirrors, mirrors.with_name("t.toml")):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    project.installer().install("t")
    assert project.server.paths == [f"/mirror{path}"]


def test_of_several_rewrites_that_fit_the_next_serves_when_one_cannot(project, monkeypatch) -> None:
    _, path = put_tool(project)
    project.server.files[f"/b{path}"] = project.server.files.pop("/t.tar.gz")
    rules = [f"{GITHUB}->{project.server.url}/{name}/" for name in "ab"]
    monkeypatch.setenv("DOIT_WASM_MIRRORS", " ".join(rules))
    project.installer().install("t")
    assert project.server.paths == [f"/a{path}", f"/b{path}"]


def test_when_no_mirror_can_serve_each_is_reported(project, monkeypatch) -> None:
    put_tool(project)
    rules = [f"{GITHUB}->{project.server.url}/{name}/" for name in "ab"]
    monkeypatch.setenv("DOIT_WASM_MIRRORS", " ".join(rules))
    with pytest.raises(NoSourceError) as caught:
        project.installer().install("t")
    for name in "ab":
        assert f"{project.server.url}/{name}/o/r/releases/download" in str(caught.value)


def test_a_hashed_mirror_is_asked_first_by_the_pin_alone(project, monkeypatch) -> None:
    sha256, _ = put_tool(project)
    project.server.files[f"/m/sha256/{sha256}"] = project.server.files.pop("/t.tar.gz")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"{project.server.url}/m")
    project.installer().install("t")
    assert project.server.paths == [f"/m/sha256/{sha256}"]


def test_a_hashed_mirror_without_the_file_leaves_it_to_the_address(project, monkeypatch) -> None:
    project.serve("t", {"bin/t": "hello"}, head='executables = ["bin/t"]')
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"{project.server.url}/m/")
    project.installer().install("t")
    assert project.server.paths[1:] == ["/t.tar.gz"]
    assert project.server.paths[0].startswith("/m/sha256/")


def test_a_mirror_that_has_other_bytes_is_refused(project, monkeypatch) -> None:
    sha256, _ = put_tool(project)
    project.server.put(f"m/sha256/{sha256}", b"evil")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"{project.server.url}/m/")
    with pytest.raises(VerificationError) as caught:
        project.installer().install("t")
    assert f"{project.server.url}/m/sha256/{sha256}" in str(caught.value)
    assert not project.entries()


def test_a_token_does_not_follow_a_rewrite(project, monkeypatch) -> None:
    _, path = put_tool(project)
    project.server.files[f"/mirror{path}"] = project.server.files.pop("/t.tar.gz")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("DOIT_WASM_MIRRORS", f"{GITHUB}->{project.server.url}/mirror/")
    project.installer().install("t")
    assert all("Authorization" not in headers for _, headers in project.server.asked)


def test_the_variable_replaces_the_file(project, monkeypatch) -> None:
    project.write("mirrors", 'hashed = ["https://a.test/"]')
    assert Mirrors.configured(project.directory).hashed == ("https://a.test/",)
    monkeypatch.setenv("DOIT_WASM_MIRRORS", "https://b.test https://c.test/x->https://d.test/")
    assert Mirrors.configured(project.directory) == Mirrors(
        hashed=("https://b.test/",), rewrites=(Rewrite("https://c.test/x/", "https://d.test/"),)
    )
    monkeypatch.setenv("DOIT_WASM_MIRRORS", "")
    assert Mirrors.configured(project.directory) == Mirrors()


def test_a_base_without_its_slash_does_not_fit_a_longer_host() -> None:
    mirrors = Mirrors(rewrites=(Rewrite("https://github.com/", "https://m.test/"),))
    assert mirrors.rewritten("https://github.com.evil.test/a") == ["https://github.com.evil.test/a"]
    assert mirrors.rewritten("https://github.com/a") == ["https://m.test/a"]


WRONG_VALUES = {
    "no-url": ("mirror.test", "`mirror.test` is not a base URL"),
    "scheme": ("ftp://mirror.test/", "is not a base URL"),
    "credentials": ("https://me:secret@mirror.test/", "the URL of mirror.test holds credentials"),
    "half-a-rewrite": ("https://a.test/->", "`` is not a base URL"),
    "a-port": ("https://a.test:99999/", "`https://a.test:99999/` is not a base URL"),
    "a-bracket": ("https://[::1/", "is not a base URL"),
    "credentials-and-a-port": ("https://me:secret@a.test:b/", "`a.test:b/` is not a base URL"),
    "credentials-with-a-slash": ("https://me:secret/@a.test/", "`a.test/` is not a base URL"),
    "credentials-and-a-query": ("https://me:secret@a.test/?q=", "`a.test/?q=` is not a base URL"),
    "query": ("https://a.test/?q=", "is not a base URL"),
}


@pytest.mark.parametrize(("value", "said"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_variable_is_reported_without_its_secrets(
    tmp_path, monkeypatch, value, said
) -> None:
    monkeypatch.setenv("DOIT_WASM_MIRRORS", value)
    with pytest.raises(DeclarationError) as caught:
        Mirrors.configured(tmp_path)
    assert said in str(caught.value)
    assert "DOIT_WASM_MIRRORS" in str(caught.value)
    assert "secret" not in str(caught.value)


WRONG_FILES = {
    "not-toml": ("[", "is not TOML"),
    "unknown-key": ('hash = ["https://a.test/"]', "`hash` is not a known key"),
    "no-to": ('[[rewrite]]\nfrom = "https://a.test/"', r"`rewrite\[0\]` is wrong"),
    "no-list": ("hashed = 1", "`hashed` is wrong: it is not a list"),
    "text-for-a-list": ('hashed = "https://a.test/"', "`hashed` is wrong: it is not a list"),
    "no-text": ('hashed = ["https://a.test/", 1]', r"`hashed\[1\]` is not a base URL: it is 1"),
    "no-table": ("rewrite = [1]", r"`rewrite\[0\]` is wrong"),
    "no-text-in-a-rewrite": (
        '[[rewrite]]\nfrom = "https://a.test/"\nto = 1',
        r"`to` of `rewrite\[0\]` is not a base URL: it is 1",
    ),
    "deep": (f"hashed = {'[' * 5000}", "is not TOML"),
}


@pytest.mark.parametrize(("text", "said"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_wrong_file_is_reported(project, text, said) -> None:
    file = project.write("mirrors", text)
    with pytest.raises(DeclarationError, match=said) as caught:
        Mirrors.configured(project.directory)
    assert str(file) in str(caught.value)

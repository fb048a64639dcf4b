"""Each variable has one parser: units are understood, nonsense is refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import DeclarationError
from pipeline.testing.project import Project

SIZES = {
    "0": 0, "1048576": 1 << 20, "500M": 500_000_000, "500m": 500_000_000, "500 MB": 500_000_000,
    "2G": 2_000_000_000, "2GiB": 2 << 30, "512KiB": 512 << 10, "1.5GB": 1_500_000_000, "3kB": 3000,
    "1T": 10**12, " 7B ": 7,
}  # fmt: skip
NONSENSE = ["much", "-1", "1e9", "5X", "5MM", "M", "0x10", "1,5G", "iB", "5iB", "9" * 400, "٣"]


@pytest.mark.parametrize(("text", "count"), SIZES.items())
def test_a_size_is_understood_with_its_unit(monkeypatch, text: str, count: int) -> None:
    monkeypatch.setenv(settings.CACHE_BYTES, text)
    assert settings.size(settings.CACHE_BYTES, 1) == count


@pytest.mark.parametrize("text", NONSENSE)
def test_a_size_that_is_none_is_refused_with_the_name_of_its_variable(monkeypatch, text) -> None:
    monkeypatch.setenv(settings.CACHE_BYTES, text)
    with pytest.raises(DeclarationError, match=r"DOIT_WASM_CACHE_BYTES: .* is not a size"):
        settings.require_valid()


@pytest.mark.parametrize("text", ["", *SIZES])
def test_what_is_understood_is_valid(monkeypatch, text: str) -> None:
    monkeypatch.setenv(settings.CACHE_BYTES, text)
    settings.require_valid()


YES_OR_NO = {"1": True, "yes": True, "TRUE": True, "on": True}
YES_OR_NO |= {"0": False, "no": False, "False": False, "off": False, "": False}


@pytest.mark.parametrize("variable", [settings.OFFLINE, settings.DEBUG])
@pytest.mark.parametrize("text", YES_OR_NO)
def test_a_flag_is_yes_or_no(monkeypatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    assert settings.flag(variable) is YES_OR_NO[text]


@pytest.mark.parametrize("variable", [settings.OFFLINE, settings.DEBUG])
@pytest.mark.parametrize("text", ["maybe", "2", "nope"])
def test_a_flag_that_is_neither_is_refused(monkeypatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(DeclarationError, match=f"{variable}: `{text}` is neither yes nor no"):
        settings.require_valid()


@pytest.mark.parametrize("variable", [settings.STORE, settings.VENDOR])
def test_a_directory_may_begin_with_the_home(monkeypatch, tmp_path: Path, variable: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/there")
    assert settings.directory(variable) == tmp_path / "there"
    monkeypatch.setenv(variable, "~nobody-knows-this-one/there")
    with pytest.raises(DeclarationError, match=f"{variable}: .* names no directory"):
        settings.require_valid()


@pytest.mark.parametrize("count", [0, 812, 999, 1_000, 1_500_000, 999_949, 5_000_000_000])
def test_a_size_is_written_as_it_is_read(count: int) -> None:
    text = settings.size_text(count)
    assert settings.bytes_of(text, "x") == pytest.approx(count, rel=0.05)


WRONG = {
    settings.CACHE_BYTES: ("much", "`much` is not a size"),
    settings.OFFLINE: ("maybe", "`maybe` is neither yes nor no"),
    settings.DEBUG: ("maybe", "`maybe` is neither yes nor no"),
}


@pytest.mark.parametrize(("variable", "value", "said"), [(k, *v) for k, v in WRONG.items()])
def test_a_run_says_at_its_start_which_variable_makes_no_sense(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    project = Project(tmp_path, env={variable: value})
    project.write("dodo.py", "from pipeline import doit_config\nDOIT_CONFIG = doit_config()\n")
    done = project.doit()
    assert done.code == 3
    assert f"{variable}: {said}" in done.err
    assert "Traceback" not in done.err

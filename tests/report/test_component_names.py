"""The names of what a component imports and exports are read from its file."""

from pathlib import Path

import pytest

from pipeline.report.page.component_names import ComponentNames
from report.binaries import COMPONENT, MODULE, component, export, imported, section


def read(path: Path, data: bytes) -> ComponentNames | None:
    path.write_bytes(data)
    return ComponentNames.read(path)


def test_imports_and_exports_of_every_kind_are_told_apart(tmp_path: Path) -> None:
    imports = [
        imported("wasi:io/poll@0.2.0", b"\x05\x07"),
        imported("log", b"\x01\x03"),
        imported("core", b"\0\x11\x02"),
        imported("fixed", b"\x02\x01\x73"),
        imported("same", b"\x03\0\x04"),
        imported("resource", b"\x03\x01"),
        imported("inner", b"\x04\x02"),
    ]
    exports = [
        export("a:b/c@1.0.0", b"\x05\x80\x01", b"\0"),
        export("run", b"\x01\x02", b"\x01\x01\x05"),
        export("type", b"\x03\x02", b"\x01\x03\0\x01"),
        export("module", b"\0\x11\x02", b"\0"),
    ]
    found = read(tmp_path / "a.wasm", component(imports, exports))
    assert found == ComponentNames(("inner", "log", "wasi:io/poll@0.2.0"), ("a:b/c@1.0.0", "run"))


def test_sections_may_be_many_and_others_are_skipped(tmp_path: Path) -> None:
    data = component([imported("b", b"\x05\0")], []) + section(0, b"x" * 300)
    data += component([imported("a", b"\x05\0")], [export("c", b"\x05\0", b"\0")])[8:]
    assert read(tmp_path / "a.wasm", data) == ComponentNames(("a", "b"), ("c",))


def test_a_name_may_have_the_end_of_its_version_beside_it(tmp_path: Path) -> None:
    suffixed = b"\x02\x07a:b/c@1\x04.2.3\x05\0"
    found = read(tmp_path / "a.wasm", COMPONENT + section(10, b"\x01" + suffixed))
    assert found == ComponentNames(("a:b/c@1.2.3",), ())


WHOLE = component([imported("wasi:io/poll@0.2.0", b"\x05\x07")], [export("r", b"\x01\0", b"\0")])


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_a_file_that_is_cut_off_has_no_wrong_names(tmp_path: Path, size: int) -> None:
    found = read(tmp_path / "a.wasm", WHOLE[:size])
    assert found is None or set(found.imports) <= {"wasi:io/poll@0.2.0"}


OTHERS = {
    "module": MODULE,
    "empty": b"",
    "text": b"(component)",
    "huge-number": COMPONENT + b"\x0a" + b"\xff" * 400,
    "huge-section": COMPONENT + b"\x0a\xff\xff\xff\xff\x0f",
    "huge-count": COMPONENT + section(10, b"\xff\xff\xff\xff\x0f"),
    "no-utf8": COMPONENT + section(10, b"\x01\0\x02\xff\xfe\x05\0"),
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_component_has_no_names(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path / "a.wasm", data) is None

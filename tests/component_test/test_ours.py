"""Components that compilers have made: those of this repository."""

from pathlib import Path

import pytest

from pipeline.testing import Err
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.instance import Instance
from pipeline.testing.project import Project


@pytest.fixture
def parts(workshop: Project) -> Path:
    return workshop.root / "build/component"


@pytest.fixture
def validator(component: Factory, parts: Path) -> Instance:
    return component(parts / "validator.wasm")


def test_a_resource_of_rust_hashes(validator: Instance) -> None:
    with validator.hashing.sha256() as hasher:
        hasher.update(b"a")
        hasher.update(b"bc")
        assert hasher.finish().startswith("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410")


def test_an_error_of_rust_is_a_variant(validator: Instance) -> None:
    with pytest.raises(Err) as caught:
        validator.documents.watched("[tools]")
    assert caught.value.value.case == "invalid"


def test_a_function_of_tinygo_is_called(component: Factory, parts: Path) -> None:
    hello = component(parts / "hello-go.wasm", monotonic=lambda: 1)
    assert hello.greeting.greet("Ada") == "Hello, Ada!"
    long = "x" * 200_000
    assert hello.greeting.greet(long) == f"Hello, {long}!"

import shutil
from pathlib import Path

import pytest

from pipeline.testing.github import FakeGitHub, Release, Repository
from pipeline.testing.project import Project
from updater.harness import Updater, assets


@pytest.fixture
def updater(workshop: Project, built: Path, fake_github: FakeGitHub, tmp_path: Path) -> Updater:
    """Give the updater a copy of our checksums, and servers that have nothing yet."""
    checksums = tmp_path / "work" / "checksums"
    shutil.copytree(workshop.root / "checksums", checksums)
    return Updater(
        built=built,
        checksums=checksums,
        home=tmp_path / "home",
        github=fake_github,
    )


@pytest.fixture
def repository(updater: Updater) -> Repository:
    """Give the repository of wac, without releases."""
    return updater.github.add_repository("bytecodealliance/wac")


@pytest.fixture
def release(repository: Repository) -> Release:
    """Give release 0.12.0 of wac with all of its assets."""
    return repository.add_release("v0.12.0", assets=assets(), published_at="2026-11-20T12:00:00Z")

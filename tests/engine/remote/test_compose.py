"""The compose file of the documentation: valid, and with options that the servers have."""

import re
import subprocess
import sys
from collections.abc import Callable

from workshop import REPOSITORY

COMPOSE = REPOSITORY / "docs/howto/compose.yaml"
WORKER = "--nthreads 4 --preload pipeline.cluster.worker"


def test_it_is_a_compose_file() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*check, str(COMPOSE)], check=True)


def test_the_cache_has_these_options(program: Callable[[str], str]) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    service = text[text.index("  cache:") : text.index("  scheduler:")]
    options = set(re.findall(r"(--[a-z0-9_.]+)", service))
    assert "--s3.bucket" in options
    words = [program("bazel-remote"), "--help"]
    shown = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert options <= set(re.findall(r"(--[a-z0-9_.]+)", shown))


def test_a_worker_starts_as_the_page_says() -> None:
    assert WORKER in COMPOSE.read_text(encoding="utf-8")
    page = (REPOSITORY / "docs/howto/many-machines.md").read_text(encoding="utf-8")
    assert WORKER.replace("4", "8") in page

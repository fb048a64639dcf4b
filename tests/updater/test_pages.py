"""Repositories with so much in a release that a page of thirty is too much for a server."""

import subprocess
from urllib.parse import parse_qs

import pytest

from pipeline.testing.github import Fault, Pattern, Repository, faults
from pipeline.testing.github.message import Reply, Request
from updater.harness import Updater, assets, digests, recorded

RELEASES = "/repos/bytecodealliance/wac/releases*"
PAGES = "/repositories/*/releases*"


def above(size: int, fault: Fault) -> Fault:
    """Hit pages of more than *size* releases."""

    def hit(request: Request, answer) -> Reply:
        asked = int(parse_qs(request.query).get("per_page", ["30"])[0])
        return fault(request, answer) if asked > size else answer(request)

    return hit


TOO_MUCH = {
    "504": (faults.html(504), 5, [30, 10, 5]),
    "502": (faults.respond(502), 1, [30, 10, 5, 1]),
    "40-mb": (faults.padded(40 << 20), 10, [30, 10]),
    "broken-off": (faults.truncate(1 << 20), 10, [30, 30, 30, 10]),
}


@pytest.mark.parametrize(("fault", "size", "asked"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_smaller_pages_are_asked_for(
    updater: Updater, repository: Repository, fault: Fault, size: int, asked: list[int]
) -> None:
    body = "x" * (2 << 20) if fault is TOO_MUCH["broken-off"][0] else ""
    release = repository.add_release(
        "v0.12.0", assets=assets(), published_at="2026-01-01T00:00:00Z", body=body
    )
    updater.github.faults.always(RELEASES, above(size, fault))
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    pages = [r.query for r in updater.github.requests if r.site == "api"]
    assert pages == [f"per_page={size}" for size in asked]


def test_no_release_is_lost_where_the_pages_become_smaller(
    updater: Updater, repository: Repository
) -> None:
    release = repository.add_release(
        "v0.12.0", assets=assets(), published_at="2026-01-01T00:00:00Z"
    )
    for number in range(69):
        repository.add_release(
            f"v0.13.0-rc.{number}", published_at="2026-02-01T00:00:00Z", prerelease=True
        )
    second = above(10, faults.respond(504))
    updater.github.faults.always(PAGES, second)
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    pages = [parse_qs(r.query) for r in updater.github.requests if r.site == "api"]
    walk = [(p["per_page"][0], p.get("page", ["1"])[0]) for p in pages]
    smaller = [("10", str(page)) for page in range(4, 8)]
    assert walk == [("30", "1"), ("30", "2"), *smaller]


def test_a_release_may_have_a_thousand_assets(updater: Updater, repository: Repository) -> None:
    for minor in (10, 11, 12):
        release = repository.add_release(
            f"v0.{minor}.0",
            assets=assets(minor) | {f"other-{n}.tar.gz": Pattern(9, seed=n) for n in range(995)},
            published_at=f"2026-01-{minor}T00:00:00Z",
        )
    run = updater("update", "wac")
    assert run.code == 0, run.text
    expected = {name: value for name, value in digests(release).items() if "other" not in name}
    assert recorded(updater.document("wac"), "0.12.0") == expected


def test_pages_of_thirty_thousand_assets_fit_into_128_mib(updater: Updater) -> None:
    file = Pattern(9)
    for number in range(3):
        repository = updater.github.add_repository(f"o/r{number}")
        for minor in range(30):
            repository.add_release(
                f"v1.{minor}.0",
                assets={f"file-{n}-x86_64-unknown-linux-musl.tar.gz": file for n in range(1000)},
                published_at=f"2026-01-{minor + 1:02}T00:00:00Z",
            )
    updater.watch(
        "".join(f'[t{n}]\nrepository = "o/r{n}"\ntag = "v{{version}}"\n' for n in range(3))
    )
    words = updater.bare("check", "--all", rights=[f"-Wmax-memory-size={128 << 20}"])
    run = subprocess.run(
        words, env=updater.environment(), capture_output=True, text=True, check=False
    )
    assert run.returncode == 3, run.stderr[-2000:]
    assert run.stdout.count("1.29.0") == 3
    sizes = [r.query.removeprefix("per_page=") for r in updater.github.requests]
    assert sorted(sizes) == ["10"] * 3 + ["30"] * 3 + ["5"] * 3

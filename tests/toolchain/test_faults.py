"""What a network and a server can do wrong: the pinned bytes arrive, or nothing is kept.

All against the fake GitHub, which breaks what it sends on the wire.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.errors import (
    DownloadError,
    PipelineError,
    SourceUnavailableError,
    TransferBrokenError,
    VerificationError,
)
from pipeline.testing.github import FakeGitHub, Pattern, Reply, Request, faults
from pipeline.testing.github.release import Asset
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.net.http_client import RequestsClient
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.reachability import Reachability
from pipeline.toolchain.net.settings import NetworkSettings

SIZE = 3_000_000
LIMITS = {"connect_seconds": 2.0, "stall_seconds": 0.3, "attempts": 3, "fruitful_bytes": 100_000}


@dataclass
class World:
    """One asset on the fake GitHub, and somebody who downloads it."""

    github: FakeGitHub
    asset: Asset
    directory: Path
    said: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.github.web_url}/o/r/releases/download/v1/tool.tar.gz"

    def get(self, *, size: int | None = None, **settings: object) -> Path:
        limits = Limits(**{**LIMITS, **settings})
        downloads = Downloads(
            *(self.directory, RequestsClient(limits, Reachability(limits.connect_seconds))),
            network=NetworkSettings(),
            limits=limits,
            say=self.said.append,
            sleep=self.slept.append,
        )
        return downloads.get(PinnedFile(self.url, "tool.tar.gz", self.asset.content.sha256, size))

    def hit(self, *chosen: faults.Fault) -> None:
        self.github.faults.once(self.asset.cdn_path, *chosen)

    def always(self, fault: faults.Fault) -> None:
        self.github.faults.always(self.asset.cdn_path, fault)

    @property
    def asked(self) -> list[Request]:
        """The requests for the asset itself."""
        return [request for request in self.github.requests if request.site == "cdn"]

    @property
    def ranges(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.asked]

    def breaks_off(self) -> None:
        """Have a run end with half of the file."""
        self.hit(HALF)
        with pytest.raises(TransferBrokenError):
            self.get(attempts=1, fruitful_bytes=SIZE)

    def whole(self, path: Path) -> bool:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest == self.asset.content.sha256

    def parts(self) -> list[str]:
        return sorted(path.name.partition(".")[2] for path in self.directory.glob("part/*"))

    def kept(self) -> list[Path]:
        return list(self.directory.glob("sha256/*"))


@pytest.fixture
def world(fake_github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    release = fake_github.add_repository("o/r").add_release("v1")
    asset = release.add_asset("tool.tar.gz", Pattern(SIZE))
    return World(fake_github, asset, tmp_path / "downloads")


# --- what passes: the pinned bytes arrive in one call --------------------------------------------

LATER = f"bytes={SIZE // 2}-"


def evil(_request: Request, _answer: Callable[[Request], Reply]) -> Reply:
    return Reply(status=200, body=Pattern(SIZE, seed=666), headers={"ETag": '"evil"'})


def other_tag(request: Request, answer: Callable[[Request], Reply]) -> Reply:
    """Go on with the range asked for, whatever If-Range says, under another ETag."""
    reply = answer(request)
    return Reply(
        status=reply.status,
        headers={**reply.headers, "ETag": '"another"'},
        body=reply.body,
        start=reply.start,
        stop=reply.stop,
    )


def silently_another(request: Request, answer: Callable[[Request], Reply]) -> Reply:
    """Go on with the bytes of another file, under the same ETag: only the hash can tell."""
    reply = answer(request)
    return Reply(
        status=reply.status,
        headers=reply.headers,
        body=Pattern(SIZE, seed=666),
        start=reply.start,
        stop=reply.stop,
    )


HALF = faults.truncate(SIZE // 2)
PASSING: dict[str, tuple[list[faults.Fault], list[str | None]]] = {
    "truncated": ([HALF], [None, LATER]),
    "truncated-twice": ([HALF, faults.truncate(10)], [None, LATER, f"bytes={SIZE // 2 + 10}-"]),
    "reset-in-the-body": ([faults.reset(after=0)], [None, None]),
    "reset-before-the-status": ([faults.reset()], [None, None]),
    "stalled": ([faults.stall(2, after=SIZE // 2)], [None, LATER]),
    "408": ([faults.html(408)], [None, None]),
    "429": ([faults.html(429)], [None, None]),
    "500-502-but-html": ([faults.html(500), faults.html(502)], [None, None, None]),
    "promises-more-than-it-has": ([faults.wrong_length(5)], [None]),
    "no-length-and-truncated": (
        [lambda r, a: faults.truncate(9)(r, lambda q: faults.no_length()(q, a))],
        [None, None],
    ),
    "ignores-range": ([HALF, faults.ignore_range()], [None, LATER]),
    "etag-changed-and-said": ([HALF, other_tag], [None, LATER, None]),
    "etag-kept-but-bytes-changed": ([HALF, silently_another], [None, LATER, None]),
    "range-refused": ([HALF, faults.html(416)], [None, LATER, None]),
    "range-refused-by-error": ([HALF, faults.html(503)], [None, LATER, LATER]),
}


@pytest.mark.parametrize(("chosen", "ranges"), PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_passes_costs_an_attempt_and_no_bytes_twice(world, chosen, ranges) -> None:
    world.hit(*chosen)
    assert world.whole(world.get(attempts=4))
    assert world.ranges == ranges
    assert not world.parts()


def test_each_attempt_is_reported_with_its_reason_and_pause(world) -> None:
    world.hit(HALF, faults.html(503))
    world.get()
    first, second = world.said
    assert first.startswith(f"cannot download {world.url}: ")
    assert first.endswith(f"again in 0.5 s, from byte {SIZE // 2} on")
    assert "status 503 Service Unavailable; again in 0.5 s" in second
    assert world.slept == [0.5, 0.5]


def test_an_attempt_that_brings_bytes_does_not_count(world) -> None:
    world.hit(*[faults.truncate(SIZE // 20)] * 15)
    assert world.whole(world.get(attempts=2))
    assert len(world.asked) == 16
    assert set(world.slept) == {0.5}


def test_the_pauses_between_attempts_that_bring_nothing_double(world) -> None:
    world.always(faults.html(503))
    with pytest.raises(TransferBrokenError):
        world.get(attempts=5)
    assert world.slept == [0.5, 1.0, 2.0, 4.0]


def test_a_part_without_a_strong_validator_is_not_gone_on_with(world) -> None:
    def weak(request: Request, answer: Callable[[Request], Reply]) -> Reply:
        reply = HALF(request, answer)
        headers = {**reply.headers, "ETag": 'W/"weak"'}
        return Reply(
            status=200, headers=headers, body=reply.body, stop=reply.stop, delivery=reply.delivery
        )

    world.hit(weak)
    assert world.whole(world.get())
    assert world.ranges == [None, None]


def test_the_original_address_is_asked_again_because_the_signed_one_expires(world) -> None:
    world.hit(HALF)
    world.get()
    assert [request.site for request in world.github.requests] == ["web", "cdn", "web", "cdn"]


# --- Retry-After ----------------------------------------------------------------------------------


def busy(value: str) -> faults.Fault:
    return faults.respond(503, headers={"Retry-After": value})


def test_the_server_s_pause_in_seconds_is_kept(world) -> None:
    world.hit(busy("7"))
    world.get()
    assert world.slept == [7.0]


def test_the_server_s_pause_as_a_date_is_kept(world) -> None:
    from pipeline.testing.github.clock import http_date

    world.hit(busy(http_date(time.time() + 30)))
    world.get()
    assert 25 < world.slept[0] <= 30


def test_a_pause_that_is_too_long_is_not_waited_for_and_reported(world) -> None:
    world.hit(busy("3600"))
    with pytest.raises(TransferBrokenError, match="status 503") as caught:
        world.get()
    assert "retry after: 3600" in str(caught.value)
    assert caught.value.retry_after == 3600
    assert not world.slept


# --- what stays: nothing is kept that is not the pinned file -------------------------------------

STAYING: dict[str, tuple[faults.Fault, type[PipelineError], str]] = {
    "wrong-hash": (evil, VerificationError, "is not the file that was pinned"),
    "shorter": (faults.wrong_length(-5), VerificationError, "is not the file that was pinned"),
    "no-length-and-wrong": (
        lambda r, a: faults.no_length()(r, lambda q: evil(q, a)),
        VerificationError,
        "is not the file that was pinned",
    ),
    "html": (faults.html(200), DownloadError, "a web page arrived in its place"),
    "gzip": (
        faults.gzip_encoded(),
        DownloadError,
        "Content-Encoding gzip, which was not requested",
    ),
    "truncated-at-once": (faults.truncate(0), TransferBrokenError, "cannot download"),
    "stalled-at-once": (faults.stall(2), TransferBrokenError, r"nothing arrived for 0\.3 s"),
    "drips": (
        faults.drip(600),
        TransferBrokenError,
        "less than 1024 bytes per second arrived for 0 s",
    ),
    "redirect-loop": (faults.redirect_loop(), DownloadError, "more than 10 redirects"),
    "gone": (faults.html(404), SourceUnavailableError, "status 404"),
    "always-busy": (faults.html(503), TransferBrokenError, "status 503"),
}


@pytest.mark.parametrize(("fault", "kind", "said"), STAYING.values(), ids=STAYING.keys())
def test_a_fault_that_stays_is_reported_and_the_next_run_heals(world, fault, kind, said) -> None:
    world.always(fault)
    with pytest.raises(kind, match=said) as caught:
        world.get()
    assert type(caught.value) is kind
    assert not world.kept()
    world.github.faults.clear()
    assert world.whole(world.get())
    assert not world.parts()


def test_a_pinned_size_that_is_not_announced_ends_it_before_a_byte_is_kept(world) -> None:
    with pytest.raises(VerificationError, match="does not have the recorded size") as caught:
        world.get(size=SIZE - 1)
    assert caught.value.exit_code == 4
    assert f"{SIZE} bytes announced" in str(caught.value)
    assert not world.kept()
    assert not world.parts()


def test_a_web_page_of_another_size_than_pinned_is_still_reported_as_a_web_page(world) -> None:
    world.always(faults.html(200))
    with pytest.raises(DownloadError, match="a web page arrived in its place"):
        world.get(size=SIZE)


def test_all_attempts_together_have_a_limit(world) -> None:
    world.always(faults.drip(1_000_000))
    began = time.monotonic()
    with pytest.raises(DownloadError, match=r"it took more than 0\.5 s"):
        world.get(total_seconds=0.5)
    assert time.monotonic() - began < 2
    assert world.parts() == ["", "json"]


# --- another run goes on --------------------------------------------------------------------------


def test_another_run_goes_on_where_the_first_one_broke(world) -> None:
    world.breaks_off()
    assert world.parts() == ["", "json"]
    assert world.whole(world.get())
    assert world.ranges == [None, LATER]


def test_a_part_that_was_changed_on_the_disk_is_noticed_and_fetched_anew(world) -> None:
    world.breaks_off()
    (part,) = [path for path in world.directory.glob("part/*") if not path.suffix]
    with part.open("r+b") as file:
        file.write(b"damage")
    assert world.whole(world.get())
    assert world.ranges == [None, LATER, None]


def test_a_note_that_is_not_readable_means_from_the_start(world) -> None:
    world.breaks_off()
    (note,) = world.directory.glob("part/*.json")
    note.write_text("[1")
    assert world.whole(world.get())
    assert world.ranges == [None, None]


def test_an_asset_that_was_replaced_between_two_runs_is_fetched_whole(world) -> None:
    world.breaks_off()
    (note,) = world.directory.glob("part/*.json")
    note.write_text(note.read_text().replace('\\"0x', '\\"1x'))
    assert world.whole(world.get())
    assert world.ranges == [None, LATER]  # If-Range fails: the server sends all of it


def test_a_finished_file_that_was_damaged_on_the_disk_is_fetched_again(world) -> None:
    world.get().write_bytes(b"damage")
    assert world.whole(world.get())
    assert len(world.asked) == 2


def test_what_nobody_came_for_is_swept(world) -> None:
    import os

    path = world.get()
    old = path.with_name("f" * 64)
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    path.unlink()
    world.get()
    assert not old.exists()
    assert path.exists()


# --- several at once ------------------------------------------------------------------------------


def test_two_threads_that_want_one_file_fetch_it_once(world) -> None:
    world.always(faults.latency(0.3))
    got: list[Path] = []
    threads = [
        threading.Thread(target=lambda: got.append(world.get(stall_seconds=5))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] == got[1]
    assert len(world.asked) == 1
    assert world.said == ["waiting for another process that downloads tool.tar.gz"]


def fetch(url: str, sha256: str, directory: Path) -> None:
    limits = Limits()
    downloads = Downloads(
        *(directory, RequestsClient(limits, Reachability(3))),
        network=NetworkSettings(), limits=limits, say=lambda _: None,
    )  # fmt: skip
    downloads.get(PinnedFile(url, "tool.tar.gz", sha256))


def test_four_processes_that_want_one_file_fetch_it_once(world) -> None:
    world.always(faults.latency(0.3))
    context = multiprocessing.get_context("spawn")
    arguments = (world.url, world.asset.content.sha256, world.directory)
    children = [context.Process(target=fetch, args=arguments) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0] * 4
    assert len(world.asked) == 1
    assert world.whole(world.kept()[0])

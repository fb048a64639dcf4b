"""Looks up results on a server, fetches their blobs, and shares results."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.remote import signing
from pipeline.engine.cache.remote.codec import MAX_MESSAGE, Name, Received
from pipeline.engine.cache.remote.patience import Patience, ServerError
from pipeline.engine.cache.remote.requests import Requests
from pipeline.engine.cache.remote.server import server_of
from pipeline.engine.cache.remote.trees import MalformedError
from pipeline.engine.cache.remote.uploads import Upload, Uploads
from pipeline.errors import printable
from pipeline.settings import REMOTE_TRUST, size_text

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.settings import RemoteSettings
    from pipeline.engine.cache.result import Result
    from pipeline.engine.cache.traffic import Traffic

ABSENT: Final = "no machine has shared it"
"""Why there is no result, if nothing is wrong."""

WAIT_SHARE: Final = 0.1
"""The part of a run's time that uploads may add to its end."""

LEAST_WAIT: Final = 0.1
"""The seconds that they may add to the shortest run."""

BULK_AT_ONCE: Final = 8
"""How many blobs of tools are fetched at the same time."""

_LOST: Final = "a part of it is lost"


class NoResultError(Exception):
    """There is no result that may be used, for the reason in its text."""


class RefusedError(NoResultError):
    """There is a result, and it may not be used."""


class BlobStore(Protocol):
    """Where the blobs of a result are put."""

    def has_blob(self, digest: str) -> bool:
        """Return whether a blob is there."""

    def receive_blob(self, digest: str, fill: Callable[[BinaryIO], bool]) -> bool:
        """Store what *fill* writes, if it returns True and the content has this digest."""


@dataclass(frozen=True, slots=True)
class Found:
    """A result that may be used.

    Attributes:
        result: The result.
        signer: The public key that has signed it; b"" for none.
        inlined: Blobs of it that came with its message, by SHA-256.
    """

    result: Result
    signer: bytes
    inlined: Mapping[str, bytes]


class RemoteCache:
    """The results that machines share through a server.

    No fault of the server ends a run. It is a reason why there is no result, and the first fault of
    each kind is printed.

    Args:
        settings: The server, and how to use it.
        traffic: Where to count.
        say: Prints one line for the user.

    Raises:
        DeclarationError: A key or a certificate cannot be used.
    """

    def __init__(
        self, settings: RemoteSettings, traffic: Traffic, say: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._traffic = traffic
        self._print = say
        self._trusted = signing.parsed(settings.trusts, REMOTE_TRUST)
        signer = signing.Signer(settings.sign) if settings.sign else None
        self._server = server_of(settings)
        patience = Patience(self._give_up)
        self._patience = patience
        self._requests = Requests(patience)
        self._bulk = Requests(patience, at_once=BULK_AT_ONCE)
        sign = signer.sign if signer else signing.unsigned
        self._uploads = Uploads(self._server, patience, sign=sign, traffic=traffic, say=self.say)
        self._refused = False

    @property
    def ended(self) -> bool:
        """Whether the server is not used any more in this run, as a line has said."""
        return bool(self._patience.ended)

    @property
    def signs(self) -> bool:
        """Whether this machine uploads, and signs what it uploads."""
        return self._settings.writes and self._settings.sign is not None

    def lookup(self, key: str, outputs: Collection[str], limit: int) -> Found:
        """Return the result of a key, as `find` does; print why the first one is refused."""
        try:
            return self.find(key, outputs, limit)
        except RefusedError as error:
            self._say_refused(error)
            raise

    def fetch(self, found: Found, store: BlobStore) -> None:
        """Fetch the blobs of a result, as `receive` does; print why the first one is refused."""
        try:
            self.receive(found, store)
        except RefusedError as error:
            self._say_refused(error)
            raise

    def find(self, key: str, outputs: Collection[str], limit: int) -> Found:
        """Return the result of a key, and who has signed it.

        Args:
            key: The digest of the key.
            outputs: The paths of the step's outputs.
            limit: How many bytes the result may have.

        Raises:
            RefusedError: There is one that may not be used.
            NoResultError: There is none.
        """
        with self._faults():
            return self._looked_up(Name.of(key), outputs, limit)

    def receive(self, found: Found, store: BlobStore, *, bulk: bool = False) -> None:
        """Fetch the blobs of a result that *store* lacks, many at once.

        Args:
            found: The result.
            store: Where to put them.
            bulk: Whether they are so many or so large that no step should wait behind them.

        Raises:
            RefusedError: One is not what its name says.
            NoResultError: One is lost, or came too late.
        """
        blobs = found.result.blobs().items()
        sizes = {name: size for name, size in blobs if not store.has_blob(name)}
        for name in sizes.keys() & found.inlined.keys():
            store.receive_blob(name, partial(_write, found.inlined[name]))
            del sizes[name]
        asks = {name: partial(self._store, store, name, size) for name, size in sizes.items()}
        requests = self._bulk if bulk else self._requests
        with self._faults():
            there = requests.all(asks, sum(sizes.values()))
        if not all(there.values()):
            raise NoResultError(_LOST)

    def share(self, key: str, result: Result, blob: Callable[[str], Path]) -> None:
        """Upload a result in the background, if the project lets its step be shared.

        Args:
            key: The digest of its key.
            result: The result.
            blob: Returns the file with the blob of a digest.
        """
        if self._settings.may_upload(result.step):
            self._uploads.add(Upload(Name.of(key), result, blob))

    def deliver(self, key: str, result: Result, store: LocalCache) -> str:
        """Upload a result now, even if the project does not: another machine waits for it.

        Args:
            key: The digest of its key.
            result: The result.
            store: Where its blobs are.

        Returns:
            Why that was not possible, or "".
        """
        if not self._settings.writes:
            return "it may only be read"
        return self._uploads.now(Upload(Name.of(key), result, store.blob))

    def finish(self, took: float) -> None:
        """Wait for the uploads at the end of a run, and drop those that are not done then.

        Args:
            took: How long the run took, in seconds; 0 if it was interrupted.
        """
        wait = self._settings.wait
        allowed = max(LEAST_WAIT, took * WAIT_SHARE) if wait is None else wait
        self._uploads.finish(allowed if took else 0.0)

    def _give_up(self, why: str) -> None:
        self._traffic.count(given_up=1)
        self.say(f"not used any more in this run: {why}")

    def say(self, line: str) -> None:
        """Print one line about the cache for the user."""
        self._print(f"remote cache {self._settings.address}: {printable(line)}")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what a server does wrong into the reason why there is no result."""
        try:
            yield
        except ServerError as error:
            raise NoResultError(error.why) from error
        except MalformedError as error:
            self._traffic.count(refused=1)
            raise RefusedError(f"refused: {error}") from error

    def _looked_up(self, name: Name, outputs: Collection[str], limit: int) -> Found:
        data = self._requests.one(lambda: self._server.result(name, MAX_MESSAGE))
        if data is None:
            raise NoResultError(ABSENT)
        self._traffic.count(received=len(data))
        received = Received.parse(data, outputs)
        origin, text = received.origin, received.statement(name)
        # Before anything else that the message names is fetched or read.
        if doubt := signing.doubt(self._trusted, origin.signer, origin.signature, text):
            raise MalformedError(doubt)
        inlined = received.inlined()
        trees = self._trees(received.trees(), inlined)
        result = received.result(trees.__getitem__)
        size = sum(result.blobs().values())
        if size > limit:
            room = f"the cache holds {size_text(limit)}"
            raise MalformedError(f"it claims to have {size_text(size)}, but {room}")
        return Found(result, origin.signer if self._trusted else b"", inlined)

    def _trees(self, sizes: Mapping[str, int], inlined: Mapping[str, bytes]) -> dict[str, bytes]:
        others = {name: size for name, size in sizes.items() if name not in inlined}
        asks = {name: partial(self._read, name, size) for name, size in others.items()}
        found = self._requests.all(asks, sum(others.values()))
        if None in found.values():
            raise NoResultError(_LOST)
        fetched = {name: data for name, data in found.items() if data is not None}
        return fetched | {name: inlined[name] for name in sizes if name in inlined}

    def _read(self, digest: str, size: int) -> bytes | None:
        file = io.BytesIO()
        if not self._fill(digest, size, file):
            return None
        data = file.getvalue()
        if hashlib.sha256(data).hexdigest() != digest:
            raise _other(digest)
        return data

    def _store(self, store: BlobStore, digest: str, size: int) -> bool:
        there = False

        def fill(file: BinaryIO) -> bool:
            nonlocal there
            there = self._fill(digest, size, file)
            return there

        stored = store.receive_blob(digest, fill)
        if there and not stored:
            raise _other(digest)
        return stored

    def _fill(self, digest: str, size: int, file: BinaryIO) -> bool:
        wire = self._server.read(digest, size, file)
        self._traffic.count(received=wire or 0)
        return wire is not None

    def _say_refused(self, error: RefusedError) -> None:
        first, self._refused = not self._refused, True
        if first:
            why = str(error.__cause__)
            self.say(f"a result is refused, and its step runs here: {why}")


def _write(data: bytes, file: BinaryIO) -> bool:
    file.write(data)
    return True


def _other(digest: str) -> MalformedError:
    return MalformedError(f"blob {digest[:12]} has other content than its name says")

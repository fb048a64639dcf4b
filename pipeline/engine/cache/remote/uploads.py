"""Uploads results in the background: neither a step nor the end of a run waits for them."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline import files
from pipeline.engine.cache.remote.codec import Name, encode
from pipeline.engine.cache.remote.patience import Patience, ServerError
from pipeline.engine.cache.remote.trees import MalformedError, children
from pipeline.engine.cache.remote.workers import Workers

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.server import Server
    from pipeline.engine.cache.result import Result
    from pipeline.engine.cache.traffic import Traffic

AT_ONCE: Final = 8
"""How many results are uploaded at the same time."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A result to upload.

    Attributes:
        name: Its name.
        result: The result.
        blob: Returns the file with the blob of a digest.
    """

    name: Name
    result: Result
    blob: Callable[[str], Path]


class Uploads:
    """Uploads to one server.

    Args:
        server: The server.
        reading: The patience with its answers: where it ends, nothing is uploaded either.
        sign: Signs the results, as for `encode`.
        traffic: Where to count.
        say: Prints one line for the user.
    """

    def __init__(
        self,
        server: Server,
        reading: Patience,
        *,
        sign: Callable[[bytes], tuple[bytes, bytes]],
        traffic: Traffic,
        say: Callable[[str], None],
    ) -> None:
        self._server = server
        self._sign = sign
        self._reading = reading
        self._traffic = traffic
        self._workers = Workers(AT_ONCE)
        self._patience = Patience(lambda why: say(f"nothing more is uploaded: {why}"))
        self._pending: set[Future[None]] = set()
        self._lock = threading.Lock()
        self._over = False

    def add(self, upload: Upload) -> None:
        """Upload a result soon."""
        if self._ended:
            self._traffic.count(dropped=1)
            return
        future = self._workers.submit(lambda: self._do(upload))
        with self._lock:
            self._pending.add(future)
        future.add_done_callback(self._done)

    def now(self, upload: Upload) -> str:
        """Upload a result while the caller waits; return why that was not possible, or ""."""
        try:
            sent = self._sent(upload)
        except ServerError as error:
            return error.why
        except MalformedError as error:
            return str(error)
        except FileNotFoundError:
            return "the local cache has no room for it"
        if sent is None:
            return "the server is not used any more in this run"
        self._traffic.count(uploads=1, sent=sent)
        return ""

    def finish(self, seconds: float) -> None:
        """Wait up to *seconds* for the uploads, and drop those that are not done then.

        Only the first call does so.
        """
        if self._over:
            return
        with self._lock:
            pending = set(self._pending)
        left = wait(pending, timeout=max(0.0, seconds)).not_done
        self._over = True
        self._traffic.count(dropped=len(left))

    @property
    def _ended(self) -> bool:
        return self._over or bool(self._patience.ended or self._reading.ended)

    def _done(self, future: Future[None]) -> None:
        with self._lock:
            self._pending.discard(future)

    def _do(self, upload: Upload) -> None:
        try:
            sent = self._sent(upload)
        except MalformedError:
            self._traffic.count(unfit=1)
            return
        except ServerError as error:
            self._traffic.count(dropped=1)
            if not self._ended:
                (self._reading if error.gone else self._patience).failed(error)
            return
        except FileNotFoundError:  # the local cache has made room
            self._traffic.count(dropped=1)
            return
        if self._over:  # `finish` has counted it
            return
        self._traffic.count(**({"dropped": 1} if sent is None else {"uploads": 1, "sent": sent}))

    def _sent(self, upload: Upload) -> int | None:
        """Upload the blobs that the server lacks, then the result that needs them.

        Returns:
            How many bytes went over the wire; None if the run was over before.

        Raises:
            MalformedError: The result cannot be shared.
            ServerError: A request failed.
            FileNotFoundError: A blob is gone.
        """
        shared = encode(upload.name, upload.result, self._sign, upload.blob)
        made = dict(shared.trees)
        if self._server.needs_directories:
            for data in shared.trees.values():
                made |= children(data)
        sizes = upload.result.blobs() | {name: len(data) for name, data in made.items()}
        sent = 0
        lacks = self._server.lacks(sizes.items()) if not self._ended else set()
        for digest in sorted(lacks):
            if self._ended:
                return None
            opened = _opener(digest, made.get(digest), upload.blob)
            sent += self._server.write(digest, sizes[digest], opened)
        if self._ended:
            return None
        self._server.store(upload.name, shared.message)
        return sent + len(shared.message)


def _opener(digest: str, data: bytes | None, blob: Callable[[str], Path]) -> Callable[[], BinaryIO]:
    """Return what opens a blob: *data*, or a file whose content is verified first."""
    if data is not None:
        return lambda: io.BytesIO(data)
    path = blob(digest)
    if files.sha256(path) != digest:
        raise FileNotFoundError(path)  # damaged: the local cache drops it when it is asked for
    return lambda: path.open("rb")

"""Results as `ActionResult` messages, and back, from servers that are not trusted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from pipeline import tree
from pipeline.engine.cache.local import FORMAT
from pipeline.engine.cache.remote import trees
from pipeline.engine.cache.remote.messages import ORIGIN, ActionResult, Digest, Origin
from pipeline.engine.cache.remote.trees import MalformedError, hash_in, packed
from pipeline.engine.cache.result import Result
from pipeline.tree import Entry

if TYPE_CHECKING:
    from typing import Final

MAX_MESSAGE: Final = 4_000_000
"""How many bytes an `ActionResult` may have; gRPC's own limit is about the same."""

MAX_TREE: Final = 64_000_000
"""How many bytes a `Tree` may have."""

INLINED: Final = 32_000
"""How many bytes of trees and files a message may carry, so that they need no further requests."""

_MAX_STEP: Final = 1_000  # characters of a step's name


@dataclass(frozen=True, slots=True)
class Name:
    """What a server calls the result of a key: the digest of a text that contains its format.

    Attributes:
        text: That text.
    """

    text: str

    @classmethod
    def of(cls, key: str) -> Name:
        """Return the name of the result of *key*, the digest of a `Key`."""
        return cls(f"doit-wasm result {FORMAT}:{key}")

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Shared:
    """A result in the form in which a server keeps it.

    Attributes:
        message: The `ActionResult`.
        trees: The `Tree` messages that it names, by SHA-256.
    """

    message: bytes
    trees: dict[str, bytes]


def encode(
    name: Name,
    result: Result,
    sign: Callable[[bytes], tuple[bytes, bytes]],
    blob: Callable[[str], Path],
) -> Shared:
    """Return the message of a result.

    Args:
        name: Its name.
        result: The result.
        sign: Returns a public key, and with it the signature of a text; both empty for none.
        blob: Returns the file with the blob of a digest.

    Raises:
        FileNotFoundError: A blob is gone.
        MalformedError: The result has names that a message cannot hold.
    """
    message = ActionResult()
    made: dict[str, bytes] = {}
    for path, (top, *inside) in sorted(result.outputs.items()):
        if top.kind == tree.DIRECTORY:
            data = trees.encoded([top, *inside])
            digest = trees.digest_of(data)
            made[digest.hash] = data
            message.output_directories.add(path=_text(path), tree_digest=digest)
        else:
            digest = Digest(hash=top.content, size_bytes=top.size)
            run = top.kind == tree.RUN
            message.output_files.add(path=_text(path), digest=digest, is_executable=run)
    if result.said:
        message.stdout_digest.CopyFrom(Digest(hash=result.said, size_bytes=result.said_size))
    signer, signature = sign(statement(name, message, _text(result.step)))
    inlined = _inlined(made, result.blobs(), blob)
    origin = Origin(step=result.step, signer=signer, signature=signature, inlined=inlined)
    message.execution_metadata.auxiliary_metadata.add(type_url=ORIGIN, value=packed(origin))
    data = packed(message)
    if len(data) > MAX_MESSAGE or any(len(one) > MAX_TREE for one in made.values()):
        raise MalformedError("the result has too many outputs to be shared")
    return Shared(data, made)


def _inlined(
    made: Mapping[str, bytes], sizes: Mapping[str, int], blob: Callable[[str], Path]
) -> list[bytes]:
    """Return the trees if all fit into the message, and then the blobs if all of them fit, too."""
    found = list(made.values())
    left = INLINED - sum(map(len, found))
    if left < 0:
        return []
    if sum(sizes.values()) <= left:
        found += [blob(digest).read_bytes() for digest in sorted(sizes)]
    return found


def _text(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise MalformedError(f"{name!r} is not a name in UTF-8") from error
    return name


def _is_name(step: str) -> bool:
    return step.isprintable() and len(step) <= _MAX_STEP


def statement(name: Name, message: Any, step: str) -> bytes:  # noqa: ANN401 - a message
    """Return what a signature of a result signs: its name, the step and all that it names."""
    files = [
        [f.path, f.digest.hash, f.digest.size_bytes, f.is_executable] for f in message.output_files
    ]
    made = [
        [d.path, d.tree_digest.hash, d.tree_digest.size_bytes] for d in message.output_directories
    ]
    said = [message.stdout_digest.hash, message.stdout_digest.size_bytes]
    text = json.dumps([name.text, step, sorted(files), sorted(made), said], separators=(",", ":"))
    return text.encode()


@dataclass(frozen=True, slots=True)
class Received:
    """A message from a server, which is an `ActionResult` of plain files and directories.

    Attributes:
        message: The message.
        origin: Which step and whose key it says it is from.
    """

    message: Any
    origin: Any

    @classmethod
    def parse(cls, data: bytes, outputs: Collection[str]) -> Received:
        """Return the message in *data*.

        Args:
            data: The bytes.
            outputs: The paths that the outputs of the step have; the message must have the same.

        Raises:
            MalformedError: It is something else.
        """
        try:
            message = ActionResult.FromString(data)
            found = message.execution_metadata.auxiliary_metadata
            origins = [Origin.FromString(one.value) for one in found if one.type_url == ORIGIN]
        except DecodeError as error:
            raise MalformedError("it is not an ActionResult message") from error
        if len(origins) != 1 or not _is_name(origins[0].step):
            raise MalformedError("it is not a result of doit-wasm")
        if message.output_symlinks or message.stdout_raw or message.exit_code:
            raise MalformedError("it has parts that doit-wasm does not write")
        paths = [one.path for one in (*message.output_files, *message.output_directories)]
        if sorted(paths) != sorted(outputs):
            raise MalformedError("its outputs are not those of the step")
        return cls(message, origins[0])

    def statement(self, name: Name) -> bytes:
        """Return what its signature must sign."""
        return statement(name, self.message, self.origin.step)

    def inlined(self) -> dict[str, bytes]:
        """Return the trees and blobs that the message carries, each by its own SHA-256."""
        return {hashlib.sha256(data).hexdigest(): data for data in self.origin.inlined}

    def trees(self) -> dict[str, int]:
        """Return the size of each `Tree` message that it names, by SHA-256."""
        found = [one.tree_digest for one in self.message.output_directories]
        if any(digest.size_bytes > MAX_TREE for digest in found):
            raise MalformedError("it names a directory that is too large")
        return {hash_in(digest): digest.size_bytes for digest in found}

    def result(self, of_tree: Callable[[str], bytes]) -> Result:
        """Return the result.

        Args:
            of_tree: Returns the bytes of a `Tree` message, given its SHA-256.

        Raises:
            MalformedError: A part of it is not what it should be.
        """
        outputs: dict[str, list[Entry]] = {}
        for file in self.message.output_files:
            kind = tree.RUN if file.is_executable else tree.FILE
            outputs[file.path] = [Entry("", kind, hash_in(file.digest), file.digest.size_bytes)]
        for made in self.message.output_directories:
            outputs[made.path] = trees.decoded(of_tree(hash_in(made.tree_digest)))
        said = self.message.stdout_digest
        text = hash_in(said) if self.message.HasField("stdout_digest") else ""
        return Result(self.origin.step, outputs, text, said.size_bytes)

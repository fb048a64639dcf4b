"""What a lying server may send instead of good results, whichever protocol it speaks."""

from collections.abc import Callable

import zstandard

from engine.remote.faulty import Answer, Faulty
from pipeline.engine.cache.remote.messages import ActionResult, Directory, Origin, Tree
from pipeline.engine.cache.remote.trees import digest_of, packed

Attack = Callable[[Faulty], None]
LARGE = {"hash": "a" * 64, "size_bytes": 1 << 50}
ELSEWHERE = ["../evil", "/tmp/evil", "out/../../evil", "out/one.txt/x", ""]


def edit(server: Faulty, change: Callable[[ActionResult], None]) -> None:
    for path, data in server.of("ac").items():
        message = ActionResult.FromString(data)
        change(message)
        server.kept[path] = packed(message)


def strip(server: Faulty) -> None:
    """Leave nothing inlined in the results: all must be fetched."""

    def change(message: ActionResult) -> None:
        for part in message.execution_metadata.auxiliary_metadata:
            origin = Origin.FromString(part.value)
            del origin.inlined[:]
            part.value = packed(origin)

    edit(server, change)


def directory(**members: object) -> bytes:
    return packed(Tree(root=Directory(**members)))


def blobs(change: Callable[[bytes], bytes]) -> Attack:
    def attack(server: Faulty) -> None:
        for path, data in server.of("cas").items():
            server.kept[path] = change(data)

    return attack


def results(data: bytes) -> Attack:
    def attack(server: Faulty) -> None:
        for path in server.of("ac"):
            server.kept[path] = data

    return attack


def bent(change: Callable[[Answer], Answer]) -> Attack:
    """Bend the answers that have blobs."""

    def bend(method: str, path: str, usual: Answer) -> Answer:
        return change(usual) if method == "GET" and "/cas/" in path else usual

    def attack(server: Faulty) -> None:
        server.bend = bend

    return attack


def bomb(server: Faulty) -> None:
    data = zstandard.ZstdCompressor(level=19).compress(bytes(1 << 28))
    assert len(data) < 50_000
    bent(lambda _: Answer(200, data, {"Content-Encoding": "zstd"}))(server)


def endless(server: Faulty) -> None:
    bent(lambda _: Answer(200, bytes(1 << 16), claims=1 << 40, endless=True))(server)


def another_key(server: Faulty) -> None:
    paths = sorted(server.of("ac"))
    messages = [server.kept[path] for path in paths]
    for path, data in zip(paths, [*messages[1:], messages[0]], strict=True):
        server.kept[path] = data


def outputs_at(path: str) -> Attack:
    def change(message: ActionResult) -> None:
        for made in (*message.output_files, *message.output_directories):
            made.path = path

    return lambda server: edit(server, change)


def too_large(server: Faulty) -> None:
    def change(message: ActionResult) -> None:
        for made in message.output_files:
            made.digest.size_bytes = 1 << 50
        for made in message.output_directories:
            data = directory(files=[{"name": "x", "digest": LARGE}])
            made.tree_digest.CopyFrom(digest_of(data))
            server.put_blob(data)

    edit(server, change)


NOT_A_RESULT = "it is not "
OTHER_OUTPUTS = "its outputs are not those of the step"
TOO_LONG = "bytes that it may have"

# Each with what the reason of the refusal says.
ATTACKS: dict[str, tuple[Attack, str]] = {
    "wrong-bytes": (blobs(lambda data: bytes(len(data))), "has other content than its name says"),
    "longer-blobs": (blobs(lambda data: data + bytes(1_000_000)), TOO_LONG),
    "zstd-bomb": (bomb, TOO_LONG),
    "zstd-that-is-none": (
        bent(lambda usual: Answer(200, usual.body, {"Content-Encoding": "zstd"})),
        "zstd cannot read a blob",
    ),
    "endless-blobs": (endless, TOO_LONG),
    "huge-message": (results(bytes(10_000_000)), "it is longer than the 4000000 bytes"),
    "empty-message": (results(b""), NOT_A_RESULT),
    "noise": (results(b"\xff" * 50), NOT_A_RESULT),
    "text": (results(b"<html>"), NOT_A_RESULT),
    "result-of-another-key": (another_key, OTHER_OUTPUTS),
    **{f"outputs-at-{path}": (outputs_at(path), OTHER_OUTPUTS) for path in ELSEWHERE},
    "larger-than-this-machine": (too_large, "it claims to have"),
}

"""Keys of a team, and what somebody without the right one writes on a server."""

import base64
from dataclasses import dataclass
from pathlib import Path

from engine.remote.faulty import Faulty
from pipeline.engine.cache.remote.messages import ORIGIN, ActionResult, Origin
from pipeline.engine.cache.remote.trees import packed
from pipeline.testing.project import Project


@dataclass(frozen=True, slots=True)
class KeyPair:
    path: Path
    public: str


def key_pair(tmp_path: Path, name: str) -> KeyPair:
    path = tmp_path / f"{name}.pem"
    run = Project(tmp_path).doit("cache", "--new-key", str(path))
    assert run.code == 0, run.text
    return KeyPair(path, run.out.strip())


def origin_of(message: ActionResult) -> Origin:
    (found,) = message.execution_metadata.auxiliary_metadata
    assert found.type_url == ORIGIN
    return Origin.FromString(found.value)


def claim(server: Faulty, public: str) -> None:
    """Say of each result that our key has signed it."""
    for path, data in server.of("ac").items():
        message = ActionResult.FromString(data)
        origin = origin_of(message)
        origin.signer = base64.b64decode(public.removeprefix("ed25519:"))
        message.execution_metadata.auxiliary_metadata[0].value = packed(origin)
        server.kept[path] = packed(message)

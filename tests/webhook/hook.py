"""A running `doit-wasm webhook`, and deliveries as GitHub sends them."""

import contextlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = "/webhook"
SECRET = "It's a Secret to Everybody"
# Descriptor 3, announced to the process that takes it.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""
TABLE = '[{tool}]\nrepository = "{repository}"\ntag = "v{{version}}"\n'


def signed(body: bytes, secret: str = SECRET, **changed: str | None) -> dict[str, str]:
    """Return the headers of a delivery; *changed* replaces some, None removes them."""
    headers: dict[str, str | None] = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "release",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in headers.items() if value is not None}


def release(repository: str = "o/wac", action: str = "published") -> bytes:
    """Return the parts of the body of a delivery that count."""
    payload = {
        "action": action,
        "release": {"tag_name": "v2.0", "draft": False, "assets": []},
        "repository": {"id": 1, "full_name": repository},
    }
    return json.dumps(payload).encode()


def post(
    port: int, body: bytes, headers: Mapping[str, str], method: str = "POST", path: str = PATH
) -> tuple[int, str, dict[str, str]]:
    """Send a request; return the status, the text and the headers of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, answer.read().decode(), named
    finally:
        connection.close()


@dataclass
class Hook:
    """A server: its process, where it listens, and the file of its log."""

    process: subprocess.Popen[bytes]
    file: Path
    port: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def post(
        self, body: bytes, headers: Mapping[str, str], method: str = "POST", path: str = PATH
    ) -> tuple[int, str]:
        """Send a request; return the status and the text of the answer, and keep its headers."""
        status, text, self.headers = post(self.port, body, headers, method, path)
        return status, text

    def deliver(self, body: bytes = b"", **changed: str | None) -> tuple[int, str]:
        """Send a delivery with a signature."""
        body = body or release()
        return self.post(body, signed(body, **changed))

    def raw(self, data: bytes) -> bytes:
        """Send bytes and return all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sock:
            with contextlib.suppress(OSError):  # the server need not read all that it refuses
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(ConnectionError):
                while part := sock.recv(4096):
                    got += part
            return got

    def wait_for(self, pattern: str, count: int = 1) -> str:
        """Return the line of the log that is the *count*th to match, once it is there."""
        end = time.monotonic() + 30
        while True:
            ended = self.process.poll() is not None
            found = [line for line in self.log.splitlines() if re.search(pattern, line)]
            if len(found) >= count:
                return found[count - 1]
            if ended or time.monotonic() > end:
                raise AssertionError(f"no {pattern} in the log:\n{self.log}")
            time.sleep(0.01)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server; return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@dataclass(frozen=True)
class Site:
    """A project whose tools a webhook marks as due."""

    root: Path
    env: Mapping[str, str]

    def watch(self, **repositories: str) -> None:
        """Write tools.toml."""
        (self.root / "checksums").mkdir(parents=True, exist_ok=True)
        tables = [TABLE.format(tool=tool, repository=r) for tool, r in repositories.items()]
        (self.root / "checksums/tools.toml").write_text("".join(tables))

    def due(self) -> list[str]:
        """Return the tools that are marked."""
        return sorted(path.stem for path in Path(self.env["DOIT_WASM_STORE"]).rglob("*.due"))

    def environment(self, secret: str | None = SECRET) -> dict[str, str]:
        added = {"DOIT_WASM_WEBHOOK_SECRET": secret} if secret is not None else {}
        return {**os.environ, "PYTHONPATH": str(ROOT), **self.env, **added}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pipeline", "webhook", *words]

    @contextmanager
    def serving(
        self, *words: str, inherited: socket.socket | None = None, secret: str | None = SECRET
    ) -> Iterator[Hook]:
        """Start a server on a port that the system picks, and end it if a test does not."""
        argv: Sequence[str] = self.command(*words, "--listen", "127.0.0.1:0")
        if inherited is not None:
            argv = [sys.executable, "-c", AS_SYSTEMD, str(inherited.fileno())]
            argv = [*argv, *self.command(*words)]
        file = self.root / f"{time.monotonic_ns()}.log"
        with file.open("wb") as log:
            process = subprocess.Popen(
                argv, cwd=self.root, env=self.environment(secret), stderr=log,
                pass_fds=[inherited.fileno()] if inherited else [],
            )  # fmt: skip
        hook = Hook(process, file)
        try:
            announced = hook.wait_for("listening on")
            hook.port = int(announced.rpartition(":")[2].partition("/")[0])
            yield hook
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def refused(self, *words: str, secret: str | None = SECRET) -> tuple[int, str]:
        """Start a server that refuses to; return the exit code and the message."""
        done = subprocess.run(
            self.command(*words), cwd=self.root, env=self.environment(secret), text=True,
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        return done.returncode, done.stderr

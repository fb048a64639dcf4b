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
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workshop import REPOSITORY

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


@dataclass
class Hook:
    """A server: its process, where it listens, and what it has logged when it has ended."""

    process: subprocess.Popen[str]
    port: int
    head: str
    log: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(
        self, body: bytes, headers: Mapping[str, str], method: str = "POST", path: str = "/webhook"
    ) -> tuple[int, str]:
        """Send a request; return the status and the text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def deliver(self, body: bytes = b"", **changed: str | None) -> tuple[int, str]:
        """Send a delivery with a signature."""
        body = body or release()
        return self.post(body, signed(body, **changed))

    def raw(self, data: bytes) -> bytes:
        """Send bytes and return all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(ConnectionError):  # it need not read all that it refuses
                while part := sock.recv(4096):
                    got += part
            return got

    def wait_for(self, pattern: str) -> str:
        """Read the log until a line of it matches."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log += line
            if re.search(pattern, line):
                return line
        raise AssertionError(f"{pattern} is not in the log:\n{self.log}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server; return its exit code."""
        self.process.send_signal(how)
        _, rest = self.process.communicate(timeout=30)
        self.log += rest
        return self.process.returncode


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
        return {**os.environ, "PYTHONPATH": str(REPOSITORY), **self.env, **added}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pipeline", "webhook", *words]

    @contextmanager
    def serving(self, *words: str, inherited: socket.socket | None = None) -> Iterator[Hook]:
        """Start a server on a port that the system picks, and end it if a test does not."""
        argv: Sequence[str] = self.command(*words, "--listen", "127.0.0.1:0")
        if inherited is not None:
            argv = [sys.executable, "-c", AS_SYSTEMD, str(inherited.fileno())]
            argv = [*argv, *self.command(*words)]
        process = subprocess.Popen(
            argv, cwd=self.root, env=self.environment(), text=True, stderr=subprocess.PIPE,
            pass_fds=[inherited.fileno()] if inherited else [],
        )  # fmt: skip
        hook = Hook(process, 0, "")
        try:
            hook.head = hook.wait_for("listening on")
            hook.port = int(hook.head.rpartition(":")[2].partition("/")[0])
            yield hook
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def refused(self, *words: str, secret: str | None = SECRET) -> tuple[int, str]:
        """Start a server that refuses to; return the exit code and the message."""
        done = subprocess.run(
            self.command(*words), cwd=self.root, env=self.environment(secret), text=True,
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        return done.returncode, done.stderr

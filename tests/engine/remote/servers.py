"""Real servers of the cache protocol, started on ports that the system picks."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

NGINX = """
worker_processes 1; daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log {root}/access.log; client_max_body_size 0;
  client_body_temp_path {root}/body; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  server {{
    listen 127.0.0.1:{port};
    location /cache/ {{
      root {root}/files; dav_methods PUT; create_full_put_path on; keepalive_requests 10000;
    }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(argv: Sequence[str], ports: Sequence[int], log: Path) -> Iterator[int]:
    """Run a server until the block ends; yield its process when it accepts connections."""
    with log.open("wb") as out:
        server = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 30
        for port in ports:
            while not is_open(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.02)
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def bazel_remote(program: str, root: Path, *options: str) -> Iterator[tuple[int, int]]:
    """Run bazel-remote, whose process `pid` names; yield its ports of HTTP and of gRPC."""
    root.mkdir()
    http, grpc = free_port(), free_port()
    addresses = [f"--http_address=127.0.0.1:{http}", f"--grpc_address=127.0.0.1:{grpc}"]
    argv = [program, f"--dir={root / 'files'}", "--max_size=1", *addresses, *options]
    with running(argv, [http, grpc], root / "log") as process:
        (root / "pid").write_text(str(process))
        yield http, grpc


@contextlib.contextmanager
def nginx(program: str, root: Path) -> Iterator[str]:
    """Run nginx with WebDAV; yield the address of its cache."""
    root.mkdir()
    port = free_port()
    config = root / "nginx.conf"
    config.write_text(NGINX.format(root=root, port=port))
    argv = [program, "-p", str(root), "-c", str(config), "-e", str(root / "error.log")]
    with running(argv, [port], root / "log"):
        yield f"http://127.0.0.1:{port}/cache"


@contextlib.contextmanager
def casd(program: str, root: Path) -> Iterator[str]:
    """Run buildbox-casd, which has no zstd; yield its address."""
    root.mkdir()
    port = free_port()
    argv = [program, f"--bind=127.0.0.1:{port}", "--quota-high=1G", str(root / "files")]
    with running(argv, [port], root / "log"):
        yield f"grpc://127.0.0.1:{port}"

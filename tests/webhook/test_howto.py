"""The units of the how-to start the server that they promise."""

import configparser
import re
import shlex
import socket
from pathlib import Path

from webhook.hook import ROOT, Site, release, signed

PAGE = (ROOT / "docs/howto/webhooks.md").read_text(encoding="utf-8")


def unit(name: str) -> configparser.ConfigParser:
    """Return the unit that the page shows below its path."""
    _, _, rest = PAGE.partition(f"`/etc/systemd/system/{name}`:\n\n")
    lines = re.match(r"(?:    .*\n|\n)+", rest)
    assert lines is not None
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(lines.group().replace("    ", ""))
    return parser


def test_the_units_belong_together() -> None:
    sockets, service = unit("doit-wasm-webhook.socket"), unit("doit-wasm-webhook.service")
    assert service["Unit"]["Requires"] == "doit-wasm-webhook.socket"
    address = sockets["Socket"]["ListenStream"]
    assert f"proxy_pass http://{address};" in PAGE
    assert set(service["Service"]) >= {"User", "WorkingDirectory", "LoadCredential", "ExecStart"}


def test_the_command_of_the_unit_serves_on_the_socket_of_systemd(
    site: Site, tmp_path: Path
) -> None:
    command = unit("doit-wasm-webhook.service")["Service"]["ExecStart"]
    (tmp_path / "secret").write_text("of the unit\n")
    (tmp_path / "secret").chmod(0o600)
    program, name, *words = shlex.split(
        command.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path)).replace("--run", "")
    )
    assert (Path(program).name, name) == ("doit-wasm", "webhook")
    body = release()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        site.serving(*words, inherited=listener, secret=None) as hook,
    ):
        assert hook.post(body, signed(body, "of the unit"))[0] == 202
        assert hook.end() == 0
    assert site.due() == ["wac"]

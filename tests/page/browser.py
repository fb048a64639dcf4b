"""A headless Chromium that tests drive over a pipe, with the protocol of its developer tools."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from io import BytesIO
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import brotli

FLAGS = [
    *("--headless=shell", "--remote-debugging-pipe", "--hide-scrollbars"),
    # It runs only pages that tests have written, and a container may have no sandbox to give.
    *("--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
]
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{root}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{root}/font-cache</cachedir>
</fontconfig>
"""
# Chromium reads messages from descriptor 3 and writes them to 4, whatever their numbers are here.
START = """
import fcntl, os, sys
pair = [fcntl.fcntl(int(one), fcntl.F_DUPFD_CLOEXEC, 10) for one in sys.argv[1:3]]
for place, descriptor in enumerate(pair, start=3):
    os.dup2(descriptor, place)
os.execv(sys.argv[3], sys.argv[3:])
"""

WAIT_SECONDS = 60


def unpack(packed: Path, root: Path) -> Path:
    """Unpack what the npm package has; return the program."""
    root.mkdir(parents=True)
    for name in ("al2023", "fonts", "swiftshader"):
        data = brotli.decompress((packed / f"{name}.tar.br").read_bytes())
        with tarfile.open(fileobj=BytesIO(data)) as archive:
            archive.extractall(root, filter="data")
    (root / "fonts.conf").write_text(FONTS.format(root=root))
    program = root / "chromium"
    program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    program.chmod(0o755)
    return program


class Browser:
    """A running Chromium, without a network but for this machine.

    Args:
        program: What `unpack` returns.
        profile: A directory for what it remembers.
    """

    def __init__(self, program: Path, profile: Path) -> None:
        to_it, ours = os.pipe()
        from_it, its = os.pipe()
        root = program.parent
        argv = [sys.executable, "-c", START, str(to_it), str(its), str(program), *FLAGS]
        with (profile.parent / "stderr.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [*argv, f"--user-data-dir={profile}"],
                pass_fds=(to_it, its),
                stderr=log,
                env={
                    "PATH": os.defpath,
                    "HOME": str(profile.parent),
                    "FONTCONFIG_PATH": str(root),
                    "LD_LIBRARY_PATH": f"{root}/lib",
                },
            )
        os.close(to_it)
        os.close(its)
        self._writer = os.fdopen(ours, "wb", buffering=0)
        self._reader = os.fdopen(from_it, "rb")
        self._numbers = count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **params: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        self._writer.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def event(self, method: str, session: str) -> dict[str, Any]:
        """Return the next event of that name, which may have come already."""
        while True:
            for at, event in enumerate(self.events):
                if (event.get("method"), event.get("sessionId")) == (method, session):
                    return self.events.pop(at)
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._reader.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            data += byte
        found: dict[str, Any] = json.loads(data)
        return found

    def close(self) -> None:
        """End Chromium."""
        self.process.terminate()
        try:
            self.process.wait(WAIT_SECONDS)
        finally:
            self.process.kill()
            self._writer.close()
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


class Tab:
    """A page in the browser.

    Args:
        browser: The browser.
        width: Width of the window, in CSS pixels.
        height: Its height.
        dark: Whether the reader prefers dark colours.
        scripts: Whether the page may run scripts.
    """

    def __init__(
        self,
        browser: Browser,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
    ) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol in this page."""
        return self._browser.call(method, self._session, **params)

    def open(self, url: str) -> None:
        """Load a page and wait until it is complete."""
        self.call("Page.navigate", url=url)
        self._browser.event("Page.loadEventFired", self._session)

    def do(self, expression: str) -> Any:
        """Return what an expression of JavaScript is, promises awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13}
        more: Mapping[str, object] = {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def said(self) -> list[str]:
        """Return the errors and warnings of the page so far, violations of its policy included."""
        found = []
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            params = event["params"]
            if event["method"] == "Log.entryAdded":
                found.append(params["entry"]["text"])
            elif event["method"] == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled":
                found.append(str(params["args"]))
        return found

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for so far."""
        return [
            event["params"]["request"]["url"]
            for event in self._browser.events
            if event.get("sessionId") == self._session
            and event["method"] == "Network.requestWillBeSent"
        ]

    def picture(self, path: Path, *, height: int = 0) -> None:
        """Write a picture of the page, or of its first *height* pixels."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "scale": 1, "width": size["width"]}
        shot = self.call(
            "Page.captureScreenshot",
            captureBeyondViewport=True,
            clip=clip | {"height": min(height or size["height"], size["height"])},
        )
        path.write_bytes(base64.b64decode(shot["data"]))


def remove(root: Path) -> None:
    """Remove an unpacked Chromium, which takes 200 MB."""
    shutil.rmtree(root, ignore_errors=True)

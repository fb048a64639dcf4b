"""Find out within seconds whether a host can be reached, once per run."""

from __future__ import annotations

import socket
import threading
import time

from pipeline.errors import SourceUnavailableError
from pipeline.toolchain.net import urls

_FIRST_PAUSE_SECONDS = 0.1


class Reachability:
    """Which hosts this run can reach.

    Args:
        seconds: How long a host may take to resolve and to answer, all its addresses together;
            a connection that it refuses is tried again, at growing intervals, for as long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], str] = {}

    def reach(self, url: str) -> None:
        """Raise unless the host of *url* answers; it is probed once only.

        Raises:
            SourceUnavailableError: It does not answer, or did not when it was probed.
        """
        try:
            _, host, port = urls.origin(url)
        except ValueError as error:
            raise SourceUnavailableError(f"{url} is not a valid URL", why=str(error)) from error
        address = host, port
        with self._lock:
            if address not in self._known:
                self._known[address] = self._ask(address)
            reason = self._known[address]
        if reason:
            raise SourceUnavailableError(f"{address[0]} cannot be reached", why=reason)

    def _ask(self, address: tuple[str, int]) -> str:
        # The resolver takes no time limit: when it takes too long, it is left behind in a daemon
        # thread.
        outcome: list[str] = []
        thread = threading.Thread(target=self._connect, args=(address, outcome), daemon=True)
        thread.start()
        thread.join(self._seconds)
        return outcome[-1] if outcome else f"no answer within {self._seconds:g} s"

    def _connect(self, address: tuple[str, int], outcome: list[str]) -> None:
        until = time.monotonic() + self._seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                socket.create_connection(address, timeout=self._seconds).close()
            except (
                ConnectionError
            ) as error:  # a server that is starting, a balancer that sheds load
                outcome.append(error.strerror or str(error))
            except OSError as error:
                outcome.append(error.strerror or str(error))
                return
            except UnicodeError:
                outcome.append("not a host name")
                return
            else:
                outcome.append("")
                return
            if time.monotonic() + pause >= until:
                return
            time.sleep(pause)
            pause *= 2

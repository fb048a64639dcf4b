"""A proxy that makes a server on this machine as far away as one in another place."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Iterator

CHUNK = 1 << 16


@contextlib.contextmanager
def far_away(port: int, seconds: float) -> Iterator[int]:
    """Serve the server at *port* at the port that is yielded, with so much added per round trip."""
    ports: queue.Queue[int] = queue.Queue()
    loops: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def serve() -> None:
        over = asyncio.Event()
        loops.put((asyncio.get_running_loop(), over))
        server = await asyncio.start_server(
            lambda reader, writer: _relay(reader, writer, port, seconds / 2), "127.0.0.1", 0
        )
        ports.put(server.sockets[0].getsockname()[1])
        await over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    loop, over = loops.get(timeout=10)
    try:
        yield ports.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, delay: float
) -> None:
    try:
        # A connection takes a round trip as well.
        await asyncio.sleep(2 * delay)
        there, back = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    try:
        await asyncio.gather(_late(reader, back, delay), _late(there, writer, delay))
    except asyncio.CancelledError:
        writer.transport.abort()  # the server is over
        back.transport.abort()


async def _late(source: asyncio.StreamReader, to: asyncio.StreamWriter, delay: float) -> None:
    """Pass bytes on in their order, each *delay* seconds later."""
    loop = asyncio.get_running_loop()
    parts: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            data = await source.read(CHUNK)
            parts.put_nowait((loop.time() + delay, data))
            if not data:
                return

    arriving = asyncio.create_task(arrive())
    with contextlib.suppress(ConnectionError):
        while True:
            at, data = await parts.get()
            await asyncio.sleep(at - loop.time())
            if not data:
                break
            to.write(data)
            await to.drain()
    to.close()
    await asyncio.gather(arriving, return_exceptions=True)

from collections.abc import Callable
from typing import Any

from waitress.server import TcpWSGIServer as TcpWSGIServer

def create_server(
    application: Callable[..., Any], map: dict[int, object], **kw: object
) -> TcpWSGIServer: ...

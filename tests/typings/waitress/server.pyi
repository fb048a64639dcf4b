from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

class TcpWSGIServer:
    accepting: bool
    active_channels: dict[int, HTTPChannel]
    task_dispatcher: ThreadedTaskDispatcher
    def handle_accept(self) -> None: ...
    def pull_trigger(self) -> None: ...

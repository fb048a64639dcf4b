class HTTPChannel:
    request: object | None
    requests: list[object]
    total_outbufs_len: int
    will_close: bool

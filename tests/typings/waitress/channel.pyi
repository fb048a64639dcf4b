class HTTPChannel:
    creation_time: float
    last_activity: float
    request: object | None
    requests: list[object]
    total_outbufs_len: int
    will_close: bool

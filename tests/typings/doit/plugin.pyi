from typing import Any

class PluginEntry:
    def __init__(self, category: str, name: str, location: str) -> None: ...

class PluginDict(dict[str, object]):
    def get_plugin(self, key: str) -> Any: ...

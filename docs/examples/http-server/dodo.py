import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["component:server"])


def task_server():
    yield from (*p.toolchains(), *p.rust_workspace("server"))
    yield from p.rust_wit_bindgen("server", path="server")
    yield from p.rust_component("server", path="server")
    yield from p.serve("server", addr="127.0.0.1:8080")

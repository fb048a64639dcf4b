import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["component:fetch"])


def task_fetch():
    yield from (*p.toolchains(), *p.rust_workspace("fetch"))
    yield from p.rust_wit_bindgen("fetch", path="fetch")
    yield from p.rust_component("fetch", path="fetch")
    yield from p.run("fetch", hosts=["127.0.0.1:8000"])

import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["component:hello"])


def task_hello():
    yield from p.toolchains()
    yield from p.rust_component("hello", path="hello")
    yield from p.run("hello", args=["Ada"])

import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["component:hello"])


def task_hello():
    yield from p.toolchains()
    yield from p.go_component("hello", path="hello", flags=["-scheduler=none"])
    yield from p.run("hello", flags=["--invoke", 'greet("Ada")'])

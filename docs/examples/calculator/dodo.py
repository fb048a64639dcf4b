import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["check:calculator"])
WIT = {"wit": "wit"}


def task_calculator():
    yield from (*p.toolchains(), *p.rust_workspace("command"))
    yield from p.go_component("engine", path="engine", compiler="go", **WIT)
    yield from p.rust_wit_bindgen("command", path="command", **WIT)
    yield from p.rust_component("command", path="command")
    yield from p.compose("calculator", socket="command", plugs=["engine"])
    yield from p.check("calculator")
    yield from p.run("calculator")

import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["compose:app"])


def task_app():
    yield from (*p.toolchains(), *p.rust_workspace("."))
    for name in ("title", "greeter", "program"):
        yield from p.rust_wit_bindgen(name, path=name, wit="wit")
        yield from p.rust_component(name, path=name)
    yield from p.compose("app", wac="app.wac", parts=["title", "greeter", "program"])
    yield from p.run("app")

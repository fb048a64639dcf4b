import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["check:news"])
WIT = {"wit": "wit"}


def task_news():
    yield from (*p.toolchains(), *p.rust_workspace("command"))
    yield from p.c_component("checksum", path="checksum", **WIT)
    yield from p.go_component("headline", path="headline", compiler="go", **WIT)
    yield from p.rust_wit_bindgen("command", path="command", **WIT)
    yield from p.rust_component("command", path="command")
    yield from p.compose("news", wac="news.wac", parts=["checksum", "headline", "command"])
    yield from p.check("news")
    yield from p.run("news")

import pipeline as p

DOIT_CONFIG = p.doit_config(default_tasks=["check:chain"])
WIT = {"wit": "wit"}
PARTS = ["in-go", "in-rust", "in-c", "in-python", "in-js"]


def task_chain():
    yield from (*p.toolchains(), *p.rust_workspace("in_rust"))
    yield from p.go_component("in-go", path="in_go", compiler="go", **WIT)
    yield from p.rust_wit_bindgen("in-rust", path="in_rust", **WIT)
    yield from p.rust_component("in-rust", path="in_rust")
    yield from p.c_component("in-c", path="in_c", **WIT)
    yield from p.python_component("in-python", path="in_python", **WIT)
    yield from p.js_component("in-js", path="in_js", **WIT)
    yield from p.compose("chain", wac="chain.wac", parts=PARTS)
    yield from p.check("chain", exports=["my:chain/go"])
    yield from p.run("chain", flags=["--invoke", 'say("By")'])

"""Small programs in WebAssembly text, and the steps that make components of them."""

from pipeline.testing.project import Project

COMMAND = """
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $arg (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $envs (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $dir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (data (i32.const 100) "MARK\\n")
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
  (func (export "_start")
    (call $print (i32.const 100) (i32.const 5))
    (drop (call $args (i32.const 0) (i32.const 4)))
    (drop (call $arg (i32.const 1000) (i32.const 4096)))
    (call $print (i32.const 4096) (i32.load (i32.const 4)))
    (drop (call $envs (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1000) (i32.const 8192)))
    (call $print (i32.const 8192) (i32.load (i32.const 4)))
    (if (i32.eqz (call $stat (i32.const 3) (i32.const 0)))
      (then
        (drop (call $dir (i32.const 3) (i32.const 12288) (i32.load (i32.const 4))))
        (call $print (i32.const 12288) (i32.load (i32.const 4)))))
    END))
"""
"""Prints MARK, its arguments and variables, each with a NUL, and the first of its directories."""

SERVER = """
(module
  (import "cm32p2|wasi:http/types@0.2" "[constructor]fields" (func $fields (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[constructor]outgoing-response"
    (func $response (param i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[method]outgoing-response.set-status-code"
    (func $status (param i32 i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (memory (export "cm32p2_memory") 1)
  (func (export "cm32p2_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "cm32p2|wasi:http/incoming-handler@0.2|handle") (param i32 i32)
    (local $response i32)
    (local.set $response (call $response (call $fields)))
    (drop (call $status (local.get $response) (i32.const STATUS)))
    (call $set (local.get 1) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func (export "cm32p2|wasi:http/incoming-handler@0.2|handle_post"))
  (func (export "cm32p2_initialize")))
"""
"""Answers each request with a status and no body."""

SERVER_WORLD = "package my:server;\nworld server { export wasi:http/incoming-handler@0.2.0; }\n"

CLIENT = """
(module
  (import "cm32p2|wasi:http/types@0.2" "[constructor]fields" (func $fields (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[constructor]outgoing-request"
    (func $request (param i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[method]outgoing-request.set-authority"
    (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[method]outgoing-request.set-path-with-query"
    (func $path (param i32 i32 i32 i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[method]outgoing-request.set-scheme"
    (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "cm32p2|wasi:http/types@0.2" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "cm32p2|wasi:io/poll@0.2" "[method]pollable.block" (func $block (param i32)))
  (import "cm32p2|wasi:http/outgoing-handler@0.2" "handle"
    (func $handle (param i32 i32 i32 i32)))
  (memory (export "cm32p2_memory") 1)
  (data (i32.const 96) "/")
  (data (i32.const 100) "AUTHORITY")
  (func (export "cm32p2_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
  (func (export "cm32p2|wasi:cli/run@0.2|run") (result i32)
    (local $request i32)
    (local.set $request (call $request (call $fields)))
    (if (call $authority (local.get $request) (i32.const 1) (i32.const 100) (i32.const LENGTH))
      (then unreachable))
    (drop (call $path (local.get $request) (i32.const 1) (i32.const 96) (i32.const 1)))
    (drop (call $scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0)
      (i32.const 0)))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 512))
    (if (i32.load8_u (i32.const 512))
      (then
        (if (i32.ne (i32.load8_u (i32.const 520)) (i32.const 15)) (then unreachable))
        (return (i32.const 1))))
    (call $block (call $subscribe (i32.load (i32.const 520))))
    i32.const 0)
  (func (export "cm32p2|wasi:cli/run@0.2|run_post") (param i32))
  (func (export "cm32p2_initialize")))
"""
"""Requests http://AUTHORITY/; its exit code is 1 if the request is denied."""


def client(project: Project, authority: str, wasi: str = "0.2.0") -> str:
    """Write a client for a version of WASI; return the steps that make a component of it.

    Args:
        project: Where.
        authority: What it requests.
        wasi: The version.
    """
    text = CLIENT.replace("AUTHORITY", authority).replace("LENGTH", str(len(authority)))
    project.write("client.wat", text)
    project.write(
        "client.wit",
        f"package my:client;\nworld client {{ import wasi:http/outgoing-handler@{wasi}; "
        f"export wasi:cli/run@{wasi}; }}\n",
    )
    return """
yield from wit_package("client", path="client.wit")
yield step("core:client", doc="Embed", argv=[Tool("wasm-tools"), "component", "embed",
    "--world", "my:client/client", In("build/wit/client"), In("client.wat"),
    "-o", Out("build/client.core.wasm")])
yield step("component:client", doc="New", argv=[Tool("wasm-tools"), "component", "new",
    In("build/client.core.wasm"), "-o", Out("build/component/client.wasm")])
"""


STEPS = """
yield step("core:command", doc="Parse",
    argv=[Tool("wasm-tools"), "parse", In("command.wat"), "-o", Out("build/command.core.wasm")])
adapter = Root("wasi-adapter", "wasi_snapshot_preview1.command.wasm")
yield step("component:command", doc="Adapt", argv=[Tool("wasm-tools"), "component", "new",
    In("build/command.core.wasm"), "--adapt", adapter, "-o", Out("build/component/command.wasm")])
yield from wit_package("server", path="server.wit")
yield step("core:server", doc="Embed", argv=[Tool("wasm-tools"), "component", "embed",
    "--world", "my:server/server", In("build/wit/server"), In("server.wat"),
    "-o", Out("build/server.core.wasm")])
yield step("component:server", doc="New", argv=[Tool("wasm-tools"), "component", "new",
    In("build/server.core.wasm"), "-o", Out("build/component/server.wasm")])
"""
"""What is in a dodo.py beside the rules that are tested."""


def command(mark: str, end: str = "") -> str:
    """Return the text of a command that prints *mark*, of four letters, and does *end* at last."""
    return COMMAND.replace("MARK", mark).replace("END", end)


def server(status: int, comment: str = "") -> str:
    """Return the text of a server that answers with a status."""
    return f";; {comment}\n" + SERVER.replace("STATUS", str(status))

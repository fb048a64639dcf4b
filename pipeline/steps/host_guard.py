"""A component that stands between another one and `wasi:http/outgoing-handler`, as text.

A request whose host is not in a list is refused with `HTTP-request-denied`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PACKAGE: Final = "doit-wasm:guard"
WORLD: Final = f"""package {PACKAGE};
world guard {{
  import wasi:http/types@0.2.0;
  import wasi:http/outgoing-handler@0.2.0;
  export wasi:http/outgoing-handler@0.2.0;
}}
"""
_LIST: Final = 1024
_PAGE: Final = 65536


def module(hosts: Iterable[str]) -> str:
    """Return the core module, for the world `guard`.

    Args:
        hosts: The hosts that may be reached: `host` at any port, `host:port` at that one.
    """
    entries = [_entry(host.lower()) for host in hosts]
    data = b"".join([*entries, b"\0"])
    end = _LIST + len(data)
    return (
        _MODULE.replace("HOSTS", "".join(f"\\{byte:02x}" for byte in data))
        .replace("PAGES", str(1 + end // _PAGE))
        .replace("END", str(end))
    )


def _entry(host: str) -> bytes:
    has_port = host.rpartition(":")[2].isdigit() and not host.endswith("]")
    text = host.encode("ascii")
    return bytes([len(text), has_port]) + text


_MODULE: Final = """
(module
  (import "cm32p2|wasi:http/types@0.2" "[method]outgoing-request.authority"
    (func $authority (param $request i32) (param $result i32)))
  (import "cm32p2|wasi:http/types@0.2" "outgoing-request_drop" (func $drop_request (param i32)))
  (import "cm32p2|wasi:http/types@0.2" "request-options_drop" (func $drop_options (param i32)))
  (import "cm32p2|wasi:http/outgoing-handler@0.2" "handle"
    (func $handle (param $request i32) (param $has_options i32) (param $options i32)
      (param $result i32)))

  ;; 0: option<string>, 64: result<future-incoming-response, error-code>, 1024: the list: for each
  ;; host its length and whether it has a port, a byte each, and its bytes in lower case; then a 0.
  (memory (export "cm32p2_memory") PAGES)
  (data (i32.const 1024) "HOSTS")
  (global $list i32 (i32.const 1024))
  (global $heap i32 (i32.const END))
  (global $top (mut i32) (i32.const END))

  ;; Nothing is freed until the call is over.
  (func (export "cm32p2_realloc")
    (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
    (local $new i32)
    (local.set $new
      (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $new) (local.get $size)))
    (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
      (then
        (if (i32.eq
              (memory.grow
                (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))
              (i32.const -1))
          (then unreachable))))
    (memory.copy (local.get $new) (local.get $old)
      (select (local.get $had) (local.get $size)
        (i32.lt_u (local.get $had) (local.get $size))))
    (local.get $new))

  (func $lower (param $byte i32) (result i32)
    (i32.add (local.get $byte)
      (i32.mul (i32.const 32)
        (i32.lt_u (i32.sub (local.get $byte) (i32.const 65)) (i32.const 26)))))

  ;; Whether all bytes from $at on are digits.
  (func $digits (param $at i32) (param $end i32) (result i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 1))))
      (if (i32.ge_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10))
        (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    unreachable)

  ;; Whether the text from $at on is the host at $host, with any port unless that names one.
  (func $is (param $at i32) (param $end i32) (param $host i32) (result i32)
    (local $left i32) (local $byte i32)
    (local.set $left (i32.load8_u (local.get $host)))
    (local.set $byte (i32.add (local.get $host) (i32.const 2)))
    (if (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (local.get $left))
      (then (return (i32.const 0))))
    (loop $next
      (if (local.get $left)
        (then
          (if (i32.ne
                (call $lower (i32.load8_u (local.get $at)))
                (i32.load8_u (local.get $byte)))
            (then (return (i32.const 0))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $next))))
    (if (i32.eq (local.get $at) (local.get $end)) (then (return (i32.const 1))))
    (if (i32.load8_u offset=1 (local.get $host)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 58)) (then (return (i32.const 0))))
    (call $digits (i32.add (local.get $at) (i32.const 1)) (local.get $end)))

  ;; Whether an authority, such as `user@host:80`, is of a host in the list.
  (func $allowed (param $at i32) (param $end i32) (result i32)
    (local $byte i32) (local $host i32)
    (local.set $byte (local.get $at))
    (loop $next
      (if (i32.lt_u (local.get $byte) (local.get $end))
        (then
          (if (i32.eq (i32.load8_u (local.get $byte)) (i32.const 64))
            (then (local.set $at (i32.add (local.get $byte) (i32.const 1)))))
          (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
          (br $next))))
    (local.set $host (global.get $list))
    (loop $next
      (if (i32.load8_u (local.get $host))
        (then
          (if (call $is (local.get $at) (local.get $end) (local.get $host))
            (then (return (i32.const 1))))
          (local.set $host
            (i32.add (i32.add (local.get $host) (i32.load8_u (local.get $host))) (i32.const 2)))
          (br $next))))
    (i32.const 0))

  (func (export "cm32p2|wasi:http/outgoing-handler@0.2|handle")
    (param $request i32) (param $has_options i32) (param $options i32) (result i32)
    (call $authority (local.get $request) (i32.const 0))
    (if (i32.load8_u (i32.const 0))
      (then
        (if (call $allowed (i32.load (i32.const 4))
              (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 8))))
          (then
            (call $handle (local.get $request) (local.get $has_options) (local.get $options)
              (i32.const 64))
            (return (i32.const 64))))))
    (call $drop_request (local.get $request))
    (if (local.get $has_options) (then (call $drop_options (local.get $options))))
    (i32.store (i32.const 64) (i32.const 1)) ;; an error
    (i32.store (i32.const 72) (i32.const 15)) ;; HTTP-request-denied
    (i32.const 64))
  (func (export "cm32p2|wasi:http/outgoing-handler@0.2|handle_post") (param i32)
    (global.set $top (global.get $heap)))
  (func (export "cm32p2_initialize")))
"""

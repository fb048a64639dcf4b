"""Components in the text format, so that no compiler is needed."""

CALC_WIT = """
package acme:calc@0.1.0;

interface ops {
    enum op { add, mul, div, hot-potato }
    enum problem { division-by-zero, too-hot }
    record expr { left: s32, right: s32, op: op }
    eval: func(e: expr) -> result<s32, problem>;
    double-it: func(value: u32) -> u32;
    spin: func();
    boom: func();
}

world calc {
    export ops;
    export version: func() -> u32;
}
"""

CALC_WAT = """
(module
  (memory (export "memory") 1)
  (func (export "acme:calc/ops@0.1.0#eval") (param $l i32) (param $r i32) (param $op i32)
      (result i32)
    (i32.store (i32.const 16) (i32.const 0))
    (if (i32.eq (local.get $op) (i32.const 0))
      (then (i32.store (i32.const 20) (i32.add (local.get $l) (local.get $r)))))
    (if (i32.eq (local.get $op) (i32.const 1))
      (then (i32.store (i32.const 20) (i32.mul (local.get $l) (local.get $r)))))
    (if (i32.eq (local.get $op) (i32.const 2))
      (then
        (if (i32.eqz (local.get $r))
          (then (i32.store (i32.const 16) (i32.const 1)) (i32.store8 (i32.const 20) (i32.const 0)))
          (else (i32.store (i32.const 20) (i32.div_s (local.get $l) (local.get $r)))))))
    (if (i32.eq (local.get $op) (i32.const 3))
      (then (i32.store (i32.const 16) (i32.const 1)) (i32.store8 (i32.const 20) (i32.const 1))))
    (i32.const 16))
  (func (export "acme:calc/ops@0.1.0#double-it") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2)))
  (func (export "acme:calc/ops@0.1.0#spin") (loop (br 0)))
  (func $broken (export "acme:calc/ops@0.1.0#boom") unreachable)
  (func (export "version") (result i32) (i32.const 7)))
"""


def echo(types: str, echoed: dict[str, str]) -> tuple[str, str]:
    """Return WIT and code of a component that returns what it gets, and one that asks the host.

    Each function has more parameters than fit into registers, so they are in memory, and the result
    is laid out as they are: `give-NAME` returns the address that it got, `ask-NAME` has the host
    do so.

    Args:
        types: Definitions of types.
        echoed: Type by name.
    """
    signature = "func(value: {0}, pad: pad) -> tuple<{0}, pad>"
    functions = [f"give-{name}: {signature.format(type_)};" for name, type_ in echoed.items()]
    asks = [f"ask-{line[5:]}" for line in functions]
    pad = f"type pad = tuple<{', '.join(['u64'] * 17)}>;"
    wit = f"""
package test:echo;
interface types {{ {pad} {types} }}
interface host {{ use types.{{{_names(types)}}}; {" ".join(functions)} }}
interface guest {{ use types.{{{_names(types)}}}; {" ".join([*functions, *asks])} }}
world echo {{ import host; export guest; }}
"""
    lines = [
        '(memory (export "memory") 16) (global $free (mut i32) (i32.const 4096))',
        '(func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)',
        "(local $at i32)",
        "(local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))",
        "(global.set $free (i32.add (local.get $at) (local.get 3))) (local.get $at))",
    ]
    for name in echoed:
        lines.insert(
            0, f'(import "test:echo/host" "give-{name}" (func $host-{name} (param i32 i32)))'
        )
        lines += [
            f'(func (export "test:echo/guest#give-{name}") (param i32) (result i32) local.get 0)',
            f'(func (export "test:echo/guest#ask-{name}") (param i32) (result i32) (local $to i32)',
            "(local.set $to (call $realloc (i32.const 0) (i32.const 0) (i32.const 8)",
            "(i32.const 1024)))",
            f"(call $host-{name} (local.get 0) (local.get $to)) (local.get $to))",
        ]
    return wit, f"(module {' '.join(lines)})"


def _names(types: str) -> str:
    words = types.replace("{", " ").split()
    kinds = ("record", "variant", "enum", "flags")
    return ", ".join(["pad", *(words[n + 1] for n, word in enumerate(words) if word in kinds)])


PAD = tuple(range(17))

COUNTERS_WIT = """
package acme:r@1.2.0;

interface counters {
    resource counter {
        constructor(start: u32);
        add: func(n: u32) -> u32;
        merge: static func(one: counter, other: borrow<counter>) -> counter;
    }
    dropped: func() -> u32;
}

world provider { export counters; }
"""

APP_WIT = f"""{COUNTERS_WIT}
world app {{
    import counters;
    import log: func(text: string);
    use counters.{{counter}};
    export count: func(start: u32) -> u32;
    export keep: func(one: counter) -> u32;
    export lend: func(one: borrow<counter>) -> u32;
    export shout: func();
    export ask-dropped: func() -> u32;
}}
"""

COUNTERS_WAT = """
(module
  (import "[export]acme:r/counters@1.2.0" "[resource-new]counter"
    (func $new (param i32) (result i32)))
  (import "[export]acme:r/counters@1.2.0" "[resource-rep]counter"
    (func $rep (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 64))
  (global $dropped (mut i32) (i32.const 0))
  (func (export "acme:r/counters@1.2.0#[constructor]counter") (param i32) (result i32)
    (global.set $next (i32.add (global.get $next) (i32.const 4)))
    (i32.store (global.get $next) (local.get 0))
    (call $new (global.get $next)))
  (func (export "acme:r/counters@1.2.0#[method]counter.add") (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1)))
    (i32.load (local.get 0)))
  (func (export "acme:r/counters@1.2.0#[static]counter.merge") (param i32 i32) (result i32)
    (local $at i32)
    (local.set $at (call $rep (local.get 0)))
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.load (local.get 1))))
    (local.get 0))
  (func (export "acme:r/counters@1.2.0#[dtor]counter") (param i32)
    (global.set $dropped (i32.add (global.get $dropped) (i32.const 1))))
  (func (export "acme:r/counters@1.2.0#dropped") (result i32) (global.get $dropped)))
"""

APP_WAT = """
(module
  (import "acme:r/counters@1.2.0" "[constructor]counter" (func $make (param i32) (result i32)))
  (import "acme:r/counters@1.2.0" "[method]counter.add" (func $add (param i32 i32) (result i32)))
  (import "acme:r/counters@1.2.0" "[resource-drop]counter" (func $drop (param i32)))
  (import "acme:r/counters@1.2.0" "dropped" (func $dropped (result i32)))
  (import "$root" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "h\\c3\\a9!")
  (func (export "count") (param i32) (result i32) (local $one i32)
    (local.set $one (call $make (local.get 0)))
    (drop (call $add (local.get $one) (i32.const 1)))
    (call $add (local.get $one) (i32.const 1))
    (call $drop (local.get $one)))
  (func (export "keep") (param i32) (result i32)
    (call $add (local.get 0) (i32.const 10)) (call $drop (local.get 0)))
  (func (export "lend") (param i32) (result i32)
    (call $add (local.get 0) (i32.const 100)) (call $drop (local.get 0)))
  (func (export "shout") (call $log (i32.const 8) (i32.const 4)))
  (func (export "ask-dropped") (result i32) (call $dropped)))
"""

PROBE_WAT = """
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 900) "out")
  (func $put (param $fd i32) (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 1024) (i32.const 2048)))
    (call $put (i32.const 1) (i32.const 2048) (i32.load (i32.const 20)))
    (drop (call $env_sizes (i32.const 24) (i32.const 28)))
    (drop (call $env (i32.const 4096) (i32.const 8192)))
    (call $put (i32.const 1) (i32.const 8192) (i32.load (i32.const 28)))
    (i32.store (i32.const 0) (i32.const 16384))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $put (i32.const 2) (i32.const 16384) (i32.load (i32.const 8)))
    (drop (call $random (i32.const 512) (i32.const 8)))
    (drop (call $time (i32.const 0) (i64.const 1) (i32.const 520)))
    (if (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 900) (i32.const 3)
          (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 32)))
      (then (call $put (i32.load (i32.const 32)) (i32.const 512) (i32.const 16)))
      (else (if (i32.eq (i32.load (i32.const 16)) (i32.const 5))
        (then (call $put (i32.const 2) (i32.const 900) (i32.const 3))))))
    (if (i32.eq (i32.load (i32.const 16)) (i32.const 2)) (then (call $exit (i32.const 1))))
    (if (i32.eq (i32.load (i32.const 16)) (i32.const 3))
      (then
        (i64.store (i32.const 640) (i64.const 0))
        (i32.store (i32.const 656) (i32.const 1))
        (i64.store (i32.const 664) (i64.const 3600000000000))
        (drop (call $poll (i32.const 640) (i32.const 720) (i32.const 1) (i32.const 800)))))
    (if (i32.eq (i32.load (i32.const 16)) (i32.const 4)) (then (unreachable)))))
"""
"""A command. It prints its arguments and variables, copies standard input to standard error, and
writes 8 random bytes and the nanoseconds of the clock to the file `out` in its first directory. One
argument makes it exit with code 1, two make it wait for an hour, three trap, four report on
standard error that the file could not be written."""

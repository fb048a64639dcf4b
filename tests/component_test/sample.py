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

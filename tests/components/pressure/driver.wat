;; Calls every export of the downloader COUNT times and traps at the first answer that is not the one of
;; the first time. TOOLS names of NAME_BYTES bytes each begin at 65536; the directory is at 16.
(module
  (type $text (func (param i32 i32 i32)))
  (import "doit-wasm:updater/releases@0.1.0" "tools" (func $tools (type $text)))
  (import "doit-wasm:updater/releases@0.1.0" "watched" (func $watched (type $text)))
  (import "doit-wasm:updater/releases@0.1.0" "read" (func $read (param i32 i32 i32 i32 i32)))
  (import "doit-wasm:updater/releases@0.1.0" "begin" (func $begin (param i32 i32 i32 i32 i32 i32)))
  (import "doit-wasm:updater/releases@0.1.0" "[method]run.next" (func $next (param i32 i32)))
  (import "doit-wasm:updater/releases@0.1.0" "[resource-drop]run" (func $drop_run (param i32)))
  (memory (export "memory") 512)
  (data (i32.const 16) "DIRECTORY")
  (data (i32.const 128) "known")
  (data (i32.const 65536) "NAMES")
  (global $free (mut i32) (i32.const 4194304))

  ;; What the components return lies above 4 MiB until the next call.
  (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (if (local.get $old) (then (unreachable)))
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.const 33554432)) (then (unreachable)))
    (local.get $at))
  (func $forget (global.set $free (i32.const 4194304)))

  ;; FNV-1a of some bytes, continued.
  (func $hash (param $sum i32) (param $at i32) (param $length i32) (result i32)
    (block $end (loop $more
      (br_if $end (i32.eqz (local.get $length)))
      (local.set $sum (i32.mul
        (i32.xor (local.get $sum) (i32.load8_u (local.get $at))) (i32.const 16777619)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $more)))
    (local.get $sum))
  ;; Hash the string whose address and length lie at a place.
  (func $hash_text (param $sum i32) (param $place i32) (result i32)
    (call $hash (local.get $sum) (i32.load (local.get $place)) (i32.load offset=4 (local.get $place))))

  (func $must_be (param $got i32) (param $want i32)
    (if (i32.ne (local.get $got) (local.get $want)) (then (unreachable))))

  ;; The result area is at 256; what a result holds begins at 264, as an error has a number of 64 bits.
  (func $texts (param $sum i32) (result i32)
    (local $at i32) (local $left i32)
    (call $forget)
    (call $tools (i32.const 16) (i32.const DIRECTORY_BYTES) (i32.const 256))
    (call $must_be (i32.load8_u (i32.const 256)) (i32.const 0))
    (local.set $at (i32.load (i32.const 264)))
    (local.set $left (i32.load (i32.const 268)))
    (block $end (loop $more
      (br_if $end (i32.eqz (local.get $left)))
      (local.set $sum (call $hash_text (local.get $sum) (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $more)))
    (call $forget)
    (call $read (i32.const 16) (i32.const DIRECTORY_BYTES) (i32.const 128) (i32.const 5) (i32.const 256))
    (call $must_be (i32.load8_u (i32.const 256)) (i32.const 0))
    (local.set $sum (call $hash_text (local.get $sum) (i32.const 264)))
    (call $forget)
    (call $watched (i32.const 16) (i32.const DIRECTORY_BYTES) (i32.const 256))
    (call $must_be (i32.load8_u (i32.const 256)) (i32.const 0))
    (call $hash_text (local.get $sum) (i32.const 264)))

  ;; Each tool of the run is unknown: its outcome holds its name twice, the second time in an error.
  (func $a_run (param $sum i32) (result i32)
    (local $run i32) (local $seen i32)
    (call $forget)
    (call $begin (i32.const 16) (i32.const DIRECTORY_BYTES) (i32.const 1024) (i32.const TOOLS) (i32.const 0) (i32.const 256))
    (call $must_be (i32.load8_u (i32.const 256)) (i32.const 0))
    (local.set $run (i32.load (i32.const 264)))
    (block $end (loop $more
      (call $forget)
      (call $next (local.get $run) (i32.const 256))
      (br_if $end (i32.eqz (i32.load8_u (i32.const 256))))
      ;; `finished` is case 3, `failed` case 6 and `unknown-tool` case 0; other events tell the time.
      (br_if $more (i32.ne (i32.load8_u (i32.const 264)) (i32.const 3)))
      (local.set $seen (i32.add (local.get $seen) (i32.const 1)))
      (local.set $sum (call $hash_text (local.get $sum) (i32.const 272)))
      (call $must_be (i32.load8_u (i32.const 280)) (i32.const 6))
      (call $must_be (i32.load8_u (i32.const 288)) (i32.const 0))
      (local.set $sum (call $hash_text (local.get $sum) (i32.const 296)))
      (br $more)))
    (call $must_be (local.get $seen) (i32.const TOOLS))
    (call $drop_run (local.get $run))
    (local.get $sum))

  (func (export "wasi:cli/run@0.2.0#run") (result i32)
    (local $left i32) (local $first i32)
    (local.set $left (i32.const TOOLS))
    (loop $list
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (i32.store (i32.add (i32.const 1024) (i32.shl (local.get $left) (i32.const 3)))
        (i32.add (i32.const 65536) (i32.mul (local.get $left) (i32.const NAME_BYTES))))
      (i32.store (i32.add (i32.const 1028) (i32.shl (local.get $left) (i32.const 3))) (i32.const NAME_BYTES))
      (br_if $list (local.get $left)))
    (local.set $first (call $a_run (call $texts (i32.const 17))))
    (local.set $left (i32.const COUNT))
    (loop $more
      (call $must_be (call $a_run (call $texts (i32.const 17))) (local.get $first))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))
    (i32.const 0)))

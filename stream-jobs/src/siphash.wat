;; SipHash-2-4 with 128 bits of output (Aumasson and Bernstein), one message at a time.
;; Memory: 0 the state that the key begins with (4 x i64), 32 the hash (2 x i64), 64 the message, with 8 bytes to spare
;; behind it. siphash-wasm.ts holds these instructions as bytes; siphash.test.ts holds both together.
(module
  (memory (export "memory") 1)
  (func (export "hash") (param $length i32)
    (local $v0 i64) (local $v1 i64) (local $v2 i64) (local $v3 i64) (local $m i64)
    (local $at i32) (local $last i32) (local $rounds i32)
    (local.set $v0 (i64.load (i32.const 0)))
    (local.set $v1 (i64.load (i32.const 8)))
    (local.set $v2 (i64.load (i32.const 16)))
    (local.set $v3 (i64.load (i32.const 24)))
    (local.set $at (i32.const 64))
    (local.set $last (i32.add (i32.const 64) (i32.and (local.get $length) (i32.const -8))))
    ;; The last block: what is left of the message, zeros, the length in its last byte.
    (i64.store (i32.add (i32.const 64) (local.get $length)) (i64.const 0))
    (i32.store8 (i32.add (local.get $last) (i32.const 7)) (local.get $length))
    ;; A step a block, then two steps without one, which give 64 bits each.
    (loop $step
      (if (i32.le_u (local.get $at) (local.get $last))
        (then
          (local.set $m (i64.load (local.get $at)))
          (local.set $v3 (i64.xor (local.get $v3) (local.get $m)))
          (local.set $rounds (i32.const 2)))
        (else
          (local.set $m (i64.const 0))
          (local.set $rounds (i32.const 4))
          (if (i32.eq (local.get $at) (i32.add (local.get $last) (i32.const 8)))
            (then (local.set $v2 (i64.xor (local.get $v2) (i64.const 0xee))))
            (else (local.set $v1 (i64.xor (local.get $v1) (i64.const 0xdd)))))))
      (loop $round
        (local.set $v0 (i64.add (local.get $v0) (local.get $v1)))
        (local.set $v2 (i64.add (local.get $v2) (local.get $v3)))
        (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 13)) (local.get $v0)))
        (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 16)) (local.get $v2)))
        (local.set $v0 (i64.rotl (local.get $v0) (i64.const 32)))
        (local.set $v2 (i64.add (local.get $v2) (local.get $v1)))
        (local.set $v0 (i64.add (local.get $v0) (local.get $v3)))
        (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 17)) (local.get $v2)))
        (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 21)) (local.get $v0)))
        (local.set $v2 (i64.rotl (local.get $v2) (i64.const 32)))
        (br_if $round (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
      (local.set $v0 (i64.xor (local.get $v0) (local.get $m)))
      (if (i32.eq (local.get $at) (i32.add (local.get $last) (i32.const 8)))
        (then
          (i64.store (i32.const 32)
            (i64.xor (i64.xor (local.get $v0) (local.get $v1)) (i64.xor (local.get $v2) (local.get $v3))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $step (i32.le_u (local.get $at) (i32.add (local.get $last) (i32.const 16)))))
    (i64.store (i32.const 40)
      (i64.xor (i64.xor (local.get $v0) (local.get $v1)) (i64.xor (local.get $v2) (local.get $v3))))))

/** Planes are what the format says, and come back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { invalid, randomBytes, sizes } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";
import { elementBytesOf, special16, special32 } from "./specimens.ts";

export function planesConform(kernels: Kernels, memory: Guarded): void {
  test("bf16 planes are exponent, and sign above mantissa", () => {
    const src = memory.place(elementBytesOf(2, 3, (i) => [0x3f81, 0xbf80, 0x7fc1][i] as number));
    const [exponents, signMantissas] = [memory.room(3), memory.room(3)];
    kernels.splitBf16(src, exponents, signMantissas);
    assert.deepEqual([...exponents], [0x7f, 0x7f, 0xff]);
    assert.deepEqual([...signMantissas], [0x01, 0x80, 0x41]);
    memory.check();
  });

  test("f32 planes hold the exponent last and the sign in the lowest bit of the first", () => {
    const src = memory.place(elementBytesOf(4, 1, () => 0xbf812345));
    const out = [memory.room(1), memory.room(1), memory.room(1), memory.room(1)] as const;
    kernels.splitF32(src, out);
    assert.deepEqual(
      out.map(([byte]) => byte),
      [0x8b, 0x46, 0x02, 0x7f],
    );
    memory.check();
  });

  test("planes come back as the elements they were, whatever the bits", () => {
    for (const n of sizes) {
      const pairs = memory.place(n === 17 ? elementBytesOf(2, n, (i) => special16[i] as number) : randomBytes(2 * n, n), 1);
      const quads = memory.place(n === 7 ? elementBytesOf(4, n, (i) => special32[i] as number) : randomBytes(4 * n, n), 3);
      const p = [1, 2, 3, 5].map((skew) => memory.room(n, skew)) as unknown as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const [back2, back4] = [memory.room(2 * n, 7), memory.room(4 * n, 9)];
      kernels.splitBf16(pairs, p[0], p[1]);
      kernels.mergeBf16(p[0], p[1], back2);
      assert.deepEqual(back2, pairs);
      kernels.split16(pairs, p[0], p[1]);
      kernels.merge16(p[0], p[1], back2.fill(0));
      assert.deepEqual(back2, pairs);
      kernels.splitF32(quads, p);
      kernels.mergeF32(p, back4);
      assert.deepEqual(back4, quads);
      memory.check();
    }
  });

  test("planes of another size are refused", () => {
    const [src, half, short] = [memory.room(8), memory.room(4), memory.room(3)];
    invalid(() => kernels.splitBf16(src, half, short));
    invalid(() => kernels.split16(src.subarray(1), half, half));
    invalid(() => kernels.mergeF32([short, half, half, half], src));
    memory.check();
  });
}

/** Strided rows, and comparison. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { invalid, randomBytes, seed, sizes } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";

export function rowsConform(kernels: Kernels, memory: Guarded): void {
  test("rows are gathered from their strides and scattered back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9 }), (rowBytes, gap, count) => {
        const stride = rowBytes + gap;
        const strided = memory.place(randomBytes(Math.max(0, (count - 1) * stride + rowBytes), rowBytes), gap % 16);
        const block = memory.room(count * rowBytes, 1);
        kernels.gather(strided, stride, rowBytes, count, block);
        for (let r = 0; r < count; r++) assert.deepEqual(block.subarray(r * rowBytes, (r + 1) * rowBytes), strided.subarray(r * stride, r * stride + rowBytes));
        const back = memory.room(strided.length, 3).fill(0);
        kernels.scatter(block, rowBytes, count, back, stride);
        for (let r = 0; r < count; r++) assert.deepEqual(back.subarray(r * stride, r * stride + rowBytes), block.subarray(r * rowBytes, (r + 1) * rowBytes));
        if (gap > 0 && count > 1) assert.equal(back[rowBytes], 0, "the gaps are left alone");
        memory.check();
      }),
      { seed, numRuns: 60 },
    );
  });

  test("rows that leave their view, or do not fill the block, are refused", () => {
    const view = memory.room(100);
    invalid(() => kernels.gather(view, 10, 10, 11, memory.room(110)));
    invalid(() => kernels.gather(view, 10, 5, 4, memory.room(21)));
    invalid(() => kernels.gather(view, 10, 5, 4, memory.room(19)));
    invalid(() => kernels.scatter(memory.room(20), 10, 2, view, 95));
    invalid(() => kernels.gather(view, -1, 1, 2, memory.room(2)));
    invalid(() => kernels.gather(view, 0.5, 0, 2, memory.room(0)));
    memory.check();
  });

  test("equal sees every byte", () => {
    for (const n of sizes) {
      const [a, b] = [memory.place(randomBytes(n, n), 1), memory.place(randomBytes(n, n), 2)];
      assert.equal(kernels.equal(a, b), true);
      for (const at of [0, Math.floor(n / 2), n - 1].filter((place) => place >= 0 && place < n)) {
        b[at] = (b[at] as number) ^ 1;
        assert.equal(kernels.equal(a, b), false);
        b[at] = (b[at] as number) ^ 1;
      }
      assert.equal(kernels.equal(a, b.subarray(1)), n === 0);
      memory.check();
    }
  });
}

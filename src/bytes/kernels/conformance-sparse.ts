/** Masks and values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { invalid, seed, sizes } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";
import { elementBytesOf, randomFrom } from "./specimens.ts";

export function sparseConforms(kernels: Kernels, memory: Guarded): void {
  test("elements that are not zero are kept in order; −0 and NaN are not zero", () => {
    const src = memory.place(
      elementBytesOf(2, 9, (i) => [0, 0x8000, 0, 0x7fc1, 0, 0, 0, 1, 2][i] as number),
      1,
    );
    const [mask, values] = [memory.room(2), memory.room(18)];
    assert.equal(kernels.countZeros(2, src), 5);
    assert.equal(kernels.compact(2, src, mask, values), 4);
    assert.deepEqual([...mask], [0b10001010, 1]);
    assert.deepEqual(
      values.subarray(0, 8),
      elementBytesOf(2, 4, (i) => [0x8000, 0x7fc1, 1, 2][i] as number),
    );
    memory.check();
  });

  test("what is compacted expands to what it was", () => {
    const random = randomFrom(seed);
    for (const width of [2, 4] as const) {
      for (const n of sizes) {
        const src = memory.place(
          elementBytesOf(width, n, () => (random() < 0.6 ? 0 : Math.floor(random() * 65535))),
          1,
        );
        const [mask, values, back] = [memory.room(Math.ceil(n / 8), 3), memory.room(n * width, 5), memory.room(n * width, 7)];
        const kept = kernels.compact(width, src, mask, values);
        assert.equal(kernels.countMask(mask, n), kept);
        assert.equal(kept, n - kernels.countZeros(width, src));
        const exact = memory.place(values.subarray(0, kept * width), 1);
        kernels.expand(width, mask, exact, back);
        assert.deepEqual(back, src);
        memory.check();
      }
    }
  });

  test("a mask that goes on behind its elements, or does not fit its values, is refused", () => {
    const mask = memory.place([0xff, 0x02]);
    assert.equal(kernels.countMask(mask, 9), -1);
    invalid(() => kernels.countMask(mask, 17));
    invalid(() => kernels.expand(2, mask, memory.room(16), memory.room(18)));
    memory.check();
  });
}

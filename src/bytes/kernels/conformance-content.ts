/** Where content is cut. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../core/limits.ts";
import { randomBytes } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";

export function contentConforms(kernels: Kernels, memory: Guarded): void {
  const { contentChunkBytesMin: min, contentChunkBytesMax: max } = limits;
  const text = randomBytes(3 << 20, 99);

  test("cuts keep their bounds and cover all bytes at the end", () => {
    const lengths = kernels.cutContent(memory.place(text), true);
    assert.equal(
      lengths.reduce((sum, length) => sum + length, 0),
      text.length,
    );
    assert.ok(lengths.slice(0, -1).every((length) => length > min && length <= max));
    assert.ok(lengths.length >= 7 && lengths.length <= 20, `${lengths.length} chunks of 3 MiB`);
    memory.check();
  });

  test("more bytes do not move the cuts that were made without the end", () => {
    const whole = kernels.cutContent(memory.place(text), true);
    memory.check();
    for (const length of [0, 1, min, min + 1, 700_001, 2_500_000]) {
      const some = kernels.cutContent(memory.place(text.subarray(0, length), 1), false);
      assert.deepEqual(some, whole.slice(0, some.length));
      assert.ok(length - some.reduce((sum, each) => sum + each, 0) <= max);
      memory.check();
    }
  });

  test("bytes without a cut are cut at the largest size", () => {
    assert.deepEqual(kernels.cutContent(memory.place(new Uint8Array(2 * max + 5)), true), [max, max, 5]);
    assert.deepEqual(kernels.cutContent(memory.room(0), true), []);
    memory.check();
  });

  test("an insertion moves only the cuts near it", () => {
    const changed = new Uint8Array(text.length + 1);
    changed.set(text.subarray(0, 1000));
    changed.set(text.subarray(1000), 1001);
    const ends = (lengths: readonly number[]): number[] => lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));
    const before = ends(kernels.cutContent(memory.place(text), true));
    memory.check();
    const after = ends(kernels.cutContent(memory.place(changed), true)).map((end) => end - 1);
    assert.ok(before.filter((end) => after.includes(end)).length >= before.length - 2);
    memory.check();
  });
}

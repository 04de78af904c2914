/** Delta blocks come back, whatever the bits, and damaged ones touch nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bf16Shape, f32Shape, invalid, randomBytes, seed } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { DeltaShape, Kernels } from "./kernels.ts";
import { bf16Bits, elementBytesOf, f32Bits, normal, randomFrom, special16, special32 } from "./specimens.ts";

export function deltasConform(kernels: Kernels, memory: Guarded): void {
  const weights = (shape: DeltaShape, n: number, noise: number): { src: Uint8Array; base: Uint8Array } => {
    const random = randomFrom(seed + n);
    const values = Array.from({ length: n }, () => normal(random) * 0.02);
    const bits = shape.width === 2 ? bf16Bits : f32Bits;
    const base = elementBytesOf(shape.width, n, (i) => bits(values[i] as number));
    const src = elementBytesOf(shape.width, n, (i) => bits((values[i] as number) + normal(random) * noise));
    return { src, base };
  };

  for (const shape of [bf16Shape, f32Shape]) {
    test(`deltas of ${8 * shape.width} bits come back`, () => {
      for (const n of [0, 8, 16, 800, 4096, 4104, 9000]) {
        const { src, base } = weights(shape, n, 0.0002);
        roundTrip(kernels, memory, shape, src, base);
      }
    });

    test(`deltas of ${8 * shape.width} bits come back from unrelated and special bits`, () => {
      const specials = shape.width === 2 ? special16 : special32;
      for (const n of [8, 96, 6000]) {
        roundTrip(kernels, memory, shape, randomBytes(n * shape.width, n), randomBytes(n * shape.width, n + 1));
        const special = (salt: number): Uint8Array => elementBytesOf(shape.width, n, (i) => specials[(i * salt) % specials.length] as number);
        roundTrip(kernels, memory, shape, special(5), special(7));
      }
    });

    test(`a damaged delta block of ${8 * shape.width} bits never writes outside, and never comes back silently short`, () => {
      const { src, base } = weights(shape, 4104, 0.0002);
      const room = memory.room(20_000);
      const block = Uint8Array.from(room.subarray(0, kernels.encodeDelta(shape, memory.place(src), memory.place(base), room)));
      memory.check();
      const random = randomFrom(seed);
      for (let round = 0; round < 60; round++) {
        const length = round % 3 === 0 ? Math.floor(random() * block.length) : block.length;
        const stored = memory.place(block.subarray(0, length), round % 5);
        if (length === block.length) stored[Math.floor(random() * (round % 2 === 0 ? 200 : length))] = 256 * random();
        const accepted = kernels.decodeDelta(shape, stored, memory.place(base), memory.room(src.length, 1));
        assert.ok(length === block.length || !accepted, "a block that was cut short was taken");
        memory.check();
      }
    });
  }

  test("a block begins and ends in the states of its encoder", () => {
    const base = memory.place(elementBytesOf(2, 16, () => bf16Shape.top << 7));
    const out = memory.room(6000);
    const block = out.subarray(0, kernels.encodeDelta(bf16Shape, base, base, out));
    const back = memory.room(32);
    assert.deepEqual([...block], [1, 132, 0, ...new Array(15 + 20).fill(0)], "one symbol in one context takes no bits");
    assert.equal(kernels.decodeDelta(bf16Shape, block, base, back), true);
    for (const [at, value] of [
      [18, 5],
      [20, 1],
      [19, 4],
      [19, 32],
      [25, 128],
    ] as const) {
      block[at] = value;
      assert.equal(kernels.decodeDelta(bf16Shape, block, base, back), false, `byte ${at} is ${value}`);
      block[at] = 0;
    }
    memory.check();
  });

  test("a delta block that would not fit is not written", () => {
    const [src, base] = [memory.place(randomBytes(32_000, 1)), memory.place(randomBytes(32_000, 2))];
    assert.equal(kernels.encodeDelta(bf16Shape, src, base, memory.room(5000)), 0);
    memory.check();
  });

  test("unchanged elements count as symbol 0 of the context of their base", () => {
    const base = memory.place(elementBytesOf(2, 8, (i) => (bf16Shape.top - i) << 7));
    const counts = kernels.countDelta(bf16Shape, base, base);
    assert.deepEqual(
      [0, 1, 7, 8].map((context) => counts[128 * context]),
      [1, 1, 1, 0],
    );
    memory.check();
  });

  test("views that are not whole blocks, or shapes that no element has, are refused", () => {
    const view = memory.room(32);
    invalid(() => kernels.encodeDelta(bf16Shape, view.subarray(2), view.subarray(2), memory.room(9000)));
    invalid(() => kernels.decodeDelta(bf16Shape, view, view.subarray(16), view));
    invalid(() => kernels.countDelta({ ...bf16Shape, exponentShift: 16 }, view, view));
    memory.check();
  });
}

function roundTrip(kernels: Kernels, memory: Guarded, shape: DeltaShape, rawSrc: Uint8Array, rawBase: Uint8Array): void {
  const [src, base] = [memory.place(rawSrc, 1), memory.place(rawBase, 3)];
  const [out, back] = [memory.room(6000 + 2 * src.length, 5), memory.room(src.length, 7)];
  const bytes = kernels.encodeDelta(shape, src, base, out);
  assert.ok(bytes > 0);
  const exact = memory.place(out.subarray(0, bytes), 1);
  assert.ok(kernels.decodeDelta(shape, exact, base, back));
  assert.deepEqual(back, src);
  memory.check();
}

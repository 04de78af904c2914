/** What every driver of the kernels must do. Each array stands between guards, at an odd place. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Guarded } from "./guarded.ts";
import type { DeltaShape, Kernels } from "./kernels.ts";
import { bf16Bits, byteKinds, elementBytesOf, f32Bits, normal, randomFrom, special16, special32 } from "./specimens.ts";

export interface Subject {
  readonly kernels: Kernels;
  readonly memory: Guarded;
}

const seed = 20261124;
const sizes = [0, 1, 7, 8, 15, 16, 17, 31, 33, 64, 127, 1000, 4099];
export const bf16Shape: DeltaShape = { width: 2, exponentShift: 7, exponentMask: 255, top: 122 };
export const f32Shape: DeltaShape = { width: 4, exponentShift: 23, exponentMask: 255, top: 122 };

function randomBytes(length: number, salt: number): Uint8Array {
  return (byteKinds.random as (typeof byteKinds)[string])(length, randomFrom(seed + salt));
}

function invalid(call: () => unknown): void {
  assert.throws(call, (error) => isFault(error, "ARGUMENT_INVALID"));
}

export function kernelConformance(name: string, open: () => Subject): void {
  describe(`kernels: ${name}`, () => {
    const { kernels, memory } = open();
    planes(kernels, memory);
    entropy(kernels, memory);
    sparse(kernels, memory);
    deltas(kernels, memory);
    rows(kernels, memory);
    content(kernels, memory);
  });
}

function planes(kernels: Kernels, memory: Guarded): void {
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

function entropy(kernels: Kernels, memory: Guarded): void {
  test("byte counts are exact", () => {
    const counts = kernels.countBytes(memory.place([...new Array(21).fill(7), 255, 0, 0], 1));
    assert.deepEqual([counts[7], counts[255], counts[0], counts[1]], [21, 1, 2, 0]);
    memory.check();
  });

  test("Huffman blocks come back, from planes of every kind and size", () => {
    for (const [kind, make] of Object.entries(byteKinds)) {
      for (const length of [0, 3, 4, 5, 63, 64, 1001, 20_003]) {
        const plane = memory.place(make(length, randomFrom(seed + length)), 1);
        const out = memory.room(2 * length + 300, 3);
        const back = memory.room(length, 5);
        const bytes = kernels.encodeHuffman(plane, out);
        if (bytes > 0) assert.ok(kernels.decodeHuffman(out.subarray(0, bytes), back), `${kind} of ${length}`);
        if (bytes > 0) assert.deepEqual(back, plane);
        else assert.ok(length < 4 || new Set(plane).size < 2, `${kind} of ${length} was not coded`);
        memory.check();
      }
    }
  });

  test("a block that would not fit is not begun", () => {
    const plane = memory.place((byteKinds.exponents as (typeof byteKinds)[string])(4000, randomFrom(1)));
    assert.equal(kernels.encodeHuffman(plane, memory.room(700)), 0);
    assert.ok(kernels.encodeHuffman(plane, memory.room(1100)) > 0);
    memory.check();
  });

  test("a block for another number of symbols, cut short or with a code that is not complete is refused", () => {
    const plane = memory.place((byteKinds.exponents as (typeof byteKinds)[string])(4000, randomFrom(2)));
    const room = memory.room(4000);
    const block = room.subarray(0, kernels.encodeHuffman(plane, room));
    const out = memory.room(8000);
    for (const length of [3996, 4004, 8000]) assert.equal(kernels.decodeHuffman(block, out.subarray(0, length)), false);
    for (let cut = 0; cut < block.length; cut += 37) assert.equal(kernels.decodeHuffman(block.subarray(0, cut), out.subarray(0, 4000)), false);
    block[2] = (block[2] as number) ^ 0x11;
    assert.equal(kernels.decodeHuffman(block, out.subarray(0, 4000)), false);
    memory.check();
  });

  test("a block of random bytes is refused and writes nothing outside", () => {
    for (let round = 0; round < 300; round++) {
      const block = memory.place(randomBytes(20 + round, round), round % 7);
      kernels.decodeHuffman(block, memory.room(1 + 3 * round));
      memory.check();
    }
  });
}

function sparse(kernels: Kernels, memory: Guarded): void {
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

function deltas(kernels: Kernels, memory: Guarded): void {
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

function rows(kernels: Kernels, memory: Guarded): void {
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

function content(kernels: Kernels, memory: Guarded): void {
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

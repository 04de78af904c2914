/** The two drivers against each other, byte for byte: on everything that an encoder makes, and on what damage makes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MiB } from "../../core/units.ts";
import { bf16Shape, f32Shape } from "./conformance-tools.ts";
import { Guarded } from "./guarded.ts";
import { type DeltaShape, openKernels } from "./index.ts";
import { bf16Bits, byteKinds, elementBytesOf, f32Bits, normal, randomFrom } from "./specimens.ts";
import { twinKernels } from "./twin/index.ts";

const memory = new WebAssembly.Memory({ initial: 768, maximum: 768, shared: true });
const wasm = openKernels(memory, { offset: 16, bytes: 24 * MiB });
const twin = twinKernels();
const guarded = new Guarded(new Uint8Array(memory.buffer), 25 * MiB);
const options = { seed: 20261124, numRuns: 150 };

/** Bytes of a kind, a seed for what is done with them, and how far off the alignment they stand. */
const planes = fc.record({
  kind: fc.constantFrom(...Object.values(byteKinds)),
  length: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 71, max: 6000 })),
  seed: fc.integer(),
  skew: fc.integer({ min: 0, max: 15 }),
});
const plane = planes.map(({ kind, length, seed, skew }) => ({ bytes: kind(length, randomFrom(seed)), random: randomFrom(seed + 1), skew }));

/** A few changed bytes, or a new length. */
function damage(block: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.2) return block.slice(0, Math.floor(random() * block.length));
  const damaged = block.slice();
  const reach = random() < 0.5 ? Math.min(160, damaged.length) : damaged.length;
  for (let hits = 1 + Math.floor(random() * 3); hits > 0 && damaged.length > 0; hits--) damaged[Math.floor(random() * reach)] = 256 * random();
  return damaged;
}

test("Huffman blocks are the same, and so is what damaged ones decode to", () => {
  fc.assert(
    fc.property(plane, ({ bytes, random, skew }) => {
      const ours = guarded.room(bytes.length + 200, skew);
      const theirs = new Uint8Array(ours.length);
      const written = wasm.encodeHuffman(guarded.place(bytes, skew), ours);
      assert.equal(written, twin.encodeHuffman(bytes, theirs));
      assert.deepEqual(ours.subarray(0, written), theirs.subarray(0, written));
      guarded.check();
      const stored = damage(theirs.subarray(0, written), random);
      const [out, expected] = [guarded.room(bytes.length, skew), new Uint8Array(bytes.length)];
      const taken = wasm.decodeHuffman(guarded.place(stored, skew), out);
      assert.equal(taken, twin.decodeHuffman(stored, expected));
      if (taken) assert.deepEqual(out, expected);
      guarded.check();
    }),
    options,
  );
});

function pairOf(shape: DeltaShape, elements: number, noise: number, seed: number): { src: Uint8Array; base: Uint8Array } {
  const random = randomFrom(seed);
  const bits = shape.width === 2 ? bf16Bits : f32Bits;
  const values = Array.from({ length: elements }, () => (random() < 0.01 ? normal(random) : normal(random) * 0.03));
  const base = elementBytesOf(shape.width, elements, (i) => bits(values[i] as number));
  const src = elementBytesOf(shape.width, elements, (i) => (random() < 0.02 ? 2 ** 32 * random() : bits((values[i] as number) + normal(random) * noise)));
  return { src, base };
}

const half: DeltaShape = { width: 2, exponentShift: 10, exponentMask: 31, top: 14, dropped: 0 };
const wide: DeltaShape = { ...f32Shape, dropped: 13 };
const coarse: DeltaShape = { ...bf16Shape, dropped: 3 };
const deltas = fc.record({
  shape: fc.constantFrom(bf16Shape, f32Shape, half, wide, coarse),
  elements: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 500, max: 540 })).map((blocks) => 8 * blocks),
  noise: fc.constantFrom(0, 1e-6, 1e-4, 1e-2),
  seed: fc.integer(),
  skew: fc.integer({ min: 0, max: 15 }),
});

test("delta blocks are the same, and so is what damaged ones decode to", () => {
  fc.assert(
    fc.property(deltas, ({ shape, elements, noise, seed, skew }) => {
      const { src, base } = pairOf(shape, elements, noise, seed);
      const [ourSrc, ourBase] = [guarded.place(src, skew), guarded.place(base, skew)];
      assert.deepEqual(wasm.countDelta(shape, ourSrc, ourBase), twin.countDelta(shape, src, base));
      const ours = guarded.room(src.length * 2 + 5000, skew);
      const theirs = new Uint8Array(ours.length);
      const written = wasm.encodeDelta(shape, ourSrc, ourBase, ours);
      assert.equal(written, twin.encodeDelta(shape, src, base, theirs));
      assert.deepEqual(ours.subarray(0, written), theirs.subarray(0, written));
      const stored = damage(theirs.subarray(0, written), randomFrom(seed + 1));
      const [out, expected] = [guarded.room(src.length, skew), new Uint8Array(src.length)];
      const taken = wasm.decodeDelta(shape, guarded.place(stored, skew), ourBase, out);
      assert.equal(taken, twin.decodeDelta(shape, stored, base, expected));
      if (taken) assert.deepEqual(out, expected);
      guarded.check();
    }),
    { ...options, numRuns: 80 },
  );
});

test("planes, masks, counts, comparisons are the same", () => {
  fc.assert(
    fc.property(plane, ({ bytes, skew }) => {
      const whole = bytes.subarray(0, bytes.length & ~3);
      const src = guarded.place(whole, skew);
      assert.deepEqual(wasm.countBytes(src), twin.countBytes(whole));
      const outputs = [2, 2, 4, 4, 4, 4].map((share) => guarded.room(whole.length / share, skew));
      const [a, b, c, d, e, f] = outputs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const [ta, tb, tc, td, te, tf] = outputs.map((room) => new Uint8Array(room.length)) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      wasm.splitBf16(src, a, b);
      twin.splitBf16(whole, ta, tb);
      assert.deepEqual([a, b], [ta, tb]);
      wasm.splitF32(src, [c, d, e, f]);
      twin.splitF32(whole, [tc, td, te, tf]);
      assert.deepEqual([c, d, e, f], [tc, td, te, tf]);
      for (const width of [2, 4] as const) {
        const maskBytes = Math.ceil(whole.length / width / 8);
        const [mask, values, theirMask, theirValues] = [
          guarded.room(maskBytes),
          guarded.room(whole.length),
          new Uint8Array(maskBytes),
          new Uint8Array(whole.length),
        ];
        const kept = wasm.compact(width, src, mask, values);
        assert.equal(kept, twin.compact(width, whole, theirMask, theirValues));
        assert.deepEqual([mask, values.subarray(0, kept * width)], [theirMask, theirValues.subarray(0, kept * width)]);
      }
      guarded.check();
    }),
    options,
  );
});

test("content is cut at the same places", () => {
  const random = randomFrom(7);
  for (let round = 0; round < 4; round++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 1.5 * MiB) }, () => 256 * random());
    const text = bytes.map((byte) => (round % 2 === 0 ? byte : 97 + (byte % 3)));
    assert.deepEqual(wasm.cutContent(guarded.place(text, round), true), twin.cutContent(text, true));
    guarded.check();
  }
});

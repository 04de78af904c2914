import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Element } from "../../core/element.ts";
import { isFault } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { type Section, type Slice, type Split, sliceOf } from "./index.ts";
import { plainSection } from "./split.ts";

const bytesPerValue = 2;

function tensorOf(shape: readonly number[], start = 0, element: Element = "bf16", bytes?: number): TensorEntry {
  const size = bytes ?? shape.reduce((a, b) => a * b, 1) * bytesPerValue;
  return { name: "w", dtype: "BF16", element, shape, range: { start, end: start + size } };
}

const splitAlong = (dim: number, sections: readonly Section[], uneven: "refuse" | "replicate" = "refuse"): Split => ({ kind: "split", dim, sections, uneven });

/** The file offsets of a slice's bytes, in its order, by the definition of its pieces. */
function offsetsOf(slice: Slice): number[] {
  return slice.pieces.flatMap(({ start, rows, rowBytes, stride }) =>
    Array.from({ length: rows * rowBytes }, (_, at) => start + Math.floor(at / rowBytes) * stride + (at % rowBytes)),
  );
}

/** The same by coordinates: the bytes of the values whose index along `dim` is one of `kept`, in the order of `kept`. */
function reference(tensor: TensorEntry, dim: number, kept: readonly number[]): number[] {
  const { shape, range } = tensor;
  const outer = shape.slice(0, dim).reduce((a, b) => a * b, 1);
  const inner = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
  const values: number[] = [];
  for (let o = 0; o < outer; o++) for (const index of kept) for (let i = 0; i < inner; i++) values.push((o * (shape[dim] as number) + index) * inner + i);
  return values.flatMap((value) => [range.start + value * bytesPerValue, range.start + value * bytesPerValue + 1]);
}

/** A rank's indexes along the split dimension, section by section. */
function indexesOf(sections: readonly Section[], rank: number, ranks: number): number[] {
  let start = 0;
  return sections.flatMap(({ size }) => {
    const share = size / ranks;
    const kept = Array.from({ length: share }, (_, at) => start + rank * share + at);
    start += size;
    return kept;
  });
}

const layout = fc
  .record({
    before: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    shares: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    after: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    ranks: fc.integer({ min: 1, max: 5 }),
    start: fc.nat(1000),
  })
  .map(({ before, shares, after, ranks, start }) => {
    const sections = shares.map((share) => plainSection(share * ranks));
    const size = sections.reduce((sum, section) => sum + section.size, 0);
    return { tensor: tensorOf([...before, size, ...after], start), dim: before.length, sections, ranks };
  });

test("a rank gets the bytes that indexing gives it, in row-major order, and the shape says how many", () => {
  fc.assert(
    fc.property(layout, ({ tensor, dim, sections, ranks }) => {
      for (let rank = 0; rank < ranks; rank++) {
        const slice = sliceOf(tensor, splitAlong(dim, sections), rank, ranks);
        const offsets = offsetsOf(slice);
        assert.deepEqual(offsets, reference(tensor, dim, indexesOf(sections, rank, ranks)));
        assert.equal(offsets.length, slice.shape.reduce((a, b) => a * b, 1) * bytesPerValue);
      }
    }),
    { numRuns: 300 },
  );
});

test("the ranks together hold each byte of the tensor once", () => {
  fc.assert(
    fc.property(layout, ({ tensor, dim, sections, ranks }) => {
      const all = Array.from({ length: ranks }, (_, rank) => offsetsOf(sliceOf(tensor, splitAlong(dim, sections), rank, ranks))).flat();
      const { start, end } = tensor.range;
      assert.deepEqual(
        all.sort((a, b) => a - b),
        Array.from({ length: end - start }, (_, at) => start + at),
      );
    }),
  );
});

test("one piece where one will do", () => {
  const one = (shape: number[], dim: number, ranks: number) =>
    sliceOf(tensorOf(shape), splitAlong(dim, [plainSection(shape[dim] as number)]), ranks - 1, ranks).pieces;
  assert.deepEqual(one([8, 4], 0, 4), [{ start: 48, rows: 1, rowBytes: 16, stride: 16 }]);
  assert.deepEqual(one([8, 4], 1, 4), [{ start: 6, rows: 8, rowBytes: 2, stride: 8 }]);
  assert.deepEqual(one([8, 4], 1, 1), [{ start: 0, rows: 1, rowBytes: 64, stride: 64 }]);
});

test("fewer key-value heads than ranks are shared by neighbouring ranks", () => {
  const split = splitAlong(0, [{ size: 8, units: 2, shared: true }]);
  const starts = Array.from({ length: 4 }, (_, rank) => sliceOf(tensorOf([8, 1]), split, rank, 4)).map(({ shape, pieces }) => [shape[0], pieces[0]?.start]);
  assert.deepEqual(starts, [
    [4, 0],
    [4, 0],
    [4, 8],
    [4, 8],
  ]);
});

test("what the ranks do not divide is refused with advice, or whole where the rule says so", () => {
  const isInvalid = (error: unknown) => isFault(error, "PLAN_INVALID") && error.advice !== undefined && /w of shape/.test(error.message);
  assert.throws(() => sliceOf(tensorOf([10, 4]), splitAlong(0, [plainSection(10)]), 0, 4), isInvalid);
  assert.throws(() => sliceOf(tensorOf([12, 4]), splitAlong(0, [{ size: 12, units: 3, shared: false }]), 0, 4), isInvalid, "no head is cut");
  assert.throws(() => sliceOf(tensorOf([12, 4]), splitAlong(0, [{ size: 12, units: 3, shared: true }]), 0, 4), isInvalid, "3 heads for 4 ranks");
  const whole = sliceOf(tensorOf([10, 4]), splitAlong(0, [plainSection(10)], "replicate"), 3, 4);
  assert.deepEqual(whole, sliceOf(tensorOf([10, 4]), { kind: "replicate" }, 0, 4));
  assert.deepEqual(whole, { shape: [10, 4], pieces: [{ start: 0, rows: 1, rowBytes: 80, stride: 80 }] });
});

test("blocks of quantized rows stay whole", () => {
  const rows = 4;
  const q4 = tensorOf([rows, 64], 0, "q4_0", rows * 2 * 18);
  assert.deepEqual(sliceOf(q4, splitAlong(1, [plainSection(64)]), 1, 2).pieces, [{ start: 18, rows: 4, rowBytes: 18, stride: 36 }]);
  assert.throws(() => sliceOf(q4, splitAlong(1, [plainSection(64)]), 1, 4), /cut through a block/);
});

test("offsets of a huge tensor are exact", () => {
  // (rows − 2) × rows × width / rows is not what it should be in doubles.
  const [rows, width] = [999_009, 1_000_003];
  const last = sliceOf(tensorOf([rows, width]), splitAlong(0, [plainSection(rows)]), rows - 2, rows).pieces[0];
  assert.equal(last?.start, (rows - 2) * width * 2);
});

test("an empty tensor has no pieces, and a foreign rank is refused", () => {
  assert.deepEqual(sliceOf(tensorOf([0, 4]), splitAlong(1, [plainSection(4)]), 1, 2), { shape: [0, 2], pieces: [] });
  for (const [rank, size] of [
    [4, 4],
    [-1, 4],
    [0, 0],
    [0.5, 2],
  ] as const)
    assert.throws(
      () => sliceOf(tensorOf([4]), { kind: "replicate" }, rank, size),
      (error) => isFault(error, "ARGUMENT_INVALID"),
    );
});

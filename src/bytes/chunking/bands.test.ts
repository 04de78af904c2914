import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Run } from "../../core/manifest.ts";
import { type Band, bandsIn, bandsOf, countChunks } from "./index.ts";

const small = fc.integer({ min: 1, max: 7 });
type Unplaced = (start: number) => Run;
const even: fc.Arbitrary<Unplaced> = fc
  .record({ bytes: fc.integer({ min: 1, max: 40 }), step: small })
  .map((rest) => (start) => ({ kind: "even", start, element: "bf16", ...rest }));
const tiled: fc.Arbitrary<Unplaced> = fc
  .record({ columns: fc.integer({ min: 2, max: 4 }), width: small, rows: small, bandRows: small })
  .map(({ columns, width, rows, bandRows }) => (start) => {
    const rowBytes = columns * width;
    return { kind: "tiled", start, bytes: rows * rowBytes, rowBytes, columns, bandRows, element: "bf16" };
  });
const content: fc.Arbitrary<Unplaced> = fc
  .array(small, { minLength: 1, maxLength: 9 })
  .map((lengths) => (start) => ({ kind: "content", start, lengths, bytes: lengths.reduce((a, b) => a + b), element: "text" }));

const runs = fc.array(fc.oneof(even, tiled, content), { maxLength: 6 }).map((unplaced) => {
  let end = 0;
  return unplaced.map((at) => {
    const run = at(end);
    end += run.bytes;
    return run;
  });
});

const sizeOf = (runs: readonly Run[]) => runs.reduce((sum, run) => sum + run.bytes, 0);

/** The offsets in the file of each byte of each chunk, by the definition of a spot. */
function offsetsOf(band: Band): number[] {
  return band.chunks.flatMap(({ start, rows, rowBytes, stride }) =>
    Array.from({ length: rows * rowBytes }, (_, at) => start + Math.floor(at / rowBytes) * stride + (at % rowBytes)),
  );
}

test("bands follow each other, and the chunks of a band hold each of its bytes once", () => {
  fc.assert(
    fc.property(runs, (runs) => {
      let end = 0;
      for (const band of bandsOf(runs)) {
        assert.equal(band.start, end);
        end += band.bytes;
        const sorted = offsetsOf(band).sort((a, b) => a - b);
        assert.deepEqual(
          sorted,
          Array.from({ length: band.bytes }, (_, at) => band.start + at),
        );
        for (const spot of band.chunks) assert.equal(spot.bytes, spot.rows * spot.rowBytes);
      }
      assert.equal(end, sizeOf(runs));
    }),
  );
});

test("chunks are numbered in order, and there are as many as are counted", () => {
  fc.assert(
    fc.property(runs, (runs) => {
      const indexes = [...bandsOf(runs)].flatMap((band) => band.chunks.map((spot) => spot.index));
      assert.deepEqual(indexes, [...Array(countChunks(runs)).keys()]);
    }),
  );
});

test("bandsIn finds exactly the bands that touch a range", () => {
  fc.assert(
    fc.property(runs, fc.nat(260), fc.nat(80), (runs, start, length) => {
      const range = { start, end: start + length };
      const touched = [...bandsOf(runs)].filter((band) => length > 0 && band.start < range.end && range.start < band.start + band.bytes);
      assert.deepEqual([...bandsIn(runs, range)], touched);
    }),
    { numRuns: 500 },
  );
});

test("a tile's rows are laid one behind the other", () => {
  const run: Run = { kind: "tiled", start: 100, bytes: 24, rowBytes: 6, columns: 3, bandRows: 3, element: "bf16" };
  const [first, last] = [...bandsOf([run])];
  assert.deepEqual(first?.chunks[1], { index: 1, start: 102, rows: 3, rowBytes: 2, stride: 6, bytes: 6 });
  assert.deepEqual(last?.chunks[2], { index: 5, start: 122, rows: 1, rowBytes: 2, stride: 6, bytes: 2 });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bandsOf } from "../../bytes/chunking/index.ts";
import type { FileEntry, Run } from "../../core/manifest.ts";
import type { Copy } from "../../machine/jobs.ts";
import type { FileRows } from "./intersect.ts";
import { windowsOf } from "./plan.ts";

/** The file: byte i is a number that no other position within 2^24 has, three bytes apart. */
const fileOf = (bytes: number): Uint32Array => Uint32Array.from({ length: bytes }, (_, index) => index);

function bytesOfSlice(file: Uint32Array, slice: FileRows): number[] {
  return Array.from({ length: slice.rows }, (_, row) => [
    ...file.subarray(slice.start + row * slice.stride, slice.start + row * slice.stride + slice.rowBytes),
  ]).flat();
}

function applyCopies(out: (number | undefined)[], chunk: readonly number[], copies: readonly Copy[]): void {
  for (const copy of copies)
    for (let row = 0; row < copy.rows; row++)
      for (let byte = 0; byte < copy.rowBytes; byte++) {
        const to = copy.to + row * copy.toStride + byte;
        assert.equal(out[to], undefined, "a byte of the window is written twice");
        out[to] = chunk[copy.from + row * copy.fromStride + byte];
      }
}

const columns = fc.constantFrom(1, 2, 4);
const tiled = fc.record({ columns, part: fc.integer({ min: 1, max: 6 }), rows: fc.integer({ min: 1, max: 20 }), bandRows: fc.integer({ min: 1, max: 7 }) });
const even = fc.record({ bytes: fc.integer({ min: 1, max: 200 }), step: fc.integer({ min: 1, max: 50 }) });

function runsFrom(parts: readonly ({ bytes: number; step: number } | { columns: number; part: number; rows: number; bandRows: number })[]): {
  runs: Run[];
  bytes: number;
} {
  const runs: Run[] = [];
  let start = 0;
  for (const part of parts) {
    if ("step" in part) runs.push({ kind: "even", start, bytes: part.bytes, step: part.step, element: "unknown" });
    else {
      const rowBytes = part.columns * part.part;
      runs.push({ kind: "tiled", start, bytes: rowBytes * part.rows, rowBytes, columns: part.columns, bandRows: part.bandRows, element: "unknown" });
    }
    start += runs.at(-1)?.bytes ?? 0;
  }
  return { runs, bytes: start };
}

function assemble(runs: readonly Run[], bytes: number, slice: FileRows): (number | undefined)[] {
  const file = fileOf(bytes);
  const chunks = [...bandsOf(runs)].flatMap((band) => band.chunks.map((spot) => bytesOfSlice(file, spot)));
  const digests = new Uint8Array(chunks.length * 32);
  for (let index = 0; index < chunks.length; index++) new DataView(digests.buffer).setUint32(index * 32, index, true);
  const entry = { path: "f", bytes, runs, digests } as unknown as FileEntry;
  const total = slice.rows * slice.rowBytes;
  const out: (number | undefined)[] = new Array(total).fill(undefined);
  for (const window of windowsOf([{ name: "t", bytes: total, parts: [{ file: entry, slice }] }])) {
    const memory: (number | undefined)[] = new Array(window.bytes).fill(undefined);
    for (const { digest, copies } of window.chunks)
      applyCopies(memory, chunks[new DataView(digest.buffer, digest.byteOffset).getUint32(0, true)] as number[], copies);
    for (const stretch of window.stretches) for (let at = 0; at < stretch.bytes; at++) out[stretch.start + at] = memory[stretch.at + at];
  }
  return out;
}

test("any contiguous slice of any runs is put together from the chunks, each byte once", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(even, tiled), { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (parts, a, b) => {
      const { runs, bytes } = runsFrom(parts);
      const start = a % bytes;
      const rowBytes = 1 + (b % (bytes - start));
      const slice = { start, rows: 1, rowBytes, stride: rowBytes };
      assert.deepEqual(assemble(runs, bytes, slice), bytesOfSlice(fileOf(bytes), slice));
    }),
    { numRuns: 500 },
  );
});

test("columns of a matrix are put together whether it was tiled or not, on the tiles' edges or across them", () => {
  fc.assert(
    fc.property(tiled, fc.boolean(), fc.nat(), fc.nat(), fc.integer({ min: 0, max: 9 }), (shape, isTiled, a, b, before) => {
      const rowBytes = shape.columns * shape.part;
      const matrix = isTiled ? shape : { bytes: rowBytes * shape.rows, step: 5 };
      const { runs, bytes } = runsFrom([{ bytes: before + 1, step: 3 }, matrix]);
      const column = a % rowBytes;
      const slice = { start: before + 1 + column, rows: shape.rows, rowBytes: 1 + (b % (rowBytes - column)), stride: rowBytes };
      assert.deepEqual(assemble(runs, bytes, slice), bytesOfSlice(fileOf(bytes), slice));
    }),
    { numRuns: 1000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Element, elementBytes } from "../../core/element.ts";
import { isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { checkRuns } from "../../core/runs.ts";
import { KiB, MiB } from "../../core/units.ts";
import { bandsOf, type ContentRegion, type PlannedRun, planRuns, type Tile, tensorAt, untiled, withContent } from "./index.ts";

const whole = () => untiled;

function matrix(name: string, start: number, shape: readonly number[], element: Element = "bf16"): TensorEntry {
  const bytes = shape.reduce((a, b) => a * b, 1) * elementBytes[element];
  return { name, dtype: element.toUpperCase(), element, shape, range: { start, end: start + bytes } };
}

/** Tensors laid one behind the other from `start`, each after its gap. */
function lay(start: number, ...parts: readonly (readonly [gap: number, ...shape: number[]])[]): TensorEntry[] {
  let end = start;
  return parts.map(([gap, ...shape], index) => {
    const tensor = matrix(`t${index}`, end + gap, shape);
    end = tensor.range.end;
    return tensor;
  });
}

function plan(tensors: readonly TensorEntry[], tail = 0, tile: (tensor: TensorEntry) => Tile = whole): PlannedRun[] {
  return planRuns({ bytes: (tensors.at(-1)?.range.end ?? 0) + tail, tensors, tile });
}

const halves = ({ bytes }: ContentRegion) => [Math.ceil(bytes / 2), Math.floor(bytes / 2)];
const spans = (planned: readonly PlannedRun[]) => planned.map((run) => [run.kind, run.start, run.bytes]);

const dimension = fc.constantFrom(0, 1, 3, 64, 100, 768, 1024, 4096);
const layout = fc.record({
  head: fc.integer({ min: 0, max: 200_000 }),
  tail: fc.integer({ min: 0, max: 100_000 }),
  parts: fc.array(
    fc.tuple(fc.constantFrom(0, 0, 24, 4095, 4096, 70_000), dimension, dimension).map(([gap, ...shape]) => [gap, ...shape] as const),
    { maxLength: 12 },
  ),
  tile: fc.record({ rows: fc.constantFrom(1, 8, 48), columns: fc.constantFrom(1, 8, 24) }),
});

test("the runs of any layout tile the file, and no chunk exceeds the common size", () => {
  fc.assert(
    fc.property(layout, ({ head, tail, parts, tile }) => {
      const tensors = lay(head, ...parts);
      const bytes = (tensors.at(-1)?.range.end ?? head) + tail;
      const runs = withContent(planRuns({ bytes, tensors, tile: () => tile }), halves);
      checkRuns(runs, bytes);
      for (const band of bandsOf(runs)) for (const spot of band.chunks) assert.ok(spot.bytes <= limits.chunkBytes);
    }),
  );
});

test("a large tensor is cut from its own start, however long the header is", () => {
  const cuts = (head: number) => [...bandsOf(withContent(plan(lay(head, [0, 1000, 1000])), halves))].slice(-2).map((band) => [band.start - head, band.bytes]);
  assert.deepEqual(cuts(1000), [
    [0, MiB],
    [MiB, 2_000_000 - MiB],
  ]);
  assert.deepEqual(cuts(60_001), cuts(1000));
});

test("small neighbours share a chunk, with the gaps between them, up to the common size", () => {
  const tensors = lay(64, [0, 100], [24, 100], [4095, 100], [4096, 100], [0, 1000, 1000], [0, 30_000]);
  assert.deepEqual(spans(plan(tensors)), [
    ["even", 0, 64],
    ["even", 64, 4719],
    ["even", 4783, 4096],
    ["even", 8879, 200],
    ["even", 9079, 2_000_000],
    ["even", 2_009_079, 60_000],
  ]);
  const many = plan(lay(0, ...Array.from({ length: 40 }, () => [0, 30_000] as const)));
  assert.deepEqual(spans(many), [
    ["even", 0, 17 * 60_000],
    ["even", 17 * 60_000, 17 * 60_000],
    ["even", 34 * 60_000, 6 * 60_000],
  ]);
});

test("a group has an element only where its tensors agree", () => {
  const elementsOf = (second: Element) => plan([matrix("a", 0, [10]), matrix("b", 20, [10], second)]).map((run) => "element" in run && run.element);
  assert.deepEqual(elementsOf("bf16"), ["bf16"]);
  assert.deepEqual(elementsOf("f32"), ["unknown"]);
});

test("header, large gaps and the rest are cut by content when they are large, whole when not", () => {
  const tensors = lay(64 * KiB + 1, [0, 1000, 1000], [70_000, 1000, 1000]);
  assert.deepEqual(spans(plan(tensors, 10)), [
    ["content-to-cut", 0, 64 * KiB + 1],
    ["even", 65_537, 2_000_000],
    ["content-to-cut", 2_065_537, 70_000],
    ["even", 2_135_537, 2_000_000],
    ["even", 4_135_537, 10],
  ]);
  assert.deepEqual(spans(plan([], 5 * MiB)), [["content-to-cut", 0, 5 * MiB]]);
  assert.deepEqual(plan([], 0), []);
});

test("boundaries lie on the shares of ranks, where steps stay whole and not tiny", () => {
  const step = (shape: readonly number[], rows: number, element: Element = "bf16") => {
    const [run] = plan([matrix("w", 0, shape, element)], 0, () => ({ rows, columns: 1 }));
    return run?.kind === "even" ? run.step : undefined;
  };
  assert.equal(step([4096, 4096], 8), MiB);
  assert.equal(step([11008, 4096], 8), (11008 * 8192) / 8 / 16);
  assert.equal(step([512, 2048], 8), (512 * 4096) / 8);
  assert.equal(step([1100, 512], 8), (1100 * 1024) / 8, "rows that do not divide, but bytes that do");
  assert.equal(step([1001, 1001], 8), MiB, "no part has whole elements");
  assert.equal(step([256, 2048], 8), MiB / 8, "the key heads of a small model: one chunk would be read whole by every rank");
  assert.equal(step([128, 1024], 8), 64 * KiB, "4 parts, because 8 would be tiny");
  assert.equal(step([48, 1024], 8), MiB, "2 would be tiny");
  assert.equal(step([1024, 1024], 64), 64 * KiB, "32 parts, because 64 would be tiny");
});

test("no chunk cuts through a block of a block type", () => {
  const shape = [4096, 4096 / 32];
  const [run] = plan([matrix("w", 0, shape, "q4_0")]);
  assert.equal(run?.kind === "even" && run.step, Math.floor(MiB / 18) * 18);
});

test("a matrix is tiled where its rows divide into whole elements", () => {
  const tile = (shape: readonly number[], columns: number, element: Element = "bf16") => {
    const [run] = plan([matrix("w", 0, shape, element)], 0, () => ({ rows: 1, columns }));
    return run?.kind === "tiled" ? [run.columns, run.rowBytes, run.bandRows] : run?.kind;
  };
  assert.deepEqual(tile([4096, 4096], 8), [8, 8192, 1024]);
  assert.deepEqual(tile([2, 1024, 4096], 8), [8, 8192, 1024], "all outer dimensions are rows");
  assert.deepEqual(tile([4096, 4092], 8), [4, 8184, 512], "8 does not fit, 4 does");
  assert.deepEqual(tile([1600, 4800], 24), [24, 9600, 873], "a band never exceeds the window");
  assert.equal(tile([4096, 4095], 8), "even");
  assert.deepEqual(tile([512, 1024], 8), [8, 2048, 512], "less than one common chunk");
  assert.deepEqual(tile([128, 1024], 8), [4, 2048, 128], "8 would be tiny");
  assert.equal(tile([48, 1024], 8), "even", "2 would be tiny");
  assert.equal(tile([2, 8 * MiB], 8), "even", "a row above the window");
  assert.deepEqual(tile([4096, 128], 8, "q4_0"), [8, 2304, 3640], "whole blocks");
});

test("a tensor that overlaps another or leaves the file is refused", () => {
  const isInvalid = (error: unknown) => isFault(error, "FORMAT_INVALID");
  assert.throws(() => plan([matrix("a", 0, [10]), matrix("b", 19, [10])]), isInvalid);
  assert.throws(() => planRuns({ bytes: 19, tensors: [matrix("a", 0, [10])], tile: whole }), isInvalid);
});

test("lengths that do not fill their region are refused", () => {
  assert.throws(
    () => withContent(plan([], MiB), () => [5]),
    (error) => isFault(error, "ARGUMENT_INVALID"),
  );
});

test("tensorAt finds the owner of each byte", () => {
  const tensors = lay(10, [0, 2], [3, 0], [0, 3], [5, 1]);
  const owners = Array.from({ length: 32 }, (_, at) => tensorAt(tensors, at)?.name);
  const expected = Array.from({ length: 32 }, (_, at) => tensors.find(({ range }) => range.start <= at && at < range.end)?.name);
  assert.deepEqual(owners, expected);
});

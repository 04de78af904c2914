import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digestBytes } from "../../core/digest.ts";
import { limits } from "../../core/limits.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { MiB } from "../../core/units.ts";
import { type Target, type Window, windowsOf } from "./plan.ts";

const part = { literal: new Uint8Array(3 * MiB) };
const target = (parts: number, index: number): Target => ({ name: `t${index}`, bytes: parts * part.literal.length, parts: Array(parts).fill(part) });

/** The bytes of each target as the windows have them, each after the other. */
function coverage(targets: readonly Target[], windows: readonly Window[]): number[] {
  const ends = targets.map(() => 0);
  for (const { target: index, start, bytes } of windows.flatMap((window) => window.stretches)) {
    assert.equal(start, ends[index], "the windows of a target come in its order, without gaps");
    ends[index] = start + bytes;
  }
  return ends;
}

test("whatever the lanes, every byte of every target is in one window", () => {
  const targets = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }).map((sizes) => sizes.map(target));
  fc.assert(
    fc.property(targets, fc.integer({ min: 1, max: 4 }), (all, lanes) => {
      const windows = [...windowsOf(all, { align: 4096, lanes })];
      assert.deepEqual(
        coverage(all, windows),
        all.map(({ bytes }) => bytes),
      );
      assert.ok(windows.every(({ bytes }) => bytes > 0 && bytes < limits.windowBytes + 2 * part.literal.length));
    }),
  );
});

test("a window is full with the bytes that it is to have", () => {
  const windows = [...windowsOf([target(10, 0)], { bytes: limits.networkWindowBytes })];
  assert.deepEqual(
    windows.map(({ bytes }) => bytes / MiB),
    [18, 12],
  );
});

test("a window that wants little of each chunk has no more chunks than can be held", () => {
  const digests = new Uint8Array(200 * digestBytes);
  const runs = [{ kind: "even", start: 0, bytes: 200 * MiB, step: MiB }] as const;
  const file = { path: "a", bytes: 200 * MiB, runs, digests } as unknown as FileEntry;
  const slice = { start: 0, rows: 200, rowBytes: 1024, stride: MiB };
  const windows = [...windowsOf([{ name: "a", bytes: 200 * 1024, parts: [{ file, slice }] }])];
  assert.deepEqual(
    windows.map(({ chunks }) => chunks.length),
    [32, 32, 32, 32, 32, 32, 8],
  );
});

test("the windows of so many targets as there are lanes take turns, and a lane that is done goes on with the next target", () => {
  const targets = [6, 12, 9].map(target);
  const order = [...windowsOf(targets, { align: 4096, lanes: 2 })].map(({ stretches }) => stretches.map((stretch) => stretch.target).join("+"));
  assert.deepEqual(order, ["0", "1", "0", "1", "2", "1", "2", "1", "2"]);
});

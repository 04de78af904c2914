import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { test } from "node:test";
import { limits } from "../core/limits.ts";
import { GiB } from "../core/units.ts";
import { deskOffset } from "../machine/memory-map.ts";
import { sizeOf } from "./size.ts";

test("what is asked for is given", () => {
  assert.deepEqual(sizeOf(limits.arenaBytesMin, 2), { arenaBytes: limits.arenaBytesMin, workers: 2 });
});

test("never more than half of the machine, nor than can be addressed beside the workers", () => {
  const { arenaBytes } = sizeOf(1024 * GiB, 4);
  assert.ok(arenaBytes <= totalmem() / 2 && arenaBytes + deskOffset(4) <= 4 * GiB);
});

test("too little memory, and workers that cannot be, are refused", () => {
  assert.throws(() => sizeOf(limits.arenaBytesMin - 1, 2), { code: "ARGUMENT_INVALID" });
  assert.throws(() => sizeOf(Number.NaN, 2), { code: "ARGUMENT_INVALID" });
  for (const workers of [0, -1, 1.5, limits.workersMax + 1]) assert.throws(() => sizeOf(limits.arenaBytes, workers), { code: "ARGUMENT_INVALID" });
});

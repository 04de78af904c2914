import assert from "node:assert/strict";
import { availableParallelism, totalmem } from "node:os";
import { test } from "node:test";
import { limits } from "../core/limits.ts";
import { GiB, MiB } from "../core/units.ts";
import { deskOffset } from "../machine/memory-map.ts";
import { sizeOf, workersFor } from "./size.ts";
import { regionBytes } from "./store-engine.ts";

test("what is asked for is given", () => {
  assert.deepEqual(sizeOf(limits.arenaBytesMin, 2), { arenaBytes: limits.arenaBytesMin, workers: 2, cacheBytes: 0 });
  assert.equal(sizeOf(limits.arenaBytesMin, 2, 100 * MiB).cacheBytes, 100 * MiB);
});

test("never more than half of the machine, nor than can be addressed beside the workers", () => {
  const { arenaBytes } = sizeOf(1024 * GiB, 4);
  assert.ok(arenaBytes <= totalmem() / 2 && arenaBytes + deskOffset(4) + regionBytes(0) <= 4 * GiB);
  const both = sizeOf(limits.arenaBytes, 4, 1024 * GiB);
  assert.ok(both.arenaBytes + both.cacheBytes <= totalmem() / 2 && both.arenaBytes + deskOffset(4) + regionBytes(both.cacheBytes) <= 4 * GiB);
});

test("too little memory, and workers that cannot be, are refused", () => {
  assert.throws(() => sizeOf(limits.arenaBytesMin - 1, 2), { code: "ARGUMENT_INVALID" });
  assert.throws(() => sizeOf(Number.NaN, 2), { code: "ARGUMENT_INVALID" });
  for (const workers of [0, -1, 1.5, limits.workersMax + 1]) assert.throws(() => sizeOf(limits.arenaBytes, workers), { code: "ARGUMENT_INVALID" });
});

test("there are more workers where some of them wait for disks", () => {
  const [disk, bucket] = [{ url: "volumes/main" }, { url: "s3://bucket/models" }];
  assert.equal(workersFor([]), workersFor([disk]));
  assert.equal(workersFor([disk, bucket]), workersFor([disk]));
  if (availableParallelism() <= 13) assert.equal(workersFor([bucket]), workersFor([disk]) - 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { MiB } from "../../core/units.ts";
import { shardShapeFor } from "./shard-shape.ts";

test("a shard is a small part of a push, but never so small that an object costs more than its bytes", () => {
  const megabytes = (total: number, url: string) => Math.round(shardShapeFor(total, [{ url }]).shardBytes / MiB);
  const sizes = [1, 100e6, 4e9, 1e12];
  assert.deepEqual(sizes.map((total) => megabytes(total, "volumes/main")), [8, 8, 20, 64]); // biome-ignore format: beside the next
  assert.deepEqual(sizes.map((total) => megabytes(total, "s3://bucket")), [64, 64, 64, 64]); // biome-ignore format: beside the one above
});

test("more are on their way where each takes several round trips", () => {
  assert.ok(shardShapeFor(1e9, [{ url: "hdfs://host:9870/lake" }]).shardsAtOnce > shardShapeFor(1e9, [{ url: "file:/mnt/a" }]).shardsAtOnce);
});

/** A volume that is left alone: loads and pushes go round it, and those who find out how things are ask it all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { volumeReport } from "../../src/flows/volume-report.ts";
import type { VolumeHealth } from "../../src/places/volumes/index.ts";
import { examine, expectWell, look, model, second, volume } from "./acts.ts";
import { never, Stand } from "./stand.ts";

function leftAlone(stand: Stand, name: string): VolumeHealth {
  const health = stand.engine.volumes.health(volume(name));
  for (const breaker of [health.breakers.reads, health.breakers.writes]) while (!breaker.isOpen) breaker.failed();
  return health;
}

const gets = ({ meter }: VolumeHealth): number => meter.snapshot().get.operations;

test("loads and pushes go round a volume that is left alone", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  stand.world.stoppedAt = stand.world.ticks();
  const health = leftAlone(stand, "v1");
  const [before, puts] = [gets(health), health.meter.snapshot().put.operations];
  await stand.expectLoads(model);
  await stand.push(second, { model: "ns/other" });
  assert.deepEqual([gets(health), health.meter.snapshot().put.operations], [before, puts]);
});

test("scrub and doctor look through it, and what they find ends it", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const health = leftAlone(stand, "v1");
  const before = gets(health);
  const { unreachable, damaged } = await look(stand);
  assert.deepEqual([unreachable, damaged], [0, 0]);
  assert.ok(gets(health) > before);
  assert.equal(health.breakers.reads.isOpen, false);
  leftAlone(stand, "v1");
  assert.equal((await examine(stand)).clean, true);
  await expectWell(stand);
});

test("a listing asks it, and tells what was", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  leftAlone(stand, "v1");
  const reports = await volumeReport(stand.engine, async () => ({ capacityBytes: 2, freeBytes: 1 }), never);
  const [v1, v2] = reports;
  assert.ok(v1 && v2);
  assert.deepEqual([v1.problem, v1.breaker], [undefined, { reads: "closed", writes: "open" }]);
  assert.deepEqual([v2.problem, v2.breaker, v2.lastFailure], [undefined, { reads: "closed", writes: "closed" }, undefined]);
  assert.ok((v1.latency?.reads ?? 0) >= 8 && (v1.latency?.p95Ms ?? 0) >= (v1.latency?.p50Ms ?? 1));
});

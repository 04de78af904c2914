import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../src/core/errors.ts";
import { drainVolume } from "../../src/flows/drain.ts";
import { type RebalanceReport, rebalance } from "../../src/flows/rebalance.ts";
import { moveReplica } from "../../src/moves/replicate/index.ts";
import type { ObjectRow } from "../../src/places/catalog/index.ts";
import { expectWell, hurtFrame, mend, objectsOf, placesOf, volume } from "./acts.ts";
import { type Files, never, quiet, Stand, weights } from "./stand.ts";

/** Many small objects. */
const models: readonly Files[] = Array.from({ length: 6 }, (_, index) => ({ "model.safetensors": weights(8, 256, 100 + index) }));

async function pushAll(stand: Stand, replicas = 2): Promise<void> {
  for (const [index, files] of models.entries()) await stand.push(files, { model: `ns/m${index}`, groups: 8, replicas });
}

async function loadAll(stand: Stand): Promise<void> {
  for (const [index, files] of models.entries()) await stand.expectLoads(files, `ns/m${index}`);
}

function balance(stand: Stand, more: { bytesMax?: number; dryRun?: boolean } = {}, signal = never): Promise<RebalanceReport> {
  return rebalance(stand.engine, { bytesMax: Number.POSITIVE_INFINITY, dryRun: false, ...more }, quiet, signal);
}

async function bytesOn(stand: Stand, name: string): Promise<number> {
  const objects = await stand.engine.catalog.objectsOn(volume(name), undefined, 1000);
  return objects.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Where the only replica of each object lies. */
async function heldOn(stand: Stand, names: readonly string[]): Promise<Map<ObjectRow["id"], { readonly on: string; readonly bytes: number }>> {
  const held = await Promise.all(
    names.map(async (on) => (await stand.engine.catalog.objectsOn(volume(on), undefined, 1000)).map(({ id, bytes }) => [id, { on, bytes }] as const)),
  );
  return new Map(held.flat());
}

test("P11: an added volume gets its share; a trial moves nothing, and when all is in balance nothing moves", async () => {
  await using stand = await Stand.make(3);
  await pushAll(stand);
  await stand.addVolume("v4");
  const trial = await balance(stand, { dryRun: true });
  assert.equal(await bytesOn(stand, "v4"), 0);
  const report = await balance(stand);
  assert.deepEqual([report.failed, report.problems, report.moved, report.bytes], [0, [], trial.moved, trial.bytes]);
  const held = await Promise.all(["v1", "v2", "v3", "v4"].map((name) => bytesOn(stand, name)));
  const share = held.reduce((sum, bytes) => sum + bytes) / 4;
  for (const bytes of held) assert.ok(Math.abs(bytes / share - 1) < 0.1, `${held}`);
  assert.equal((await balance(stand)).moved, 0);
  await expectWell(stand);
  await loadAll(stand);
});

test("it ends after so many bytes, or when it is told to, and the next one goes on", async () => {
  await using stand = await Stand.make(2);
  await pushAll(stand, 1);
  await stand.addVolume("v3");
  const before = await heldOn(stand, ["v1", "v2", "v3"]);
  const all = await balance(stand, { dryRun: true });
  const first = await balance(stand, { bytesMax: all.bytes / 3 });
  assert.ok(first.moved > 0 && first.bytes <= all.bytes / 3 && first.overBytes > 0);
  const stop = new AbortController();
  const stopping = rebalance(stand.engine, { bytesMax: Number.POSITIVE_INFINITY, dryRun: false }, () => stop.abort(), stop.signal);
  await assert.rejects(stopping, (error) => isFault(error, "CANCELLED"));
  const last = await balance(stand);
  // What goes on chooses anew among what is left, which comes out within an object of what one would have moved.
  const largest = Math.max(...[...before.values()].map(({ bytes }) => bytes));
  assert.ok(last.moved > 0 && first.bytes + last.bytes <= all.bytes + largest, JSON.stringify({ all, first, last, largest }));
  const after = await heldOn(stand, ["v1", "v2", "v3"]);
  const displaced = [...before].reduce((sum, [object, { on, bytes }]) => sum + (after.get(object)?.on === on ? 0 : bytes), 0);
  assert.ok(first.bytes + last.bytes <= displaced, "nothing is moved twice");
  assert.equal((await balance(stand)).moved, 0);
  await expectWell(stand);
  await loadAll(stand);
});

test("R16: a volume that takes nothing: what should have gone there stays where it is, and goes when it does", async () => {
  await using stand = await Stand.make(2);
  await pushAll(stand, 1);
  await stand.addVolume("v3");
  const { volumes } = stand.engine;
  const get = volumes.get.bind(volumes);
  volumes.get = async (name) => {
    const real = await get(name);
    if (name !== "v3") return real;
    return { ...real, put: () => Promise.reject(new TypeError("the process dies here")) };
  };
  await assert.rejects(balance(stand), /dies here/);
  volumes.get = get;
  await loadAll(stand);
  assert.ok((await balance(stand)).moved > 0);
  assert.equal((await mend(stand)).failed, 0);
  await expectWell(stand);
  await loadAll(stand);
});

test("R16: a replica is given up only when there are enough others, and a damaged one is not copied", async () => {
  await using stand = await Stand.make(3);
  await stand.push(models[0] as Files, { groups: 1 });
  const [shard] = (await objectsOf(stand, "shard")) as [ObjectRow];
  const [a, b] = (await stand.engine.catalog.replicas([shard.id])).map((replica) => replica.volume);
  const free = ["v1", "v2", "v3"].map(volume).find((name) => name !== a && name !== b);
  assert.ok(a && b && free);
  assert.equal(await moveReplica(stand.engine, shard, { from: a, to: undefined }, never), false);
  const [onA] = await placesOf(stand, shard);
  await hurtFrame(onA as string, 0);
  assert.equal(await moveReplica(stand.engine, shard, { from: a, to: free }, never), true, "the other one was whole");
  await expectWell(stand);
  await stand.expectLoads(models[0] as Files);
});

test("objects on a volume that is being drained are left to the drain", async () => {
  await using stand = await Stand.make(3);
  await pushAll(stand, 1);
  await stand.addVolume("v4");
  const row = (await stand.engine.catalog.volumes()).find(({ name }) => name === "v1");
  assert.ok(row);
  await stand.engine.catalog.setVolume({ ...row, state: "draining" });
  const before = await bytesOn(stand, "v1");
  assert.equal((await balance(stand)).failed, 0);
  assert.equal(await bytesOn(stand, "v1"), before);
  assert.equal((await drainVolume(stand.engine, volume("v1"), quiet, never)).left, 0);
  await expectWell(stand);
});

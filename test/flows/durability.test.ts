/** A push that finds what it brings is held to the replicas that it was asked for, as if it had stored it. */
import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { test } from "node:test";
import { parseModelName, parseRefName } from "../../src/core/names.ts";
import { expectWell, gc, mend, model, objectsOf, placesOf, refused, removeRef } from "./acts.ts";
import { flipBit, Stand } from "./stand.ts";

/** Any one volume may be lost. */
async function expectTwice(stand: Stand, of: string): Promise<void> {
  for (const volume of stand.engine.volumes.rows) {
    await rename(stand.root(volume.name), `${stand.root(volume.name)}-away`);
    await using engine = await stand.reopened();
    await stand.expectLoads(model, of, engine);
    await rename(`${stand.root(volume.name)}-away`, stand.root(volume.name));
  }
}

test("I1: what was pushed with one replica has two when a push with two stands on it", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model, { replicas: 1 });
  const { newBytes } = await stand.push(model, { model: "ns/other" });
  assert.equal(newBytes, 0);
  await expectTwice(stand, "ns/other");
  await expectWell(stand);
});

test("I1: pushed again under the same name with more replicas, a version has them", async () => {
  await using stand = await Stand.make(3);
  const { version } = await stand.push(model, { replicas: 1 });
  assert.equal((await stand.push(model, { replicas: 2 })).version, version);
  await expectTwice(stand, "ns/model");
  await expectWell(stand);
});

test("I1: where what it stands on cannot have its copies, a push is refused and nothing moves", async () => {
  await using stand = await Stand.make(1);
  await stand.push(model, { replicas: 1 });
  await assert.rejects(stand.push(model, { model: "ns/other", replicas: 2 }), refused("REPLICAS_TOO_FEW"));
  assert.equal(await stand.engine.catalog.ref(parseModelName("ns/other"), parseRefName("main")), undefined);
});

test("I1: a push that is content with fewer leaves the rest to a repair", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model, { replicas: 1 });
  await stand.push(model, { model: "ns/other", durability: { replicas: 2, replicasMin: 1 } });
  const shards = await objectsOf(stand, "shard");
  assert.deepEqual(new Set(shards.map((shard) => shard.replicasWanted)), new Set([2]));
  assert.equal((await mend(stand)).failed, 0);
  await expectTwice(stand, "ns/other");
});

test("a replica that was lost is made good by the push that stands on it", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  const [shard] = await objectsOf(stand, "shard");
  assert.ok(shard);
  const [lost] = await stand.engine.catalog.replicas([shard.id]);
  assert.ok(lost);
  await rm((await placesOf(stand, shard)).find((path) => path.startsWith(stand.root(lost.volume))) as string);
  await stand.engine.catalog.setReplica(shard.id, lost.volume, "bad");
  await stand.push(model, { model: "ns/other" });
  await expectTwice(stand, "ns/other");
});

test("what is damaged in every replica can be removed and pushed again", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const shards = await objectsOf(stand, "shard");
  for (const shard of shards) for (const path of await placesOf(stand, shard)) await flipBit(path, 4096 * 8 * 8);
  await assert.rejects(stand.expectLoads(model), refused("DATA_CORRUPT"));
  await removeRef(stand);
  await gc(stand);
  await stand.push(model);
  await stand.expectLoads(model);
  await expectWell(stand);
});

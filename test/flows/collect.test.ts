import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { test } from "node:test";
import type { ObjectRow } from "../../src/places/catalog/index.ts";
import { objectKey } from "../../src/places/volumes/index.ts";
import { examine, expectWell, gc, look, mend, model, name, objectsOf, refused, removeRef, second, text, volume } from "./acts.ts";
import { never, Stand } from "./stand.ts";

test("a collection removes what nothing reaches, after its hold, and nothing else", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await stand.push(second, { model: "ns/other" });
  await removeRef(stand);
  await mend(stand);
  const dry = await gc(stand, { dryRun: true });
  assert.ok(dry.condemned > 0 && dry.removed === 0);
  const held = await gc(stand, { holdMs: 60_000 });
  assert.deepEqual([held.condemned, held.removed, held.kept], [dry.condemned, 0, dry.condemned]);
  stand.world.aheadMs += 61_000;
  const done = await gc(stand, { holdMs: 60_000 });
  assert.deepEqual([done.condemned, done.removed, done.kept], [0, dry.condemned, 0]);
  assert.equal(done.bytes, 2 * dry.bytes, "both replicas of each");
  await expectWell(stand);
  await stand.expectLoads(second, "ns/other");
  await assert.rejects(stand.expectLoads(model), refused("MODEL_MISSING"));
});

test("I5: what an intent pins is not collected, and a push that needs condemned objects has them back", async () => {
  await using stand = await Stand.make(2);
  const { catalog } = stand.engine;
  const { version } = await stand.push(model);
  const intent = await catalog.openIntent("reader", 3600e3);
  await catalog.pinVersion(intent, name, version);
  await removeRef(stand);
  assert.equal((await gc(stand)).removed, 0);
  await catalog.closeIntent(intent);
  assert.ok((await gc(stand, { holdMs: 60_000 })).kept > 0);
  const again = await stand.push(model);
  assert.equal(again.newBytes, 0, "condemned chunks are still there");
  stand.world.aheadMs += 3 * 3600e3;
  await gc(stand);
  await stand.expectLoads(model);
  await expectWell(stand);
});

test("P7: a collector that stalls after its claim cannot hit what was pushed since", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  await removeRef(stand);
  const { catalog } = stand.engine;
  await catalog.condemn();
  const claimed = await catalog.claim(0, 100);
  assert.ok(claimed.length > 0);
  const again = await stand.push(model);
  assert.ok(again.newBytes > 0);
  assert.equal((await gc(stand)).removed, claimed.length);
  await stand.expectLoads(model);
  await expectWell(stand);
});

test("R8: a collection refuses to run while a volume is away", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  await removeRef(stand);
  const before = await stand.objectFiles("v2");
  await rename(stand.root("v1"), `${stand.root("v1")}-away`);
  await assert.rejects(gc(stand), (error: Error) => refused("COLLECT_INCOMPLETE")(error) && error.message.includes("v1"));
  assert.deepEqual(await stand.objectFiles("v2"), before);
  assert.equal((await stand.engine.catalog.claim(0, 100)).length, 0, "nothing was even condemned");
});

test("R8: much at once needs approval", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  const { domain } = (await objectsOf(stand, "shard"))[0] as ObjectRow;
  const digest = "ab".repeat(32) as ObjectRow["digest"];
  await stand.engine.catalog.restoreObject({ kind: "shard", domain, digest, generation: 500, bytes: 300 * 2 ** 20, replicasWanted: 1 }, [], []);
  await assert.rejects(gc(stand, { approve: false }), refused("COLLECT_APPROVAL"));
  assert.equal((await gc(stand)).removed, 1);
  assert.equal((await gc(stand, { approve: false })).removed, 0);
});

test("an object that a dead push left anywhere is removed everywhere when its lease has ended", async () => {
  await using stand = await Stand.make(3);
  await stand.push(model);
  const { catalog, volumes } = stand.engine;
  const intent = await catalog.openIntent("killed", 3600_000);
  const { domain } = (await objectsOf(stand, "shard"))[0] as ObjectRow;
  const row = await catalog.reserve(intent, {
    kind: "shard",
    domain,
    digest: "cd".repeat(32) as ObjectRow["digest"],
    bytes: 3,
    replicasWanted: 1,
    volumes: [volume("v1")],
  });
  await (await volumes.get(volume("v3"))).put(objectKey(row), [text("abc")], never);
  assert.ok((await examine(stand)).clean);
  assert.equal((await look(stand)).stray, 0, "it is held by its push, wherever it lies");
  assert.equal((await gc(stand)).removed, 0);
  stand.world.aheadMs += 3601_000;
  assert.equal((await gc(stand)).removed, 1);
  await expectWell(stand);
});

import assert from "node:assert/strict";
import type { ObjectRow } from "../../src/places/catalog/index.ts";
import { type Bench, type Cases, chunk, hour, model, versionId } from "./bench.ts";

const nothing = { objects: 0, bytes: 0 };

/** A version under `main` with one shard. */
async function kept(bench: Bench, name: number): Promise<number> {
  const intent = await bench.intent();
  const object = await bench.store(intent, [chunk(`of ${name}`)]);
  await bench.addVersion(name, [object]);
  await bench.catalog.closeIntent(intent);
  return object;
}

async function claimedRow(bench: Bench): Promise<ObjectRow> {
  const [row] = await bench.catalog.claim(0, 10);
  assert.ok(row);
  return row;
}

export const collectorCases: Cases = {
  "an empty store has no garbage": async ({ catalog }) => {
    assert.deepEqual(await catalog.garbage(), { garbage: nothing, stored: nothing });
    assert.deepEqual(await catalog.condemn(), nothing);
    assert.deepEqual(await catalog.claim(0, 10), []);
  },
  "I4: what a ref reaches, through parents too, is never garbage": async (bench) => {
    await kept(bench, 1);
    await bench.addVersion(2, [], { parent: 1 });
    await bench.move(2);
    assert.deepEqual((await bench.catalog.garbage()).garbage, nothing);
    assert.deepEqual(await bench.catalog.condemn(), nothing);
    assert.equal((await bench.catalog.history(model, versionId(2), 9)).length, 2);
  },
  "garbage is counted without changing anything": async (bench) => {
    await kept(bench, 1);
    const intent = await bench.intent(1000);
    await bench.store(intent, [], { bytes: 70 });
    await bench.reserve(intent, { bytes: 7 });
    const stored = { objects: 4, bytes: 5177 };
    assert.deepEqual(await bench.catalog.garbage(), { garbage: { objects: 2, bytes: 5100 }, stored });
    bench.world.wall += 1000;
    assert.deepEqual(await bench.catalog.garbage(), { garbage: stored, stored });
    assert.ok(await bench.catalog.version(model, versionId(1)));
    assert.deepEqual(await bench.catalog.condemn(), stored);
    assert.deepEqual(await bench.catalog.garbage(), { garbage: stored, stored });
    assert.equal((await bench.claimed()).length, 4);
    assert.deepEqual(await bench.catalog.garbage(), { garbage: stored, stored });
  },
  "removing the last ref to a version makes garbage of what only it needs": async (bench) => {
    const shared = await kept(bench, 1);
    await bench.addVersion(2, [shared as never]);
    await bench.move(1);
    await bench.move(2, undefined, { ref: "other" });
    await bench.move(undefined, 1);
    assert.deepEqual(await bench.catalog.condemn(), { objects: 1, bytes: 100 });
    assert.equal(await bench.catalog.version(model, versionId(1)), undefined);
    assert.equal(await bench.state(shared as never), "present");
  },
  "condemning twice condemns once": async (bench) => {
    await bench.condemned();
    assert.deepEqual(await bench.catalog.condemn(), nothing);
  },
  "what was reserved by an intent that is gone is garbage": async (bench) => {
    const intent = await bench.intent(1000);
    const { id } = await bench.reserve(intent);
    assert.deepEqual(await bench.catalog.condemn(), nothing);
    bench.world.wall += 1000;
    assert.equal((await bench.catalog.condemn()).objects, 1);
    assert.deepEqual(await bench.claimed(), [id]);
  },
  "condemning ends expired intents": async (bench) => {
    const intent = await bench.intent(1000);
    bench.world.wall += 1000;
    await bench.catalog.condemn();
    bench.world.wall -= 1000;
    assert.deepEqual(await bench.catalog.pinObjects(intent, []).catch((error) => error.code), "INTENT_FENCED");
  },
  "objects of the ref log are never garbage": async (bench) => {
    const intent = await bench.intent();
    const object = await bench.store(intent, [], { kind: "reflog" });
    await bench.reserve(intent, { kind: "reflog" });
    await bench.catalog.closeIntent(intent);
    assert.deepEqual((await bench.catalog.garbage()).garbage.objects, 1);
    assert.equal((await bench.catalog.condemn()).objects, 1);
    assert.equal(await bench.state(object), "present");
  },
  "R7: nothing is claimed before the hold is over, by the catalog's time": async (bench) => {
    const object = await bench.condemned();
    assert.deepEqual(await bench.claimed(hour), []);
    bench.world.wall += hour - 1;
    assert.deepEqual(await bench.claimed(hour), []);
    assert.equal(await bench.state(object), "condemned");
    bench.world.wall += 1;
    assert.deepEqual(await bench.claimed(hour), [object]);
    assert.equal(await bench.state(object), "deleting");
  },
  "G6: a clock that goes back lets nothing go early": async (bench) => {
    await bench.condemned();
    bench.world.wall -= 10 * hour;
    assert.deepEqual(await bench.claimed(hour), []);
  },
  "an object that came back and was condemned again is held again": async (bench) => {
    const object = await bench.condemned();
    bench.world.wall += hour;
    const intent = await bench.intent();
    await bench.catalog.pinObjects(intent, [object]);
    await bench.catalog.closeIntent(intent);
    await bench.catalog.condemn();
    assert.deepEqual(await bench.claimed(hour), []);
  },
  "P7: what is in deletion is given again until it is forgotten": async (bench) => {
    await bench.condemned();
    const row = await claimedRow(bench);
    assert.equal(row.state, "deleting");
    const again = await (await bench.open()).claim(hour, 10);
    assert.deepEqual(again, [row]);
    await bench.catalog.forget(row.id, row.generation);
    assert.deepEqual(await bench.claimed(), []);
    assert.equal(await bench.state(row.id), undefined);
  },
  "no more than the limit are on their way out": async (bench) => {
    for (let n = 0; n < 5; n++) await bench.condemned();
    assert.equal((await bench.claimed(0, 2)).length, 2);
    assert.equal((await bench.claimed(0, 2)).length, 2);
    assert.equal((await bench.catalog.objectsAfter(undefined, ["deleting"], 10)).length, 2);
    assert.equal((await bench.claimed(0, 4)).length, 4);
  },
  "forgetting takes the replicas along": async (bench) => {
    await bench.condemned();
    const row = await claimedRow(bench);
    assert.equal((await bench.catalog.replicas([row.id])).length, 2);
    await bench.catalog.forget(row.id, row.generation);
    assert.deepEqual(await bench.catalog.replicas([row.id]), []);
    assert.deepEqual(await bench.catalog.chunksOf(row.id), []);
  },
  "G3: forgetting another generation, or what is not in deletion, changes nothing": async (bench) => {
    const condemned = await bench.condemned();
    const [row] = await bench.catalog.objects([condemned]);
    const generation = row?.generation as number;
    await bench.catalog.forget(condemned, generation);
    assert.equal(await bench.state(condemned), "condemned");
    await bench.claimed();
    await bench.catalog.forget(condemned, generation + 1);
    assert.equal(await bench.state(condemned), "deleting");
    await bench.catalog.forget(condemned, generation);
    await bench.catalog.forget(condemned, generation);
    assert.equal(await bench.state(condemned), undefined);
  },
  "G3: a collector that slept cannot harm what was pushed again": async (bench) => {
    await bench.condemned(chunk("a"));
    const slept = await claimedRow(bench);
    const again = await bench.store(await bench.intent(), [chunk("a")]);
    const [fresh] = await bench.catalog.objects([again]);
    assert.notEqual(fresh?.generation, slept.generation);
    await bench.catalog.forget(slept.id, slept.generation);
    await bench.catalog.forget(again, slept.generation);
    assert.deepEqual(await bench.holders("a"), [again]);
  },
  "an id is never given twice": async (bench) => {
    await bench.condemned();
    const row = await claimedRow(bench);
    await bench.catalog.forget(row.id, row.generation);
    assert.ok((await bench.store(await bench.intent())) > row.id);
  },
  "G1: new content is safe from collection between reservation, publication and version": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    await bench.catalog.condemn();
    await bench.catalog.publish(intent, id, [], [chunk("new")]);
    await bench.catalog.condemn();
    assert.deepEqual(await bench.claimed(), []);
    await bench.addVersion(1, [id]);
    await bench.move(1);
    await bench.catalog.closeIntent(intent);
    await bench.catalog.condemn();
    assert.deepEqual(await bench.claimed(), []);
    assert.equal(await bench.state(id), "present");
  },
  "C20: two collectors are no worse than one": async (bench) => {
    const second = await bench.open();
    for (let n = 0; n < 6; n++) await bench.condemned(chunk(`${n}`));
    const claims = await Promise.all([bench.catalog.claim(0, 4), second.claim(0, 4), bench.catalog.claim(0, 9), second.claim(0, 9)]);
    const rows = claims.flat();
    await Promise.all(rows.map((row, n) => (n % 2 ? second : bench.catalog).forget(row.id, row.generation)));
    assert.deepEqual((await bench.catalog.garbage()).stored, nothing);
    assert.deepEqual(await bench.holders("0", "5"), [undefined, undefined]);
  },
};

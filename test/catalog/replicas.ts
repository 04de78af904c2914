import assert from "node:assert/strict";
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Cases, refused, volume } from "./bench.ts";

const [v1, v2, v3] = ["v1", "v2", "v3"].map(volume) as [ReturnType<typeof volume>, ReturnType<typeof volume>, ReturnType<typeof volume>];
const unknown = 999 as ObjectId;

export const replicaCases: Cases = {
  "a replica is added, changed and removed": async (bench) => {
    const object = await bench.store(await bench.intent(), [], { on: ["v1"] });
    const states = async () => (await bench.catalog.replicas([object])).map((row) => [row.volume, row.state]);
    await bench.catalog.setReplica(object, v3, "intended");
    assert.deepEqual(await states(), [[v1, "good"], [v3, "intended"]]); // biome-ignore format: pairs
    await bench.catalog.setReplica(object, v3, "good");
    await bench.catalog.setReplica(object, v1, "bad");
    assert.deepEqual(await states(), [[v1, "bad"], [v3, "good"]]); // biome-ignore format: pairs
    await bench.catalog.setReplica(object, v1, undefined);
    await bench.catalog.setReplica(object, v1, undefined);
    assert.deepEqual(await states(), [[v3, "good"]]);
  },
  "replicas of several objects come object by object": async (bench) => {
    const intent = await bench.intent();
    const [a, b] = [await bench.store(intent, [], { on: ["v2", "v1"] }), await bench.store(intent, [], { on: ["v3"] })];
    const rows = (await bench.catalog.replicas([b, unknown, a])).map((row) => [row.object, row.volume]);
    assert.deepEqual(rows, [[b, v3], [a, v1], [a, v2]]); // biome-ignore format: pairs
  },
  "a replica needs an object and a volume": async (bench) => {
    const object = await bench.store(await bench.intent());
    await refused("OBJECT_MISSING", bench.catalog.setReplica(unknown, v1, "good"));
    await refused("VOLUME_MISSING", bench.catalog.setReplica(object, volume("v9"), "good"));
    await bench.catalog.setReplica(unknown, v1, undefined);
  },
  "an object in deletion takes no new replica": async (bench) => {
    const object = await bench.condemned();
    await bench.claimed();
    await refused("OBJECT_MISSING", bench.catalog.setReplica(object, v3, "intended"));
    await bench.catalog.setReplica(object, v1, "bad");
    await bench.catalog.setReplica(object, v1, undefined);
    assert.deepEqual((await bench.catalog.replicas([object])).map((row) => row.volume), [v2]); // biome-ignore format: one line
  },
  "too few good replicas need repair": async (bench) => {
    const intent = await bench.intent();
    const two = await bench.store(intent, [], { on: ["v1", "v2"], wanted: 3 });
    await bench.store(intent, [], { on: ["v1", "v2"], wanted: 2 });
    const one = await bench.store(intent, [], { on: ["v1"], wanted: 2 });
    await bench.store(intent, [], { on: ["v1"], wanted: 1 });
    const none = await bench.store(intent, [], { on: [], wanted: 1 });
    await bench.catalog.setReplica(one, v2, "intended");
    assert.deepEqual((await bench.catalog.needingRepair(undefined, 10)).map((row) => row.id), [two, one, none]); // biome-ignore format: one line
  },
  "objects can be made to want more replicas, never fewer": async (bench) => {
    const intent = await bench.intent();
    const [low, high] = [await bench.store(intent, [], { on: ["v1"], wanted: 1 }), await bench.store(intent, [], { on: ["v1", "v2"], wanted: 3 })];
    await bench.catalog.wantReplicas([low, high, unknown], 2);
    await bench.catalog.wantReplicas([], 9);
    assert.deepEqual((await bench.catalog.objects([low, high])).map((row) => row.replicasWanted), [2, 3]); // biome-ignore format: one line
    assert.deepEqual((await bench.catalog.needingRepair(undefined, 10)).map((row) => row.id), [low, high]); // biome-ignore format: one line
  },
  "a suspect or bad replica needs repair, however many are good": async (bench) => {
    const intent = await bench.intent();
    const objects = [await bench.store(intent), await bench.store(intent), await bench.store(intent)] as const;
    await bench.catalog.setReplica(objects[0], v3, "suspect");
    await bench.catalog.setReplica(objects[2], v3, "bad");
    const needing = await bench.catalog.needingRepair(undefined, 10);
    assert.deepEqual(needing, await bench.catalog.objects([objects[0], objects[2]]));
  },
  "only present objects are repaired, page by page": async (bench) => {
    await bench.condemned();
    const intent = await bench.intent();
    await bench.reserve(intent);
    const ids = [await bench.store(intent, [], { wanted: 3 }), await bench.store(intent, [], { wanted: 3 }), await bench.store(intent, [], { wanted: 3 })];
    const needing = async (after: ObjectId | undefined, limit: number) => (await bench.catalog.needingRepair(after, limit)).map((row) => row.id);
    assert.deepEqual(await needing(undefined, 2), ids.slice(0, 2));
    assert.deepEqual(await needing(ids[1], 2), ids.slice(2));
  },
  "the objects on a volume are walked page by page": async (bench) => {
    const intent = await bench.intent();
    const ids = [];
    for (const on of [["v1"], ["v1", "v2"], ["v2"], ["v2", "v3"]]) ids.push(await bench.store(intent, [], { on }));
    const on = async (name: string, after: ObjectId | undefined, limit: number) =>
      (await bench.catalog.objectsOn(volume(name), after, limit)).map((row) => row.id);
    assert.deepEqual(await on("v2", undefined, 2), [ids[1], ids[2]]);
    assert.deepEqual(await on("v2", ids[2], 2), [ids[3]]);
    assert.deepEqual(await on("v9", undefined, 2), []);
    const [row] = await bench.catalog.objectsOn(v3, undefined, 1);
    assert.deepEqual([row], await bench.catalog.objects([ids[3] as ObjectId]));
  },
};

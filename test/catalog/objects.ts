import assert from "node:assert/strict";
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Cases, chunk, deltaOf, digest, domain, hash, hour, refused, volume } from "./bench.ts";

const [v1, v2, v3] = ["v1", "v2", "v3"].map(volume) as [ReturnType<typeof volume>, ReturnType<typeof volume>, ReturnType<typeof volume>];

export const objectCases: Cases = {
  "a reservation gives a row with a generation": async (bench) => {
    const reservation = { kind: "manifest", domain, digest: digest("m"), bytes: 77, replicasWanted: 3, volumes: [v1] } as const;
    const row = await bench.catalog.reserve(await bench.intent(), reservation);
    const { volumes: _, ...given } = reservation;
    assert.deepEqual(row, { ...given, id: row.id, generation: row.generation, state: "reserved" });
    assert.ok(row.generation >= 1);
    assert.deepEqual(await bench.catalog.objects([row.id]), [row]);
  },
  "an object that is to be kept no time, or part of one, is refused": async (bench) => {
    const intent = await bench.intent();
    for (const wanted of [0, -1, 1.5, Number.NaN]) await refused("ARGUMENT_INVALID", bench.reserve(intent, { wanted }));
  },
  "G3: no generation is given twice, to the same digest or another, here or in another catalog": async (bench) => {
    const second = await bench.open();
    const intent = await bench.intent();
    const reservation = { kind: "shard", domain, digest: digest("same"), bytes: 1, replicasWanted: 1, volumes: [] } as const;
    const generations = [];
    for (const catalog of [bench.catalog, second, bench.catalog]) generations.push((await catalog.reserve(intent, reservation)).generation);
    generations.push((await bench.reserve(intent)).generation);
    assert.equal(new Set(generations).size, 4);
    assert.deepEqual(
      generations,
      [...generations].sort((a, b) => a - b),
    );
  },
  "reserved replicas are intended": async (bench) => {
    const { id } = await bench.reserve(await bench.intent(), { on: ["v2", "v1"] });
    assert.deepEqual(await bench.catalog.replicas([id]), [
      { object: id, volume: v1, state: "intended" },
      { object: id, volume: v2, state: "intended" },
    ]);
  },
  "a reservation on an unknown volume leaves nothing behind": async (bench) => {
    await refused("VOLUME_MISSING", bench.reserve(await bench.intent(), { on: ["v1", "v9"] }));
    assert.deepEqual(await bench.catalog.objectsAfter(undefined, ["reserved"], 10), []);
  },
  "a closed intent reserves nothing": async (bench) => {
    const intent = await bench.intent();
    await bench.catalog.closeIntent(intent);
    await refused("INTENT_FENCED", bench.reserve(intent));
  },
  "R9: an intent whose lease has ended reserves nothing": async (bench) => {
    const intent = await bench.intent(1000);
    bench.world.wall += 1000;
    await refused("INTENT_FENCED", bench.reserve(intent));
  },
  "published is present, good where it is and forgotten elsewhere": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent, { on: ["v1", "v2"] });
    assert.deepEqual(await bench.catalog.publish(intent, id, [v2, v3], [chunk("a")]), [id]);
    assert.equal(await bench.state(id), "present");
    assert.deepEqual(await bench.catalog.replicas([id]), [
      { object: id, volume: v2, state: "good" },
      { object: id, volume: v3, state: "good" },
    ]);
  },
  "an object without chunks holds none": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    assert.deepEqual(await bench.catalog.publish(intent, id, [v1], []), []);
  },
  "C10: a chunk that another object has stays there, and that object is pinned": async (bench) => {
    const theirs = await bench.intent();
    const first = await bench.store(theirs, [chunk("a"), chunk("b")]);
    const mine = await bench.intent();
    const { id } = await bench.reserve(mine);
    assert.deepEqual(await bench.catalog.publish(mine, id, [v1], [chunk("b"), chunk("c")]), [first, id]);
    assert.deepEqual(await bench.holders("a", "b", "c"), [first, first, id]);
    await bench.catalog.closeIntent(theirs);
    await bench.catalog.condemn();
    assert.equal(await bench.state(first), "present");
  },
  "the holders of bases are pinned with the chunks": async (bench) => {
    const theirs = await bench.intent();
    const base = await bench.store(theirs, [chunk("base")]);
    const delta = await bench.store(theirs, [deltaOf("delta", "base")]);
    const deeper = await bench.store(theirs, [deltaOf("deeper", "delta", 2)]);
    const mine = await bench.intent();
    const { id } = await bench.reserve(mine);
    assert.deepEqual(await bench.catalog.publish(mine, id, [v1], [chunk("deeper"), chunk("new")]), [base, delta, deeper, id]);
    await bench.catalog.closeIntent(theirs);
    assert.equal((await bench.catalog.condemn()).objects, 0);
  },
  "G2: a chunk that a condemned object has makes that object present and pinned": async (bench) => {
    const old = await bench.condemned(chunk("a"));
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    assert.deepEqual(await bench.catalog.publish(intent, id, [v1], [chunk("a")]), [old]);
    assert.equal(await bench.state(old), "present");
    await bench.catalog.condemn();
    assert.deepEqual(await bench.claimed(), []);
  },
  "a chunk that only an object in deletion has moves to the new one": async (bench) => {
    const old = await bench.condemned(chunk("a"));
    await bench.claimed();
    const intent = await bench.intent();
    const fresh = await bench.store(intent, [chunk("a")]);
    assert.deepEqual(await bench.holders("a"), [fresh]);
    const [row] = await bench.catalog.objects([old]);
    await bench.catalog.forget(old, row?.generation as number);
    assert.deepEqual(await bench.holders("a"), [fresh]);
  },
  "publishing twice is publishing once": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    for (let n = 0; n < 2; n++) assert.deepEqual(await bench.catalog.publish(intent, id, [v1], [chunk("a"), chunk("b")]), [id]);
    assert.equal((await bench.catalog.chunksOf(id)).length, 2);
    assert.equal((await bench.catalog.totals()).chunks, 2);
  },
  "C19: a fenced intent publishes nothing": async (bench) => {
    const intent = await bench.intent(1000);
    const { id } = await bench.reserve(intent);
    bench.world.wall += 5000;
    await refused("INTENT_FENCED", bench.catalog.publish(intent, id, [v1], [chunk("a")]));
    assert.equal(await bench.state(id), "reserved");
    assert.deepEqual(await bench.places("a"), [undefined]);
  },
  "C19: an intent that a collector ended publishes nothing": async (bench) => {
    const intent = await bench.intent(1000);
    const { id } = await bench.reserve(intent);
    bench.world.wall += 5000;
    await bench.catalog.condemn();
    await refused("INTENT_FENCED", bench.catalog.publish(intent, id, [v1], []));
    assert.equal(await bench.state(id), "condemned");
  },
  "an intent publishes only what it holds": async (bench) => {
    const { id } = await bench.reserve(await bench.intent());
    await refused("INTENT_FENCED", bench.catalog.publish(await bench.intent(), id, [v1], []));
    await refused("INTENT_FENCED", bench.catalog.publish(await bench.intent(), 999 as ObjectId, [v1], []));
    assert.equal(await bench.state(id), "reserved");
  },
  "a publication that is refused changes nothing": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    const short = chunk("b", { digest: hash("b").subarray(0, 31) });
    await refused("ARGUMENT_INVALID", bench.catalog.publish(intent, id, [v1], [chunk("a"), short]));
    await refused("VOLUME_MISSING", bench.catalog.publish(intent, id, [volume("v9")], [chunk("a")]));
    assert.equal(await bench.state(id), "reserved");
    assert.equal((await bench.catalog.replicas([id])).length, 2);
    assert.deepEqual(await bench.places("a"), [undefined]);
  },
  "objects come in the order asked, without those that are gone": async (bench) => {
    const intent = await bench.intent();
    const [a, b, c] = [await bench.store(intent), await bench.store(intent), await bench.store(intent)];
    assert.deepEqual(
      (await bench.catalog.objects([c, 999 as ObjectId, a, b])).map((row) => row.id),
      [c, a, b],
    );
    assert.deepEqual(await bench.catalog.objects([]), []);
  },
  "the whole store is walked page by page": async (bench) => {
    const intent = await bench.intent();
    const ids: ObjectId[] = [];
    for (let n = 0; n < 5; n++) ids.push(await bench.store(intent));
    await bench.reserve(intent);
    const seen: ObjectId[] = [];
    for (let after: ObjectId | undefined; ; after = seen.at(-1)) {
      const page = await bench.catalog.objectsAfter(after, ["present", "condemned"], 2);
      if (page.length === 0) break;
      seen.push(...page.map((row) => row.id));
    }
    assert.deepEqual(seen, ids);
    assert.equal((await bench.catalog.objectsAfter(undefined, ["reserved"], 10)).length, 1);
    assert.deepEqual(await bench.catalog.objectsAfter(undefined, [], 10), []);
  },
  "the chunks of an object are those that the index has in it": async (bench) => {
    const intent = await bench.intent();
    await bench.store(intent, [chunk("b")]);
    const chunks = [chunk("c", { offset: 9 }), chunk("b"), deltaOf("a", "c")];
    const object = await bench.store(intent, chunks);
    const found = await bench.catalog.chunksOf(object);
    assert.deepEqual(
      found.map((one) => ({ ...one, digest: new Uint8Array(one.digest), base: one.base && new Uint8Array(one.base) })),
      [chunks[0], chunks[2]],
    );
    assert.deepEqual(await bench.catalog.chunksOf(999 as ObjectId), []);
  },
  "totals count what is stored": async (bench) => {
    const none = { objects: 0, bytes: 0, chunks: 0, rawBytes: 0 };
    assert.deepEqual(await bench.catalog.totals(), none);
    const intent = await bench.intent(hour);
    await bench.store(intent, [chunk("a"), chunk("b", { rawBytes: 500 })], { bytes: 10 });
    await bench.store(intent, [chunk("b")], { bytes: 20 });
    await bench.reserve(intent);
    assert.deepEqual(await bench.catalog.totals(), { objects: 2, bytes: 30, chunks: 2, rawBytes: 1500 });
    await bench.catalog.closeIntent(intent);
    await bench.catalog.condemn();
    await bench.claimed();
    assert.deepEqual(await bench.catalog.totals(), none);
  },
};

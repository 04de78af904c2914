import assert from "node:assert/strict";
import { exportCatalog, type NewChunk, type ObjectId } from "../../src/places/catalog/index.ts";
import { Bench, type Cases, chunk, deltaOf, digest, domain, main, model, ref, refused, versionId, versionRow, volume } from "./bench.ts";

const found = (name: string, generation: number) => ({ kind: "shard" as const, domain, digest: digest(name), generation, bytes: 50, replicasWanted: 2 });
const copies = [
  { volume: volume("v1"), state: "good" as const },
  { volume: volume("v3"), state: "bad" as const },
];

const restore = (bench: Bench, name: string, generation: number, chunks: readonly NewChunk[] = []): Promise<ObjectId> =>
  bench.catalog.restoreObject(found(name, generation), copies, chunks);

const entry = (sequence: number, from: number | undefined, to: number | undefined, name = "main") => ({
  ...{ sequence, model, ref: ref(name), at: 1000 + sequence, opId: `op ${sequence}` },
  ...{ from: from === undefined ? undefined : versionId(from), to: to === undefined ? undefined : versionId(to) },
});

export const restorerCases: Cases = {
  "an object is restored present, with its replicas and chunks": async (bench) => {
    const id = await restore(bench, "a", 7, [chunk("x")]);
    assert.deepEqual(await bench.catalog.objects([id]), [{ ...found("a", 7), id, state: "present" }]);
    assert.deepEqual(
      await bench.catalog.replicas([id]),
      copies.map((copy) => ({ object: id, ...copy })),
    );
    assert.deepEqual(await bench.holders("x"), [id]);
  },
  "an object that is found again is the same": async (bench) => {
    const id = await restore(bench, "a", 7, [chunk("x")]);
    assert.equal(await bench.catalog.restoreObject(found("a", 7), [{ volume: volume("v2"), state: "good" }], [chunk("x")]), id);
    assert.equal((await bench.catalog.replicas([id])).length, 3);
    assert.equal((await bench.catalog.totals()).chunks, 1);
  },
  "the chunks of an object may come in several steps": async (bench) => {
    const id = await restore(bench, "a", 7, [chunk("x"), chunk("y")]);
    assert.equal(await restore(bench, "a", 7, [deltaOf("z", "x")]), id);
    assert.deepEqual(await bench.holders("x", "y", "z"), [id, id, id]);
    assert.deepEqual((await bench.catalog.chunksOf(id)).map((one) => one.depth), [0, 0, 1]); // biome-ignore format: one line
  },
  "an object that is found again is wanted as often as ever it was": async (bench) => {
    const id = await restore(bench, "a", 7);
    for (const replicasWanted of [3, 1]) await bench.catalog.restoreObject({ ...found("a", 7), replicasWanted }, [], []);
    assert.equal((await bench.catalog.objects([id]))[0]?.replicasWanted, 3);
  },
  "generations can be left out": async (bench) => {
    await restore(bench, "a", 1000);
    await bench.catalog.skipGenerations(50);
    assert.equal((await bench.reserve(await bench.intent())).generation, 1051);
  },
  "two generations of one digest are two objects": async (bench) => {
    const [first, second] = [await restore(bench, "a", 7, [chunk("x")]), await restore(bench, "a", 8, [chunk("x")])];
    assert.notEqual(first, second);
    assert.deepEqual(await bench.holders("x"), [first]);
  },
  "a delta may be restored before its base": async (bench) => {
    const delta = await restore(bench, "a", 1, [deltaOf("d", "b")]);
    const base = await restore(bench, "b", 2, [chunk("b")]);
    assert.deepEqual(await bench.holders("d", "b"), [delta, base]);
  },
  "new generations come after all that were restored": async (bench) => {
    await restore(bench, "a", 1000);
    await restore(bench, "b", 5);
    assert.equal((await bench.reserve(await bench.intent())).generation, 1001);
  },
  "an unknown volume restores nothing": async (bench) => {
    const on = [{ volume: volume("v9"), state: "good" as const }];
    await refused("VOLUME_MISSING", bench.catalog.restoreObject(found("a", 1), on, []));
    assert.deepEqual(await bench.catalog.objectsAfter(undefined, ["present"], 10), []);
  },
  "log entries are restored as they were, and count as written": async (bench) => {
    const object = await restore(bench, "log", 1);
    const entries = [entry(1, undefined, 1), entry(2, 1, 2)];
    for (const one of entries) await bench.catalog.restoreLogEntry(one, object);
    assert.deepEqual(await bench.catalog.refLog(model), entries);
    assert.deepEqual(await bench.catalog.unwrittenLog(10), []);
    assert.deepEqual(await bench.catalog.refs(model), [{ model, ref: main, version: versionId(2), movedAt: 1002 }]);
  },
  "log entries restored in any order give the same refs": async (bench) => {
    const object = await restore(bench, "log", 1);
    const entries = [entry(1, undefined, 1), entry(2, undefined, 1, "gone"), entry(3, 1, 2), entry(4, 1, undefined, "gone"), entry(5, 2, 3)];
    for (const n of [4, 2, 0, 3, 1]) await bench.catalog.restoreLogEntry(entries[n] as (typeof entries)[0], object);
    assert.deepEqual(await bench.catalog.refs(model), [{ model, ref: main, version: versionId(3), movedAt: 1005 }]);
    assert.deepEqual(await bench.catalog.refLog(model), entries);
  },
  "the same entry may be restored twice, another of its number not": async (bench) => {
    const object = await restore(bench, "log", 1);
    await bench.catalog.restoreLogEntry(entry(1, undefined, 1), object);
    await bench.catalog.restoreLogEntry(entry(1, undefined, 1), object);
    await refused("REF_CONFLICT", bench.catalog.restoreLogEntry(entry(1, undefined, 2), object));
    assert.equal((await bench.catalog.refLog(model)).length, 1);
  },
  "an entry needs its object": async (bench) => {
    await refused("OBJECT_MISSING", bench.catalog.restoreLogEntry(entry(1, undefined, 1), 999 as ObjectId));
    assert.deepEqual(await bench.catalog.refLog(model), []);
  },
  "moves go on after the restored log": async (bench) => {
    const object = await restore(bench, "log", 1);
    await bench.addVersion(1);
    await bench.addVersion(2);
    await bench.catalog.restoreLogEntry(entry(41, undefined, 1), object);
    assert.equal((await bench.move(2, 1)).sequence, 42);
  },
  "C18: time goes on after the restored log": async (bench) => {
    const object = await restore(bench, "log", 1);
    const at = bench.world.wall + 5000;
    await bench.catalog.restoreLogEntry({ ...entry(1, undefined, 1), at }, object);
    assert.equal(await bench.catalog.now(), at);
  },
  "I9: an export of what was restored equals the one of what was lost": async (bench) => {
    await using twin = await Bench.make(bench.twin);
    const log = await bench.store(await bench.intent(), [], { kind: "reflog" });
    for (const name of [1, 2]) await bench.addVersion(name, [], name > 1 ? { parent: 1 } : {});
    for (const move of [await bench.move(1), await bench.move(2, 1)]) await bench.catalog.logWritten(move.sequence, log);
    await bench.addVersion("of nobody");
    const twinLog = await twin.catalog.restoreObject(found("log", 9), copies, []);
    for (const one of [...(await bench.catalog.refLog(model))].reverse()) await twin.catalog.restoreLogEntry(one, twinLog);
    assert.notDeepEqual(await exportCatalog(twin.catalog), await exportCatalog(bench.catalog));
    for (const name of [2, 1]) {
      const row = versionRow(name, twinLog, name > 1 ? { parent: 1 } : {});
      const createdAt = (await bench.catalog.version(model, versionId(name)))?.createdAt as number;
      await twin.catalog.addVersion({ ...row, createdAt }, []);
    }
    assert.deepEqual(await exportCatalog(twin.catalog), await exportCatalog(bench.catalog));
  },
};

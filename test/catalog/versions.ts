import assert from "node:assert/strict";
import type { VersionId } from "../../src/core/names.ts";
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Cases, model, otherModel, refused, versionId, versionRow } from "./bench.ts";

export const versionCases: Cases = {
  "a version is read as it was added": async (bench) => {
    const manifest = await bench.addVersion("b", [], { parent: "a" });
    const expected = { ...versionRow("b", manifest, { parent: "a" }), createdAt: bench.world.wall };
    assert.deepEqual(await bench.catalog.version(model, versionId("b")), expected);
  },
  "a version without a parent has none, and its message keeps every letter": async (bench) => {
    const manifest = await bench.store(await bench.intent());
    await bench.catalog.addVersion({ ...versionRow(1, manifest), message: "naïve 模型 🦔 'quoted'\n" }, []);
    const row = await bench.catalog.version(model, versionId(1));
    assert.equal(row?.parent, undefined);
    assert.equal(row?.message, "naïve 模型 🦔 'quoted'\n");
  },
  "a time that is given is kept": async (bench) => {
    const manifest = await bench.store(await bench.intent());
    await bench.catalog.addVersion({ ...versionRow(1, manifest), createdAt: 12_345 }, []);
    assert.equal((await bench.catalog.version(model, versionId(1)))?.createdAt, 12_345);
  },
  "adding the same version again changes nothing": async (bench) => {
    const manifest = await bench.addVersion(1);
    await bench.addVersion(1);
    assert.equal((await bench.catalog.version(model, versionId(1)))?.manifest, manifest);
    assert.deepEqual(await bench.catalog.needs(model, versionId(1)), [manifest]);
  },
  "the same id in two models is two versions": async (bench) => {
    await bench.addVersion(1);
    assert.equal(await bench.catalog.version(otherModel, versionId(1)), undefined);
    await bench.addVersion(1, [], { inModel: otherModel });
    assert.equal((await bench.catalog.version(otherModel, versionId(1)))?.model, otherModel);
  },
  "a version needs its objects and its manifest, once each": async (bench) => {
    const intent = await bench.intent();
    const [a, b] = [await bench.store(intent), await bench.store(intent)];
    const manifest = await bench.addVersion(1, [b, a, b]);
    assert.deepEqual(await bench.catalog.needs(model, versionId(1)), [a, b, manifest]);
  },
  "a version may need thousands of objects": async (bench) => {
    const objects: ObjectId[] = [];
    await bench.catalog.transaction(async (tx) => {
      const intent = await bench.intent(1000, tx);
      for (let n = 0; n < 2500; n++) objects.push(await bench.store(intent, [], { on: ["v1"] }, tx));
    });
    const manifest = await bench.addVersion(1, objects);
    assert.deepEqual(await bench.catalog.needs(model, versionId(1)), [...objects, manifest]);
  },
  "a version that is not there needs nothing": async ({ catalog }) => {
    assert.equal(await catalog.version(model, versionId(1)), undefined);
    assert.deepEqual(await catalog.needs(model, versionId(1)), []);
  },
  "a version that needs an object that is gone is refused, and leaves no trace": async (bench) => {
    const intent = await bench.intent();
    const present = await bench.store(intent);
    await refused("INTENT_FENCED", bench.addVersion(1, [present, 999 as ObjectId]));
    assert.equal(await bench.catalog.version(model, versionId(1)), undefined);
    await bench.catalog.closeIntent(intent);
    assert.ok((await bench.catalog.condemn()).objects >= 1);
  },
  "a version that needs an object that is only reserved is refused": async (bench) => {
    const { id } = await bench.reserve(await bench.intent());
    await refused("INTENT_FENCED", bench.addVersion(1, [id]));
  },
  "G2: a version that needs a condemned object makes it present": async (bench) => {
    const object = await bench.condemned();
    await bench.addVersion(1, [object]);
    assert.equal(await bench.state(object), "present");
    assert.deepEqual(await bench.claimed(), []);
  },
  "a version that needs an object in deletion is refused": async (bench) => {
    const object = await bench.condemned();
    await bench.claimed();
    await refused("INTENT_FENCED", bench.addVersion(1, [object]));
  },
  "versions are found by the first digits of their ids": async (bench) => {
    const manifest = await bench.store(await bench.intent());
    const ids = ["abc0", "abc1", "abd0", "b000"].map((head) => head.padEnd(40, "0") as VersionId);
    for (const id of ids) await bench.catalog.addVersion({ ...versionRow(1, manifest), id }, []);
    await bench.catalog.addVersion({ ...versionRow(1, manifest, { inModel: otherModel }), id: "abc2".padEnd(40, "0") as VersionId }, []);
    const like = async (prefix: string, limit = 10) => (await bench.catalog.versionsLike(model, prefix, limit)).map((row) => row.id);
    assert.deepEqual(await like("abc"), ids.slice(0, 2));
    assert.deepEqual(await like(ids[3] as string), [ids[3]]);
    assert.deepEqual(await like("", 3), ids.slice(0, 3));
    assert.deepEqual(await like("a", 1), ids.slice(0, 1));
    for (const none of ["f", "%", "a_c", "abcg"]) assert.deepEqual(await like(none), []);
  },
  "history goes back through the parents, newest first, up to the limit": async (bench) => {
    for (const name of [1, 2, 3, 4]) await bench.addVersion(name, [], name > 1 ? { parent: name - 1 } : {});
    const history = async (from: number, limit = 10) => (await bench.catalog.history(model, versionId(from), limit)).map((row) => row.id);
    assert.deepEqual(await history(4), [4, 3, 2, 1].map(versionId));
    assert.deepEqual(await history(3, 2), [3, 2].map(versionId));
    assert.deepEqual(await history(9), []);
  },
  "history ends where a parent is not there": async (bench) => {
    await bench.addVersion(2, [], { parent: 1 });
    await bench.addVersion(1, [], { inModel: otherModel });
    assert.equal((await bench.catalog.history(model, versionId(2), 10)).length, 1);
  },
  "history is told for ten thousand versions": async (bench) => {
    const manifest = await bench.store(await bench.intent());
    await bench.catalog.transaction(async (tx) => {
      for (let n = 0; n < 10_000; n++) await tx.addVersion(versionRow(n, manifest, n > 0 ? { parent: n - 1 } : {}), []);
    });
    const line = await bench.catalog.history(model, versionId(9999), 20_000);
    assert.equal(line.length, 10_000);
    assert.equal(line.at(-1)?.id, versionId(0));
  },
  "the outcome of an operation can be asked for": async ({ catalog }) => {
    assert.equal(await catalog.outcome("op"), undefined);
    await catalog.recordOutcome("op", model, versionId(1));
    await catalog.recordOutcome("op", model, versionId(1));
    assert.deepEqual(await catalog.outcome("op"), { model, version: versionId(1) });
  },
  "an operation has one outcome": async ({ catalog }) => {
    await catalog.recordOutcome("op", model, versionId(1));
    await refused("INTENT_FENCED", catalog.recordOutcome("op", model, versionId(2)));
    await refused("INTENT_FENCED", catalog.recordOutcome("op", otherModel, versionId(1)));
    assert.deepEqual(await catalog.outcome("op"), { model, version: versionId(1) });
  },
};

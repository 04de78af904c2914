import assert from "node:assert/strict";
import { isFault } from "../../src/core/errors.ts";
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Cases, main, model, otherModel, ref, refused, versionId } from "./bench.ts";

export const refCases: Cases = {
  "a new catalog has nothing": async ({ catalog }) => {
    assert.deepEqual(await catalog.models(), []);
    assert.deepEqual(await catalog.refs(model), []);
    assert.equal(await catalog.ref(model, main), undefined);
    assert.deepEqual(await catalog.refLog(model), []);
    assert.deepEqual(await catalog.unwrittenLog(10), []);
  },
  "a move makes a ref and its log entry": async (bench) => {
    await bench.addVersion(1);
    const entry = await bench.move(1, undefined, { opId: "first" });
    assert.deepEqual(entry, { sequence: 1, model, ref: main, from: undefined, to: versionId(1), at: bench.world.wall, opId: "first" });
    assert.equal(await bench.catalog.ref(model, main), versionId(1));
    assert.deepEqual(await bench.catalog.refs(model), [{ model, ref: main, version: versionId(1), movedAt: bench.world.wall }]);
    assert.deepEqual(await bench.catalog.refLog(model), [entry]);
    assert.deepEqual(await bench.catalog.models(), [model]);
  },
  "a move from what is expected moves": async (bench) => {
    await bench.addVersion(1);
    await bench.addVersion(2);
    await bench.move(1);
    const entry = await bench.move(2, 1);
    assert.equal(entry.from, versionId(1));
    assert.equal(await bench.catalog.ref(model, main), versionId(2));
  },
  "a move that expects another version changes nothing": async (bench) => {
    for (const name of [1, 2, 3]) await bench.addVersion(name);
    await bench.move(1);
    await refused("REF_CONFLICT", bench.move(3, 2));
    assert.equal(await bench.catalog.ref(model, main), versionId(1));
    assert.equal((await bench.catalog.refLog(model)).length, 1);
  },
  "a move that expects no ref is refused where there is one": async (bench) => {
    await bench.addVersion(1);
    await bench.addVersion(2);
    await bench.move(1);
    await refused("REF_CONFLICT", bench.move(2));
  },
  "a move that expects a ref is refused where there is none": async (bench) => {
    await bench.addVersion(1);
    await bench.addVersion(2);
    await refused("REF_CONFLICT", bench.move(2, 1));
  },
  "a move to an unknown version is refused": async (bench) => {
    await bench.addVersion(1);
    await refused("REF_MISSING", bench.move(9));
    assert.deepEqual(await bench.catalog.refs(model), []);
  },
  "a move in an unknown model is refused": async (bench) => {
    await refused("MODEL_MISSING", bench.move(1));
  },
  "a version of another model is no version of this one": async (bench) => {
    await bench.addVersion(1);
    await bench.addVersion(2, [], { inModel: otherModel });
    await refused("REF_MISSING", bench.move(2));
  },
  "removing a ref is logged, and the model is listed no more": async (bench) => {
    await bench.addVersion(1);
    await bench.move(1);
    const entry = await bench.move(undefined, 1);
    assert.equal(entry.to, undefined);
    assert.equal(entry.from, versionId(1));
    assert.equal(await bench.catalog.ref(model, main), undefined);
    assert.deepEqual(await bench.catalog.models(), []);
    assert.equal((await bench.catalog.refLog(model)).length, 2);
  },
  "removing a ref that moved is refused": async (bench) => {
    await bench.addVersion(1);
    await bench.addVersion(2);
    await bench.move(2);
    await refused("REF_CONFLICT", bench.move(undefined, 1));
  },
  "removing a ref that is not there is refused": async (bench) => {
    await refused("REF_MISSING", bench.move(undefined));
  },
  "refs come in the order of their names": async (bench) => {
    await bench.addVersion(1);
    for (const name of ["v2", "main", "V1", "prod"]) await bench.move(1, undefined, { ref: name });
    assert.deepEqual(
      (await bench.catalog.refs(model)).map((row) => row.ref),
      ["V1", "main", "prod", "v2"],
    );
  },
  "models come once each, in the order of their names": async (bench) => {
    for (const inModel of [otherModel, model]) {
      await bench.addVersion(1, [], { inModel });
      for (const name of ["b", "a"]) await bench.move(1, undefined, { inModel, ref: name });
    }
    assert.deepEqual(await bench.catalog.models(), [model, otherModel]);
  },
  "the sequence has no gaps, over models and refused moves": async (bench) => {
    for (const inModel of [model, otherModel]) await bench.addVersion(1, [], { inModel });
    const sequences = [];
    for (const name of ["a", "b", "c"])
      for (const inModel of [model, otherModel]) {
        sequences.push((await bench.move(1, undefined, { inModel, ref: name })).sequence);
        await refused("REF_CONFLICT", bench.move(1, 7, { inModel, ref: name }));
      }
    assert.deepEqual(sequences, [1, 2, 3, 4, 5, 6]);
  },
  "P5: a move that is asked again is answered as the first time": async (bench) => {
    for (const name of [1, 2]) await bench.addVersion(name);
    const first = await bench.move(1, undefined, { opId: "same" });
    await bench.move(2, 1);
    assert.deepEqual(await bench.move(1, undefined, { opId: "same" }), first);
    assert.equal(await bench.catalog.ref(model, main), versionId(2));
    assert.equal((await bench.catalog.refLog(model)).length, 2);
  },
  "one operation may move several refs": async (bench) => {
    await bench.addVersion(1);
    for (const name of ["a", "b"]) await bench.move(1, undefined, { ref: name, opId: "same" });
    assert.equal((await bench.catalog.refs(model)).length, 2);
  },
  "another move under a used operation is checked like any": async (bench) => {
    for (const name of [1, 2]) await bench.addVersion(name);
    await bench.move(1, undefined, { opId: "same" });
    await refused("REF_CONFLICT", bench.move(2, undefined, { opId: "same" }));
    assert.equal((await bench.move(2, 1, { opId: "same" })).sequence, 2);
  },
  "the unwritten log is given oldest first, until it is written": async (bench) => {
    await bench.addVersion(1);
    for (const name of ["a", "b", "c"]) await bench.move(1, undefined, { ref: name });
    const object = await bench.store(await bench.intent(), [], { kind: "reflog" });
    const unwritten = async (limit: number) => (await bench.catalog.unwrittenLog(limit)).map((entry) => entry.sequence);
    assert.deepEqual(await unwritten(2), [1, 2]);
    await bench.catalog.logWritten(1, object);
    await bench.catalog.logWritten(1, object);
    assert.deepEqual(await unwritten(10), [2, 3]);
    assert.equal((await bench.catalog.refLog(model)).length, 3);
  },
  "what is no entry, or no object, cannot be written": async (bench) => {
    await bench.addVersion(1);
    await bench.move(1);
    const object = await bench.store(await bench.intent(), [], { kind: "reflog" });
    await refused("ARGUMENT_INVALID", bench.catalog.logWritten(2, object));
    await refused("OBJECT_MISSING", bench.catalog.logWritten(1, 999 as ObjectId));
    assert.equal((await bench.catalog.unwrittenLog(10)).length, 1);
  },
  "the log of a model is its own, oldest first": async (bench) => {
    for (const inModel of [model, otherModel]) await bench.addVersion(1, [], { inModel });
    for (const inModel of [model, otherModel, model]) await bench.move(1, undefined, { inModel, ref: bench.serial("r").replace(" ", "") });
    assert.deepEqual(
      (await bench.catalog.refLog(model)).map((entry) => entry.sequence),
      [1, 3],
    );
  },
  "C11: of many moves that expect the same, one wins": async (bench) => {
    for (let name = 0; name < 20; name++) await bench.addVersion(name);
    const second = await bench.open();
    await bench.move(0, undefined, { ref: "prod" });
    const moves = Array.from({ length: 19 }, (_, n) => bench.move(n + 1, 0, { ref: "prod" }, n % 2 ? second : bench.catalog));
    const results = await Promise.allSettled(moves);
    const won = results.filter((result) => result.status === "fulfilled");
    assert.equal(won.length, 1);
    for (const result of results) if (result.status === "rejected") assert.ok(isFault(result.reason, "REF_CONFLICT"));
    assert.equal(await second.ref(model, ref("prod")), won[0]?.value.to);
  },
};

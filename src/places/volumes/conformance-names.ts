/** Conformance: asking which objects there are, and removing them. */
import assert from "node:assert/strict";
import { rangeOf } from "../../core/range.ts";
import { MiB } from "../../core/units.ts";
import {
  abortedSignal,
  assertFails,
  assertHolds,
  byKey,
  type Cases,
  collect,
  content,
  freshKey,
  listedKeys,
  never,
  read,
  sampleBytes,
  stored,
} from "./conformance-tools.ts";
import { scatterBytes } from "./scatter.ts";
import type { ObjectKey } from "./volume.ts";

export const namesCases: Cases = {
  "stat: the objects that exist, with their sizes": async (volume) => {
    const keys = [await stored(volume, [content]), await stored(volume, []), freshKey(), await stored(volume, [content.subarray(0, 3)])];
    const found = await collect(volume.stat(keys, never));
    assert.deepEqual(
      found.toSorted(byKey),
      [
        { key: keys[0] as ObjectKey, bytes: 10_000 },
        { key: keys[1] as ObjectKey, bytes: 0 },
        { key: keys[3] as ObjectKey, bytes: 3 },
      ].toSorted(byKey),
    );
  },

  "stat: of nothing": async (volume) => assert.deepEqual(await collect(volume.stat([], never)), []),

  "stat: of missing ones only": async (volume) => assert.deepEqual(await collect(volume.stat([freshKey(), freshKey()], never)), []),

  "stat: of many": async (volume) => {
    const keys = await Promise.all(Array.from({ length: 60 }, (_, index) => stored(volume, [content.subarray(0, index)])));
    assert.equal((await collect(volume.stat([...keys, freshKey()], never))).length, 60);
  },

  "stat: cancelled": async (volume) => assertFails(collect(volume.stat([freshKey()], abortedSignal())), "CANCELLED"),

  "list: cancelled": async (volume) => assertFails(collect(volume.list(undefined, abortedSignal())), "CANCELLED"),

  "list: has what was put, with its size": async (volume) => {
    const key = await stored(volume, [content]);
    const all = await collect(volume.list(undefined, never));
    assert.deepEqual(
      all.find((one) => one.key === key),
      { key, bytes: 10_000 },
    );
  },

  "list: can be left before its end": async (volume) => {
    await stored(volume, [content]);
    for await (const one of volume.list(undefined, never)) {
      assert.ok(one.key);
      break;
    }
    await assertHolds(volume, await stored(volume, [content]), content);
  },

  "remove: what is removed is missing": async (volume) => {
    const key = await stored(volume, [content]);
    await read(volume, key, rangeOf(0, 10));
    await volume.remove([key], never);
    await assertFails(read(volume, key, rangeOf(0, 10)), "OBJECT_MISSING");
    assert.deepEqual(await collect(volume.stat([key], never)), []);
    assert.ok(!(await listedKeys(volume)).includes(key));
  },

  "remove: a missing object is no error, also beside one that exists": async (volume) => {
    const key = await stored(volume, [content]);
    await volume.remove([freshKey(), key, freshKey()], never);
    assert.deepEqual(await collect(volume.stat([key], never)), []);
  },

  "remove: nothing": async (volume) => volume.remove([], never),

  "remove: twice, and at once": async (volume) => {
    const key = await stored(volume, [content]);
    await Promise.all([volume.remove([key], never), volume.remove([key], never)]);
    await volume.remove([key], never);
  },

  "remove: leaves the others": async (volume) => {
    const [kept, removed] = [await stored(volume, [content]), await stored(volume, [content])];
    await volume.remove([removed], never);
    await assertHolds(volume, kept, content);
  },

  "remove: many, over all kinds": async (volume) => {
    const keys = (["shard", "manifest", "reflog"] as const).flatMap((kind) => Array.from({ length: 12 }, () => freshKey(kind)));
    for (const key of keys) await volume.put(key, [content], never);
    await volume.remove(keys, never);
    assert.deepEqual(await collect(volume.stat(keys, never)), []);
  },

  "remove: the key is free again": async (volume) => {
    const key = await stored(volume, [content]);
    await read(volume, key, rangeOf(0, 10));
    await volume.remove([key], never);
    await volume.put(key, [sampleBytes(20, 3)], never);
    await assertHolds(volume, key, sampleBytes(20, 3));
  },

  "remove: cancelled before it starts, nothing is removed": async (volume) => {
    const key = await stored(volume, [content]);
    await assertFails(volume.remove([key], abortedSignal()), "CANCELLED");
    await assertHolds(volume, key, content);
  },

  "name and traits are there": async ({ name, traits }) => {
    assert.ok(name.length > 0 && traits.failureDomain.length > 0);
    assert.ok(Number.isInteger(traits.copies) && traits.copies >= 1);
    assert.ok(traits.objectBytesMax >= 80 * MiB);
  },

  "the views of a body together are what is counted": async (volume) => {
    const key = await stored(volume, [content.subarray(0, 10), content.subarray(10, 30)]);
    const [found] = await collect(volume.stat([key], never));
    assert.equal(found?.bytes, scatterBytes([content.subarray(0, 30)]));
  },
};

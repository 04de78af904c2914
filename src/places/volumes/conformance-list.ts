/** Conformance: lists, whose cases need a volume of their own. */
import assert from "node:assert/strict";
import { type Cases, content, keyAt, listedKeys, never } from "./conformance-tools.ts";
import { identityKey } from "./keys.ts";
import type { ObjectKey, Volume } from "./volume.ts";

/** In the order of bytes, in which "a-b/" and "a.b/" come before "a/". */
const ordered = [
  keyAt("manifest", "a", "ff"),
  keyAt("manifest", "a", "ff", 2),
  keyAt("reflog", "a", "00"),
  keyAt("shard", "a-b", "ff"),
  keyAt("shard", "a.b", "ff"),
  keyAt("shard", "a", "00"),
  keyAt("shard", "a", "0001"),
  keyAt("shard", "a", "0f", 1),
  keyAt("shard", "a", "0f", 10),
  keyAt("shard", "a", "0f", 2),
  keyAt("shard", "a", "10"),
  keyAt("shard", "b", "00"),
  keyAt("shard", "b0", "00"),
];

async function fill(volume: Volume, keys: readonly ObjectKey[]): Promise<void> {
  for (const key of keys) await volume.put(key, [content.subarray(0, 5)], never);
}

export const listCases: Cases = {
  "list: of an empty volume": async (volume) => assert.deepEqual(await listedKeys(volume), []),

  "list: in the order of keys": async (volume) => {
    await fill(volume, ordered.toReversed());
    assert.deepEqual(await listedKeys(volume), ordered);
    assert.deepEqual(ordered, ordered.toSorted());
  },

  "list: after each key, exactly those that follow it": async (volume) => {
    await fill(volume, ordered);
    for (const [index, key] of ordered.entries()) assert.deepEqual(await listedKeys(volume, key), ordered.slice(index + 1), key);
  },

  "list: after a key that does not exist": async (volume) => {
    const absent = ordered.filter((_, index) => index % 2 === 0);
    const present = ordered.filter((_, index) => index % 2 === 1);
    await fill(volume, present);
    for (const key of absent)
      assert.deepEqual(
        await listedKeys(volume, key),
        present.filter((other) => other > key),
        key,
      );
  },

  "list: hundreds in one prefix": async (volume) => {
    const keys = Array.from({ length: 300 }, (_, index) => keyAt("shard", "many", `ab${String(index).padStart(4, "0")}`));
    await Promise.all(keys.map((key) => volume.put(key, [], never)));
    assert.deepEqual(await listedKeys(volume), keys);
  },

  "list: two at once do not disturb each other": async (volume) => {
    await fill(volume, ordered);
    assert.deepEqual(await Promise.all([listedKeys(volume), listedKeys(volume)]), [ordered, ordered]);
  },

  "list: what is removed on the way does not break it": async (volume) => {
    await fill(volume, ordered);
    const seen: ObjectKey[] = [];
    for await (const { key } of volume.list(undefined, never)) {
      if (key === ordered[0]) await volume.remove(ordered.slice(6, 8), never);
      if (key !== identityKey) seen.push(key);
    }
    assert.deepEqual(
      seen.filter((key) => !ordered.slice(6, 8).includes(key)),
      [...ordered.slice(0, 6), ...ordered.slice(8)],
    );
  },

  "dispose: twice is no error": async (volume) => {
    await volume[Symbol.asyncDispose]();
    await volume[Symbol.asyncDispose]();
  },
};

/** Conformance: putting objects. */
import assert from "node:assert/strict";
import { isFault } from "../../core/errors.ts";
import { rangeOf } from "../../core/range.ts";
import { MiB } from "../../core/units.ts";
import {
  abortedSignal,
  assertFails,
  assertHolds,
  type Cases,
  collect,
  content,
  freshKey,
  keyAt,
  never,
  read,
  sampleBytes,
  sharedBytes,
  stored,
} from "./conformance-tools.ts";

export const putCases: Cases = {
  "put: what is put is got": async (volume) => assertHolds(volume, await stored(volume, [content]), content),

  "put: a body of many views is one object": async (volume) => {
    const views = Array.from({ length: 100 }, (_, index) => content.subarray(index * 100, index * 100 + 100));
    await assertHolds(volume, await stored(volume, views), content);
  },

  "put: more views than a system call takes": async (volume) => {
    const views = Array.from({ length: 2500 }, (_, index) => content.subarray(index * 4, index * 4 + 4));
    await assertHolds(volume, await stored(volume, views), content);
  },

  "put: views of no bytes among others": async (volume) => {
    const nothing = new Uint8Array(0);
    await assertHolds(volume, await stored(volume, [nothing, content.subarray(0, 7), nothing, content.subarray(7), nothing]), content);
  },

  "put: an object of no bytes, from no views": async (volume) => assertHolds(volume, await stored(volume, []), Buffer.alloc(0)),

  "put: an object of no bytes, from an empty view": async (volume) => assertHolds(volume, await stored(volume, [new Uint8Array(0)]), Buffer.alloc(0)),

  "put: one byte": async (volume) => assertHolds(volume, await stored(volume, [Buffer.from([7])]), Buffer.from([7])),

  "put: sizes around a page": async (volume) => {
    for (const bytes of [4095, 4096, 4097, 8192]) await assertHolds(volume, await stored(volume, [sampleBytes(bytes)]), sampleBytes(bytes));
  },

  "put: sizes around a MiB, from page-aligned shared memory": async (volume) => {
    for (const bytes of [MiB - 1, MiB, MiB + 1]) await assertHolds(volume, await stored(volume, [sharedBytes(sampleBytes(bytes))]), sampleBytes(bytes));
  },

  "put: views at odd addresses": async (volume) => {
    const padded = Buffer.concat([Buffer.alloc(3), content]);
    await assertHolds(volume, await stored(volume, [padded.subarray(3)]), content);
  },

  "put: shared memory at an odd address": async (volume) => assertHolds(volume, await stored(volume, [sharedBytes(content, 13)]), content),

  "put: shared and ordinary memory in one body": async (volume) => {
    await assertHolds(volume, await stored(volume, [sharedBytes(content.subarray(0, 5000)), content.subarray(5000)]), content);
  },

  "put: a large first view and an odd second one": async (volume) => {
    const bytes = sampleBytes(2 * MiB + 333);
    await assertHolds(volume, await stored(volume, [sharedBytes(bytes.subarray(0, MiB + 4096)), sharedBytes(bytes.subarray(MiB + 4096))]), bytes);
  },

  "put: the body is not changed": async (volume) => {
    const body = Buffer.from(content);
    await stored(volume, [body]);
    assert.ok(body.equals(content));
  },

  "put: the bytes of the body may be used again afterwards": async (volume) => {
    const body = Buffer.from(content);
    const key = await stored(volume, [body]);
    body.fill(0);
    await assertHolds(volume, key, content);
  },

  "put: the same body again under another key": async (volume) => {
    const body = [sharedBytes(content)];
    const keys = [await stored(volume, body), await stored(volume, body)];
    for (const key of keys) await assertHolds(volume, key, content);
  },

  "put: a key that is taken is OBJECT_EXISTS, and nothing changes": async (volume) => {
    const key = await stored(volume, [content]);
    await assertFails(volume.put(key, [sampleBytes(50, 1)], never), "OBJECT_EXISTS");
    await assertHolds(volume, key, content);
  },

  "put: a key that is taken is OBJECT_EXISTS for the same content too": async (volume) => {
    const key = await stored(volume, [content]);
    await assertFails(volume.put(key, [content], never), "OBJECT_EXISTS");
  },

  "put: of several at once under one key exactly one wins, whole": async (volume) => {
    const key = freshKey();
    const bodies = Array.from({ length: 8 }, (_, index) => sampleBytes(3000 + index, index));
    const outcomes = await Promise.allSettled(bodies.map((body) => volume.put(key, [body], never)));
    const winners = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
    assert.equal(winners.length, 1);
    await assertHolds(volume, key, bodies[winners[0] as number] as Buffer);
    for (const outcome of outcomes) if (outcome.status === "rejected") assert.ok(isFault(outcome.reason, "OBJECT_EXISTS"), String(outcome.reason));
  },

  "put: many at once under different keys": async (volume) => {
    const bodies = Array.from({ length: 40 }, (_, index) => sampleBytes(2000 + index, index));
    const keys = await Promise.all(bodies.map((body) => stored(volume, [body])));
    for (const [index, key] of keys.entries()) await assertHolds(volume, key, bodies[index] as Buffer);
  },

  "put: generations of one digest are objects of their own": async (volume) => {
    const [first, second] = [keyAt("shard", "gen", "aa", 1), keyAt("shard", "gen", "aa", 2)];
    await volume.put(first, [content], never);
    await volume.put(second, [sampleBytes(5, 2)], never);
    await volume.remove([first], never);
    await assertHolds(volume, second, sampleBytes(5, 2));
  },

  "put: kinds and domains are apart": async (volume) => {
    const keys = [keyAt("shard", "one", "ab"), keyAt("shard", "two", "ab"), keyAt("manifest", "one", "ab"), keyAt("reflog", "one", "ab")];
    for (const [index, key] of keys.entries()) await volume.put(key, [sampleBytes(9, index)], never);
    for (const [index, key] of keys.entries()) await assertHolds(volume, key, sampleBytes(9, index));
  },

  "put: domains with dots, dashes and underscores": async (volume) => {
    for (const domain of ["a.b", "a-b", "a_b", "A.B-c_9"]) {
      const key = keyAt("shard", domain, "0d");
      await volume.put(key, [content], never);
      await assertHolds(volume, key, content);
    }
  },

  "put: cancelled before it starts, nothing is there": async (volume) => {
    const key = freshKey();
    await assertFails(volume.put(key, [content], abortedSignal()), "CANCELLED");
    await assertFails(read(volume, key, rangeOf(0, 1)), "OBJECT_MISSING");
  },

  "put: cancelled on the way, it is there whole or not at all": async (volume) => {
    const key = freshKey();
    const stop = new AbortController();
    const putting = volume.put(key, [content], stop.signal);
    stop.abort();
    const outcome = await putting.catch((error: unknown) => error);
    if (outcome instanceof Error) assert.ok(isFault(outcome, "CANCELLED"), String(outcome));
    const found = await collect(volume.stat([key], never));
    if (!(outcome instanceof Error) || found.length > 0) await assertHolds(volume, key, content);
  },

  "put: what was cancelled can be put again": async (volume) => {
    const key = freshKey();
    await volume.put(key, [content], abortedSignal()).catch(() => undefined);
    await volume.put(key, [content], never);
    await assertHolds(volume, key, content);
  },
};

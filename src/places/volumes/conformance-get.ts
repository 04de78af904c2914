/** Conformance: getting their bytes back. */
import assert from "node:assert/strict";
import { rangeOf } from "../../core/range.ts";
import { MiB } from "../../core/units.ts";
import { abortedSignal, assertFails, type Cases, content, freshKey, keyAt, never, read, sampleBytes, sharedBytes, stored } from "./conformance-tools.ts";

export const getCases: Cases = {
  "get: the first bytes": async (volume) => {
    assert.ok((await read(volume, await stored(volume, [content]), rangeOf(0, 100))).equals(content.subarray(0, 100)));
  },

  "get: bytes in the middle": async (volume) => {
    assert.ok((await read(volume, await stored(volume, [content]), rangeOf(4321, 1234))).equals(content.subarray(4321, 5555)));
  },

  "get: the last byte": async (volume) => {
    assert.ok((await read(volume, await stored(volume, [content]), rangeOf(9999, 1))).equals(content.subarray(9999)));
  },

  "get: across the end, as many as there are": async (volume) => {
    const into = Buffer.alloc(100);
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(9990, 100), [into], never), 10);
    assert.ok(into.subarray(0, 10).equals(content.subarray(9990)));
  },

  "get: from the end on, none": async (volume) => {
    assert.equal((await read(volume, await stored(volume, [content]), rangeOf(10_000, 10))).length, 0);
  },

  "get: far behind the end, none": async (volume) => {
    assert.equal((await read(volume, await stored(volume, [content]), rangeOf(2 ** 33, 10))).length, 0);
  },

  "get: an empty range of an object": async (volume) => {
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(5, 0), [], never), 0);
  },

  "get: an empty range of a missing object is OBJECT_MISSING": async (volume) => {
    await assertFails(volume.get(freshKey(), rangeOf(0, 0), [], never), "OBJECT_MISSING");
  },

  "get: a missing object is OBJECT_MISSING": async (volume) => assertFails(read(volume, freshKey(), rangeOf(0, 10)), "OBJECT_MISSING"),

  "get: another generation of an object is OBJECT_MISSING": async (volume) => {
    await volume.put(keyAt("shard", "gen", "bb", 1), [content], never);
    await assertFails(read(volume, keyAt("shard", "gen", "bb", 11), rangeOf(0, 10)), "OBJECT_MISSING");
  },

  "get: an object of no bytes": async (volume) => {
    assert.equal((await read(volume, await stored(volume, []), rangeOf(0, 10))).length, 0);
  },

  "get: scattered over views": async (volume) => {
    const into = [1, 0, 99, 4000, 900].map((bytes) => Buffer.alloc(bytes));
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(1000, 5000), into, never), 5000);
    assert.ok(Buffer.concat(into).equals(content.subarray(1000, 6000)));
  },

  "get: scattered over more views than a system call takes": async (volume) => {
    const into = Array.from({ length: 2500 }, () => Buffer.alloc(4));
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(0, 10_000), into, never), 10_000);
    assert.ok(Buffer.concat(into).equals(content));
  },

  "get: scattered, and the object ends in a view": async (volume) => {
    const into = [Buffer.alloc(6), Buffer.alloc(6), Buffer.alloc(6)];
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(9990, 18), into, never), 10);
    assert.ok(Buffer.concat(into).subarray(0, 10).equals(content.subarray(9990)));
  },

  "get: into shared memory": async (volume) => {
    const into = sharedBytes(Buffer.alloc(5000));
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(77, 5000), [into], never), 5000);
    assert.ok(Buffer.from(into).equals(content.subarray(77, 5077)));
  },

  "get: into shared memory at an odd address": async (volume) => {
    const into = sharedBytes(Buffer.alloc(5000), 9);
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(77, 5000), [into], never), 5000);
    assert.ok(Buffer.from(into).equals(content.subarray(77, 5077)));
  },

  "get: into shared and ordinary memory together": async (volume) => {
    const into = [sharedBytes(Buffer.alloc(2500)), Buffer.alloc(2500)];
    assert.equal(await volume.get(await stored(volume, [content]), rangeOf(0, 5000), into, never), 5000);
    assert.ok(Buffer.concat(into.map((view) => Buffer.from(view))).equals(content.subarray(0, 5000)));
  },

  "get: memory outside the views is left alone": async (volume) => {
    const around = Buffer.alloc(120, 0xee);
    await volume.get(await stored(volume, [content]), rangeOf(0, 100), [around.subarray(10, 110)], never);
    assert.ok(around.subarray(0, 10).equals(Buffer.alloc(10, 0xee)) && around.subarray(110).equals(Buffer.alloc(10, 0xee)));
  },

  "get: many ranges at once": async (volume) => {
    const key = await stored(volume, [content]);
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        assert.ok((await read(volume, key, rangeOf(index * 100, 777))).equals(content.subarray(index * 100, index * 100 + 777))),
      ),
    );
  },

  "get: a range that does not fit the memory is ARGUMENT_INVALID": async (volume) => {
    const key = await stored(volume, [content]);
    await assertFails(volume.get(key, rangeOf(0, 10), [Buffer.alloc(9)], never), "ARGUMENT_INVALID");
    await assertFails(volume.get(key, { start: 5, end: 4 }, [], never), "ARGUMENT_INVALID");
    await assertFails(volume.get(key, { start: -1, end: 4 }, [Buffer.alloc(5)], never), "ARGUMENT_INVALID");
    await assertFails(volume.get(key, { start: 0.5, end: 1.5 }, [Buffer.alloc(1)], never), "ARGUMENT_INVALID");
  },

  "get: cancelled": async (volume) => {
    const key = await stored(volume, [content]);
    await assertFails(volume.get(key, rangeOf(0, 10), [Buffer.alloc(10)], abortedSignal()), "CANCELLED");
  },

  "get and put: 65 MiB and an odd rest": async (volume) => {
    const bytes = sampleBytes(65 * MiB + 4321);
    const key = await stored(volume, [sharedBytes(bytes)]);
    const into = sharedBytes(Buffer.alloc(bytes.length));
    assert.equal(await volume.get(key, rangeOf(0, bytes.length), [into], never), bytes.length);
    assert.ok(Buffer.from(into.buffer, into.byteOffset, into.byteLength).equals(bytes));
    assert.ok((await read(volume, key, rangeOf(64 * MiB - 5, 10))).equals(bytes.subarray(64 * MiB - 5, 64 * MiB + 5)));
    await volume.remove([key], never);
  },
};

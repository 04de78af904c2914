import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { GiB, KiB, MiB } from "../../core/units.ts";
import { Cursor } from "./cursor.ts";
import type { RangeReader } from "./format.ts";

/** A file in which each byte tells its position, and what was fetched of it. */
function endless(bytes: number): { file: RangeReader; fetched: () => number } {
  let fetched = 0;
  const read: RangeReader["read"] = async ({ start, end }) => {
    assert.ok(start >= 0 && end <= bytes);
    fetched += end - start;
    return Uint8Array.from({ length: end - start }, (_, index) => (start + index) % 251);
  };
  return { file: { bytes, read }, fetched: () => fetched };
}

test("whatever is skipped and read in whatever steps, each byte is that of its position", async () => {
  const step = fc.record({ skip: fc.oneof(fc.nat(20), fc.nat(5000)), read: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const cursor = new Cursor(endless(GiB).file);
      for (const { skip, read } of steps) {
        cursor.skip(skip);
        if (cursor.lacks(read)) await cursor.fill(read);
        const start = cursor.position;
        assert.deepEqual(
          [...cursor.view(read)],
          Array.from({ length: read }, (_, index) => (start + index) % 251),
        );
      }
    }),
  );
});

test("what is skipped is not fetched", async () => {
  const { file, fetched } = endless(100 * GiB);
  const cursor = new Cursor(file);
  for (let tensor = 0; tensor < 100; tensor++) {
    if (cursor.lacks(64)) await cursor.fill(64);
    cursor.view(64);
    cursor.skip(GiB - 64);
  }
  assert.ok(fetched() <= 200 * KiB, `${fetched()} bytes`);
});

test("a header that does not end is given up, and nothing is read or skipped behind the end of the file", async () => {
  const cursor = new Cursor({ bytes: 1024 * GiB, read: async ({ start, end }) => new Uint8Array(end - start) });
  const walk = async (): Promise<void> => {
    for (;;) {
      await cursor.fill(MiB);
      cursor.view(MiB);
    }
  };
  await assert.rejects(walk(), (error) => isFault(error, "FORMAT_INVALID") && error.message.includes(String(limits.headerBytesMax)));
  const short = new Cursor(endless(10).file);
  await assert.rejects(short.fill(11), (error) => isFault(error, "FORMAT_INVALID"));
  assert.throws(
    () => short.skip(11),
    (error) => isFault(error, "FORMAT_INVALID"),
  );
  short.skip(10);
  assert.equal(short.remaining, 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "hash-wasm";
import { Arena } from "./arena.ts";
import { directChecksums, pooledChecksums } from "./checksums.ts";
import { deskOffset } from "./memory-map.ts";
import { DataPool } from "./pool.ts";

const never = new AbortController().signal;

test("the same by the workers, in the caller's thread, and by somebody else's code", async () => {
  const arena = new Arena(4 << 20, deskOffset(1));
  await using pool = new DataPool(arena, 1);
  using lease = await arena.lend(3 << 20, never);
  for (let at = 0; at < lease.bytes.length; at++) lease.bytes[at] = (at * 31) >> 3;
  const views = [lease.bytes.subarray(0, 1), lease.bytes.subarray(1, 1), lease.bytes.subarray(1, 2 << 20), lease.bytes.subarray(2 << 20)];
  const reference = Number.parseInt(await crc32(lease.bytes, 0x82f63b78), 16);
  assert.equal(await directChecksums().crc32c(views), reference);
  assert.equal(await pooledChecksums(pool).crc32c(views), reference);
  assert.equal(pool.measures().jobs.crc32c, 1);
  assert.equal(await pooledChecksums(pool).crc32c([Buffer.from("12345"), Buffer.from("6789")]), 0xe3069283);
  assert.equal(pool.measures().jobs.crc32c, 1, "a few bytes are no work for a worker");
  assert.equal(await pooledChecksums(pool).crc32c([]), 0);
  const steps = Buffer.alloc(4 * Math.ceil(lease.bytes.length / 5000));
  for (let step = 0; step < steps.length / 4; step++)
    steps.writeUInt32BE(Number.parseInt(await crc32(lease.bytes.subarray(5000 * step, 5000 * step + 5000), 0x82f63b78), 16), 4 * step);
  assert.deepEqual(Buffer.from(await directChecksums().crc32cOfSteps(views, 5000)), steps, "steps go across views, and the last is short");
  assert.deepEqual(Buffer.from(await pooledChecksums(pool).crc32cOfSteps(views, 5000)), steps);
  assert.equal(pool.measures().jobs["crc32c-steps"], 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../core/errors.ts";
import { Arena } from "./arena.ts";

const MiB = 1024 * 1024;
const never = new AbortController().signal;

test("a lease is page aligned, and its bytes come back when it is given up", async () => {
  const arena = new Arena(4 * MiB, MiB);
  const all = await arena.lend(4 * MiB, never);
  assert.equal(all.bytes.byteOffset % 4096, 0);
  assert.equal(all.bytes.byteOffset, MiB);
  all[Symbol.dispose]();
  all[Symbol.dispose]();
  using again = await arena.lend(4 * MiB, never);
  assert.equal(again.bytes.length, 4 * MiB);
});

test("who asks for more than is free waits, first come first served", async () => {
  const arena = new Arena(4 * MiB, 0);
  const first = await arena.lend(3 * MiB, never);
  const order: string[] = [];
  const large = arena.lend(2 * MiB, never).then((lease) => (order.push("large"), lease));
  const small = arena.lend(4096, never).then((lease) => (order.push("small"), lease));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, [], "the small one must not overtake the large one");
  first[Symbol.dispose]();
  await Promise.all([large, small]);
  assert.deepEqual(order, ["large", "small"]);
});

test("waiting ends with CANCELLED, and does not block those behind", async () => {
  const arena = new Arena(MiB, 0);
  const held = await arena.lend(MiB / 2, never);
  const stop = new AbortController();
  const large = arena.lend(MiB, stop.signal);
  const small = arena.lend(4096, never);
  stop.abort();
  await assert.rejects(large, (error) => isFault(error, "CANCELLED"));
  (await small)[Symbol.dispose]();
  held[Symbol.dispose]();
});

test("more than the arena is a typed error at once", async () => {
  await assert.rejects(new Arena(MiB, 0).lend(2 * MiB, never), (error) => isFault(error, "LIMIT_EXCEEDED"));
});

test("after any order of leases and returns the arena is whole again", async () => {
  const arena = new Arena(8 * MiB, 0);
  let state = 7;
  const next = (below: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % below;
  const held: Disposable[] = [];
  for (let step = 0; step < 2000; step++) {
    if (held.length > 12 || (held.length > 0 && next(2) === 0)) held.splice(next(held.length), 1)[0]?.[Symbol.dispose]();
    else held.push(await arena.lend(1 + next(256 * 1024), never));
  }
  for (const lease of held) lease[Symbol.dispose]();
  using whole = await arena.lend(8 * MiB, never);
  assert.equal(whole.bytes.length, 8 * MiB);
});

test("several pieces are lent together or not at all", async () => {
  const arena = new Arena(4 * MiB, 0);
  const held = await arena.lend(2 * MiB, never);
  const pair = arena.lendAll(
    [
      { bytes: 1.5 * MiB, end: "low" },
      { bytes: MiB, end: "high" },
    ],
    never,
  );
  const small = arena.lend(4096, never);
  held[Symbol.dispose]();
  const [low, high] = await pair;
  assert.ok(low && high && high.bytes.byteOffset > low.bytes.byteOffset);
  for (const lease of [low, high, await small]) lease[Symbol.dispose]();
  using whole = await arena.lend(4 * MiB, never);
  assert.equal(whole.bytes.length, 4 * MiB);
});

test("what a lease shrinks by can be lent again, and nothing comes back twice", async () => {
  const arena = new Arena(4 * MiB, 0);
  const lease = await arena.lend(3 * MiB, never);
  lease.shrink(MiB);
  const rest = await arena.lend(3 * MiB, never);
  lease[Symbol.dispose]();
  rest[Symbol.dispose]();
  using whole = await arena.lend(4 * MiB, never);
  assert.equal(whole.bytes.length, 4 * MiB);
});

test("what is free is lent at once or not at all, and nobody who waits is passed", async () => {
  const arena = new Arena(2 * MiB, 0);
  const first = arena.lendNow(1.5 * MiB);
  assert.ok(first);
  assert.equal(arena.lendNow(MiB), undefined);
  const waiting = arena.lend(MiB, never);
  assert.equal(arena.lendNow(4096), undefined, "another waits");
  first[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
  assert.ok(arena.lendNow(2 * MiB));
});

test("an arena can lend a part of the memory of another", async () => {
  const outer = new Arena(2 * MiB, 3 * MiB);
  const inner = new Arena(MiB, 2 * MiB, outer.memory);
  using part = await inner.lend(MiB, never);
  using own = await outer.lend(2 * MiB, never);
  assert.equal(part.bytes.buffer, own.bytes.buffer);
  assert.deepEqual([part.bytes.byteOffset, own.bytes.byteOffset], [2 * MiB, 3 * MiB]);
});

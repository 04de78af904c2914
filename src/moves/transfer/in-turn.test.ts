/** One filler for each chunk, over a cache and volumes that only count; with locks that lie, it is right all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { realWorld } from "../../core/world/index.ts";
import { Coordination } from "../../places/coordinate/index.ts";
import type { Locks } from "../../places/coordinate/locks.ts";
import { coordinatorWith, liarLocks, stubbornLocks } from "../../places/coordinate/test-tools.ts";
import { type Filling, fillInTurn } from "./in-turn.ts";

const never = new AbortController().signal;
const keys = Array.from({ length: 30 }, (_, index) => ({ key: `ns/${index}` }));
type Key = (typeof keys)[number];

/** Processes that share a cache and locks; each has a load of its own. */
class Fleet {
  readonly cached = new Set<Key>();
  fetched: Key[] = [];
  readonly coordination: Coordination;
  keeps = true;

  constructor(locks?: Locks, waitMs = 5000) {
    this.coordination = new Coordination(coordinatorWith(locks), realWorld, { waitMs, leaseMs: 5000 });
  }

  filling(): Filling<Key> & { readonly had: Set<Key> } {
    const had = new Set<Key>();
    return {
      had,
      recall: async (items) => {
        for (const item of items) if (this.cached.has(item)) had.add(item);
        // What is left by others from here on was not seen.
        await realWorld.sleep(8 * realWorld.random(), never);
        return items.filter((item) => !had.has(item));
      },
      fetch: async (items) => {
        await realWorld.sleep(5 + 10 * realWorld.random(), never);
        this.fetched.push(...items);
        for (const item of items) had.add(item);
      },
      kept: async (items) => {
        await realWorld.sleep(5, never);
        if (this.keeps) for (const item of items) this.cached.add(item);
      },
    };
  }

  async load(items: readonly Key[] = keys): Promise<void> {
    const filling = this.filling();
    const missing = await filling.recall(items);
    await fillInTurn(this.coordination.fillers, missing, filling, never);
    assert.deepEqual([...filling.had].sort(byKey), [...items].sort(byKey), "every chunk was had");
  }
}

function byKey(a: Key, b: Key): number {
  return a.key < b.key ? -1 : 1;
}

test("of many who want the same chunks, each chunk is fetched once", async () => {
  const fleet = new Fleet();
  await Promise.all(Array.from({ length: 16 }, () => fleet.load()));
  assert.deepEqual(fleet.fetched.sort(byKey), [...keys].sort(byKey));
  await fleet.coordination[Symbol.asyncDispose]();
});

test("so it is with chunks that overlap in part", async () => {
  const fleet = new Fleet();
  await Promise.all(Array.from({ length: 12 }, (_, at) => fleet.load(keys.filter((_, index) => index % 3 === at % 3 || index % 4 === 0))));
  assert.deepEqual(fleet.fetched.sort(byKey), [...keys].sort(byKey));
  await fleet.coordination[Symbol.asyncDispose]();
});

test("with a lock that always says yes each may fetch, and all have everything", async () => {
  const fleet = new Fleet(liarLocks);
  await Promise.all(Array.from({ length: 5 }, () => fleet.load()));
  assert.ok(fleet.fetched.length >= keys.length);
});

test("a lock that always says no is waited for at most twice, then no more for a while", async () => {
  const fleet = new Fleet(stubbornLocks, 30);
  let taken = 0;
  const sleep = realWorld.sleep;
  const world = { ...realWorld, sleep: (ms: number, signal: AbortSignal) => (taken++, sleep(ms, signal)) };
  const coordination = new Coordination(coordinatorWith(stubbornLocks), world, { waitMs: 30, leaseMs: 5000 });
  const load = (): Promise<void> => fillInTurn(coordination.fillers, keys, fleet.filling(), never);
  await load();
  await load();
  const before = taken;
  assert.ok(before > 0);
  await load();
  assert.equal(taken, before, "the third does not wait");
  assert.equal(fleet.fetched.length, 3 * keys.length);
});

test("where nothing is ever kept, nobody waits long for it", async () => {
  const fleet = new Fleet(undefined, 60_000);
  fleet.keeps = false;
  await Promise.all(Array.from({ length: 4 }, () => fleet.load()));
  assert.equal(fleet.fetched.length, 4 * keys.length);
});

test("a filler that fails lets go, and another takes its place", async () => {
  const fleet = new Fleet();
  const failing = { ...fleet.filling(), fetch: () => Promise.reject(new RangeError("test")) };
  await assert.rejects(fillInTurn(fleet.coordination.fillers, keys, failing, never), RangeError);
  await fleet.load();
  assert.equal(fleet.fetched.length, keys.length);
});

test("waiting can be cancelled", async () => {
  const fleet = new Fleet(stubbornLocks);
  const stop = new AbortController();
  const waiting = fillInTurn(fleet.coordination.fillers, keys, fleet.filling(), stop.signal);
  stop.abort();
  await assert.rejects(waiting, (error) => isFault(error, "CANCELLED"));
});

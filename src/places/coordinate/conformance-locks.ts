import assert from "node:assert/strict";
import { fault, isFault } from "../../core/errors.ts";
import { realWorld } from "../../core/world/index.ts";
import type { Fixture } from "./conformance-tools.ts";
import { type Held, type Locks, underLock } from "./locks.ts";

const never = new AbortController().signal;
const longMs = 30_000;
const shortMs = 60;

let serial = 0;
const fresh = (): string => `ns/lock-${++serial}`;

async function takeOne(locks: Locks, name: string, leaseMs = longMs): Promise<Held | undefined> {
  return (await locks.take([name], leaseMs, never))[0];
}

async function mustTake(locks: Locks, name: string, leaseMs = longMs): Promise<Held> {
  const held = await takeOne(locks, name, leaseMs);
  assert.ok(held, `${name} can be taken`);
  return held;
}

/** Asks until the lease of whoever holds it is over. */
async function takeWhenOver(locks: Locks, name: string): Promise<Held> {
  for (let held = await takeOne(locks, name); ; held = await takeOne(locks, name)) {
    if (held) return held;
    await realWorld.sleep(10, never);
  }
}

export const lockCases: Readonly<Record<string, (fixture: Fixture) => Promise<void>>> = {
  "a name is held by one, and by the next when it was let go": async ({ one, other }) => {
    const name = fresh();
    const first = await mustTake(one.locks, name);
    assert.equal(await takeOne(other.locks, name), undefined);
    assert.equal(await takeOne(one.locks, name), undefined, "not by the same process again either");
    await one.locks.release([first]);
    await other.locks.release([await mustTake(other.locks, name)]);
  },
  "tokens grow with each holder, whatever became of the one before": async ({ one, other }) => {
    const name = fresh();
    const tokens: number[] = [];
    for (const locks of [one.locks, other.locks, one.locks]) {
      const held = await mustTake(locks, name);
      tokens.push(held.token);
      await locks.release([held]);
    }
    const paused = await mustTake(one.locks, name, shortMs);
    const next = await takeWhenOver(other.locks, name);
    tokens.push(paused.token, next.token);
    assert.ok(
      tokens.every((token, at) => Number.isSafeInteger(token) && token > (tokens[at - 1] ?? 0)),
      tokens.join(" "),
    );
    await other.locks.release([next]);
  },
  "what refuses older tokens is safe from a holder that was paused": async ({ one, other }) => {
    const name = fresh();
    const written: string[] = [];
    let newest = 0;
    const write = (held: Held, text: string): void => {
      if (held.token < newest) return;
      newest = held.token;
      written.push(text);
    };
    const paused = await mustTake(one.locks, name, shortMs);
    const next = await takeWhenOver(other.locks, name);
    write(next, "next");
    write(paused, "paused");
    assert.deepEqual(written, ["next"]);
    await other.locks.release([next]);
  },
  "a holder whose lease ran out cannot renew, and does not let go of what is another's": async ({ one, other }) => {
    const name = fresh();
    const late = await mustTake(one.locks, name, shortMs);
    const next = await takeWhenOver(other.locks, name);
    assert.equal(await one.locks.renew(late, longMs, never), false);
    await one.locks.release([late]);
    assert.equal(await takeOne(one.locks, name), undefined);
    assert.equal(await other.locks.renew(next, longMs, never), true);
    await other.locks.release([next]);
  },
  "a lock that was renewed outlives its first lease": async ({ one, other }) => {
    const name = fresh();
    const held = await mustTake(one.locks, name, 3000);
    assert.equal(await one.locks.renew(held, longMs, never), true);
    await realWorld.sleep(3100, never);
    assert.equal(await takeOne(other.locks, name), undefined);
    await one.locks.release([held]);
  },
  "of many names those that are free are had, one answer for each": async ({ one, other }) => {
    const names = Array.from({ length: 200 }, fresh);
    const third = names.filter((_, at) => at % 3 === 0);
    const theirs = await other.locks.take(third, longMs, never);
    assert.ok(theirs.every((held, at) => held?.name === third[at]));
    const mine = await one.locks.take(names, longMs, never);
    assert.deepEqual(
      mine.map((held) => held?.name),
      names.map((name, at) => (at % 3 === 0 ? undefined : name)),
    );
    await one.locks.release(mine.filter((held) => held !== undefined));
    await other.locks.release(theirs.filter((held) => held !== undefined));
    assert.deepEqual(await one.locks.take([], longMs, never), []);
  },
  "of many who want it at once, one has it": async ({ one, other }) => {
    for (let round = 0; round < 5; round++) {
      const name = fresh();
      const all = await Promise.all(Array.from({ length: 40 }, (_, at) => takeOne(at % 2 ? one.locks : other.locks, name)));
      const held = all.filter((answer) => answer !== undefined);
      assert.equal(held.length, 1);
      await one.locks.release(held);
    }
  },
  "work under a lock is done by one at a time, for longer than a lease": async ({ one, other }) => {
    const name = fresh();
    const wish = { name, leaseMs: 2000, waitMs: longMs };
    let inside = 0;
    const work = async (held: Held | undefined): Promise<void> => {
      assert.ok(held, "it was waited for");
      assert.equal(++inside, 1);
      await realWorld.sleep(2300, never);
      inside--;
    };
    await Promise.all([one, other].map(({ locks }) => underLock(locks, realWorld, wish, never, work)));
  },
  "who does not get a lock in time works without it": async ({ one, other }) => {
    const name = fresh();
    const held = await mustTake(one.locks, name);
    assert.equal(await underLock(other.locks, realWorld, { name, leaseMs: longMs, waitMs: 50 }, never, async (got) => got), undefined);
    await one.locks.release([held]);
  },
  "a lock is let go when its work throws": async ({ one, other }) => {
    const name = fresh();
    const work = underLock(one.locks, realWorld, { name, leaseMs: longMs, waitMs: 0 }, never, () => Promise.reject(fault("REF_CONFLICT", "test")));
    await assert.rejects(work, (error) => isFault(error, "REF_CONFLICT"));
    await other.locks.release([await mustTake(other.locks, name)]);
  },
  "it says that others can be reached, again and again": async ({ one }) => {
    for (let round = 0; round < 3; round++) await one.check(never);
  },
  "waiting for a lock can be cancelled": async ({ one, other }) => {
    const name = fresh();
    const held = await mustTake(one.locks, name);
    const stop = new AbortController();
    const waiting = underLock(other.locks, realWorld, { name, leaseMs: longMs, waitMs: longMs }, stop.signal, async () => assert.fail("it was not to be had"));
    stop.abort();
    await assert.rejects(waiting, (error) => isFault(error, "CANCELLED"));
    await one.locks.release([held]);
  },
};

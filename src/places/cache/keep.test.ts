/** What waits to be written to a slow tier: dropped where there is no room, or waited for, as the caller says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { realWorld } from "../../core/world/index.ts";
import { ChunkCache, type Fresh } from "./cache.ts";
import { never, someValue } from "./conformance.ts";
import { driver } from "./memory/index.ts";
import { testEnvironment } from "./test-tools.ts";
import type { Tier } from "./tier.ts";
import type { MemorySettings } from "./tier-settings.ts";

const settings: MemorySettings = { kind: "memory", name: "slow", bytes: 64 * MiB, policy: "lru" };
/** As many as the room holds. */
const roomValues = 8;

/** Writes stand still until `go`. */
async function slowCache() {
  const gate = Promise.withResolvers<void>();
  const environment = testEnvironment();
  const inner = await driver.open(settings, environment);
  const write: Tier["write"] = async (values, signal) => {
    await gate.promise;
    await inner.write(values, signal);
  };
  const tier: Tier = { ...wrapped(inner), traits: { immediate: false }, write };
  return { cache: new ChunkCache([settings], environment, async () => tier), inner, go: () => gate.resolve() };
}

function wrapped(tier: Tier): Tier {
  return {
    ...{ name: tier.name, traits: tier.traits, pins: tier.pins },
    read: (wanted, signal) => tier.read(wanted, signal),
    write: (values, signal) => tier.write(values, signal),
    drop: (keys, signal) => tier.drop(keys, signal),
    facts: (signal) => tier.facts(signal),
    clear: (signal) => tier.clear(signal),
    [Symbol.asyncDispose]: () => tier[Symbol.asyncDispose](),
  };
}

function fresh(): Fresh {
  const { key, form, crc32c, body } = someValue(4 * MiB);
  return { key, form, crc32c, from: body, copies: undefined, found: undefined };
}

test("with no room and no wait a value is dropped; with a wait it is kept when there is room", async () => {
  const { cache, inner, go } = await slowCache();
  await cache.keep(Array.from({ length: roomValues }, fresh), never);
  await cache.keep([fresh()], never);
  const waited = fresh();
  const keeping = cache.keep([waited], never, 60_000);
  go();
  await keeping;
  await cache.written([waited.key]);
  assert.equal((await inner.facts(never)).entries, roomValues + 1);
  await cache[Symbol.asyncDispose]();
});

test("a wait that is over is given up, and one that is cancelled says so", async () => {
  const { cache, inner, go } = await slowCache();
  await cache.keep(Array.from({ length: roomValues }, fresh), never);
  const late = fresh();
  await cache.keep([late], never, 20);
  await cache.written([late.key]);
  const stop = new AbortController();
  const cancelled = cache.keep([fresh()], stop.signal, 60_000);
  stop.abort();
  await assert.rejects(cancelled, (error) => isFault(error, "CANCELLED"));
  go();
  await cache.settled();
  assert.equal((await inner.facts(never)).entries, roomValues);
  await cache[Symbol.asyncDispose]();
});

test("a value is written when its tier has taken it, or has failed to", async () => {
  const { cache, inner, go } = await slowCache();
  const [one, other] = [fresh(), fresh()];
  await cache.keep([one, other], never);
  let written = false;
  const waiting = cache.written([one.key, other.key]).then(() => (written = true));
  await realWorld.sleep(20, never);
  assert.equal(written, false);
  go();
  await waiting;
  assert.equal((await inner.facts(never)).entries, 2);
  await cache[Symbol.asyncDispose]();
  const failing = new ChunkCache([settings], testEnvironment(), async () => ({
    ...wrapped(inner),
    traits: { immediate: false },
    write: () => Promise.reject(fault("CACHE_UNREACHABLE", "test")),
  }));
  const lost = fresh();
  await failing.keep([lost], never);
  await failing.written([lost.key]);
});

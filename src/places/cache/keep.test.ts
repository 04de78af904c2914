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

const settings: MemorySettings = { kind: "memory", name: "slow", bytes: 128 * MiB, policy: "lru" };
/** As many as the room holds. */
const roomValues = 16;

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
  const keeping = cache.keep([waited], never, { waitMs: 60_000 });
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
  await cache.keep([late], never, { waitMs: 20 });
  await cache.written([late.key]);
  const stop = new AbortController();
  const cancelled = cache.keep([fresh()], stop.signal, { waitMs: 60_000 });
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

test("a load that is much larger than a memory tier leaves there what was there", async () => {
  const cache = new ChunkCache([{ ...settings, policy: "lru" }], testEnvironment());
  const [stays, large, passing] = [fresh(), fresh(), fresh()];
  await cache.keep([stays], never, { loadBytes: 0 });
  await cache.keep([large], never, { loadBytes: 4 * settings.bytes });
  await cache.keep([passing], never, { loadBytes: 4 * settings.bytes + 1 });
  const found = await cache.read(
    [stays, large, passing].map(({ key, form }) => ({ key, form, into: new Uint8Array(new SharedArrayBuffer(form.storedBytes)) })),
    never,
  );
  assert.deepEqual(
    found.map((hit) => hit !== undefined),
    [true, true, false],
  );
  for (const hit of found) hit?.[Symbol.dispose]();
  await cache[Symbol.asyncDispose]();
});

test("where a policy holds some of a large load, or a tier is shared, it is kept", async () => {
  for (const changed of [{ policy: "sieve" }, { kind: "disk" }] as const) {
    const kept = { ...settings, ...changed } as MemorySettings;
    const tier = await driver.open(settings, testEnvironment());
    const cache = new ChunkCache([kept], testEnvironment(), async () => tier);
    await cache.keep([fresh()], never, { loadBytes: 100 * settings.bytes });
    assert.equal((await tier.facts(never)).entries, 1, JSON.stringify(changed));
    await cache[Symbol.asyncDispose]();
  }
});

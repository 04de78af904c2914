/** Loads through a cache: right whatever the tiers do, and without the volumes where the tiers have it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MiB } from "../../src/core/units.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { openTier } from "../../src/places/cache/open.ts";
import { failingTier } from "../../src/places/cache/test-tools.ts";
import type { Tier } from "../../src/places/cache/tier.ts";
import { sparing } from "../../src/places/cache/wrap/sparing.ts";
import { cacheEnvironment, flipBit, Stand, weights } from "./stand.ts";

const memory: TierSettings = { kind: "memory", name: "memory", bytes: 48 * MiB, policy: "sieve" };
const model = { "model.safetensors": weights(6, 2048, 1), "config.json": Buffer.from("{}") };
const tuned = { ...model, "model.safetensors": weights(6, 2048, 1, 500_000) };
/** What a manifest may take of the bytes that a load reads. */
const manifestBytesMax = 20_000;

/** The same store behind other tiers. */
function behind(stand: Stand, wrap: (tier: Tier) => Tier, settings = [memory]): Engine & AsyncDisposable {
  const { arena, pool, world } = stand.engine;
  const cache = new ChunkCache(settings, cacheEnvironment(arena, pool, world), async (one, environment) => wrap(await openTier(one, environment)));
  return { ...stand.engine, cache, [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() };
}

test("what one load read, the next has from the cache: raw, encoded, and on a chain of deltas", async () => {
  for (const encode of ["raw", "auto"] as const) {
    await using stand = await Stand.make(2, [memory]);
    await stand.push(model, { encode });
    const second = await stand.push(tuned, { encode });
    const cold = await stand.expectLoads(tuned, `ns/model@${second.version}`);
    const warm = await stand.expectLoads(tuned, `ns/model@${second.version}`);
    assert.ok(cold.fetchedBytes > 1 * MiB && cold.cachedBytes === 0, JSON.stringify(cold));
    assert.ok(warm.fetchedBytes < manifestBytesMax, `${encode}: ${warm.fetchedBytes} bytes read again`);
    assert.ok(warm.cachedBytes > 1 * MiB);
    await stand.expectLoads(model, "ns/model@main~1");
  }
});

test("two loads of one cold model at once read it once", async () => {
  await using stand = await Stand.make(2, [memory]);
  await stand.push(model, { encode: "raw" });
  const bytes = model["model.safetensors"].length;
  const loads = await Promise.all([1, 2, 3].map(() => stand.expectLoads(model)));
  const fetched = loads.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0);
  assert.ok(fetched < bytes * 1.02 + 3 * manifestBytesMax, `${fetched} bytes of volumes for ${bytes}`);
});

test("a tier smaller than the model, of any policy, gives the right bytes", async () => {
  for (const policy of ["lru", "lfu", "random", "sieve"] as const) {
    await using stand = await Stand.make(2, [{ ...memory, bytes: 4 * MiB, policy }]);
    await stand.push(model);
    await stand.expectLoads(model);
    await stand.expectLoads(model);
  }
});

/** A cache that gives other bytes: those of another chunk, changed ones, or zeros, with checksums that fit or not. */
function liar(tier: Tier, told: { dropped: number; lies: number }): Tier {
  return {
    ...{ name: tier.name, traits: tier.traits, pins: tier.pins },
    async read(wanted, signal) {
      const hits = await tier.read(wanted, signal);
      return wanted.map(({ into, form }, index) => {
        const hit = hits[index];
        told.lies++;
        if (hit && index % 3 > 0) into.set(hit.body.subarray(0, into.length));
        else into.fill(0);
        if (index % 3 === 1) into[into.length >> 1] = (into[into.length >> 1] as number) ^ 16;
        if (index % 3 === 2) into.copyWithin(1, 0, Math.max(0, form.storedBytes - 1));
        const crc32c = hit?.crc32c ?? 0;
        hit?.[Symbol.dispose]();
        return { body: into, crc32c, thin: index % 2 === 0, [Symbol.dispose]: () => {} };
      });
    },
    write: (values, signal) => tier.write(values, signal),
    async drop(keys, signal) {
      told.dropped += keys.length;
      await tier.drop(keys, signal);
    },
    facts: (signal) => tier.facts(signal),
    clear: (signal) => tier.clear(signal),
    [Symbol.asyncDispose]: () => tier[Symbol.asyncDispose](),
  };
}

test("a cache that returns other bytes costs time and never a wrong byte", async () => {
  for (const encode of ["raw", "auto"] as const) {
    await using stand = await Stand.make(2);
    await stand.push(model, { encode });
    await stand.push(tuned, { encode });
    const told = { dropped: 0, lies: 0 };
    await using engine = behind(stand, (tier) => liar(tier, told));
    for (let round = 0; round < 2; round++) {
      const { cachedBytes } = await stand.expectLoads(tuned, "ns/model", engine);
      assert.equal(cachedBytes, 0, "nothing that it says counts");
    }
    assert.ok(told.lies > 10 && told.dropped === told.lies, `${told.dropped} of ${told.lies} lies were told back`);
  }
});

test("a tier that is down costs two calls and no load, and is used again when it is back", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  let nowMs = 0;
  const state = { down: true, calls: 0 };
  const world = { ticks: () => nowMs };
  await using engine = behind(stand, (tier) => sparing(failingTier(tier, state), world));
  for (let round = 0; round < 3; round++) await stand.expectLoads(model, "ns/model", engine);
  assert.equal(state.calls, 2, "then it was left alone");
  state.down = false;
  nowMs = 2000;
  await stand.expectLoads(model, "ns/model", engine);
  const warm = await stand.expectLoads(model, "ns/model", engine);
  assert.ok(warm.cachedBytes > 1 * MiB && warm.fetchedBytes < manifestBytesMax, JSON.stringify(warm));
});

test("damage on a volume does not reach the cache", async () => {
  await using stand = await Stand.make(2, [memory]);
  await stand.push(model, { encode: "raw" });
  for (const path of await stand.objectFiles("v1")) if (path.includes("shard")) await flipBit(path, 4_000_000);
  await stand.expectLoads(model);
  const warm = await stand.expectLoads(model);
  assert.ok(warm.fetchedBytes < manifestBytesMax);
});

/** Loads through Redis, by several processes' worth of caches that share the servers and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterUrls, ringUrls } from "../../src/machine/redis/test-tools.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { settingsFor } from "../../src/places/cache/redis/test-tools.ts";
import { wantEngine } from "../services/wanted.ts";
import { cacheEnvironment, never, Stand, weights } from "./stand.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");
const model = { "model.safetensors": weights(6, 2048, 5), "config.json": Buffer.from("{}") };
const tuned = { ...model, "model.safetensors": weights(6, 2048, 5, 500_000) };
const manifestBytesMax = 20_000;

const kinds: readonly (readonly [string, string | false, () => TierSettings])[] = [
  ["a Redis Cluster", cluster.skip, () => settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" })],
  ["a ring with two copies", ring.skip, () => settingsFor({ urls: ringUrls(ring.url), copies: 2 })],
];

/** The same store with a cache of its own over the same servers. */
function another(stand: Stand, settings: TierSettings) {
  const { arena, pool, world } = stand.engine;
  const cache = new ChunkCache([settings], cacheEnvironment(arena, pool, world));
  return { ...stand.engine, cache, [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() };
}

for (const [name, skip, settingsOf] of kinds) {
  test(`what one process loaded, others have from ${name}`, { skip }, async () => {
    const settings = settingsOf();
    await using stand = await Stand.make(2);
    await stand.push(model);
    await stand.push(tuned);
    await using first = another(stand, settings);
    const cold = await stand.expectLoads(tuned, "ns/model", first);
    assert.equal(cold.cachedBytes, 0);
    await first.cache.settled();
    await using second = another(stand, settings);
    const warm = await stand.expectLoads(tuned, "ns/model", second);
    assert.ok(warm.fetchedBytes < manifestBytesMax, `${warm.fetchedBytes} bytes read from volumes`);
    await (await second.cache.tier("redis")).clear(never);
  });

  test(`loads are right while ${name} is emptied again and again`, { skip }, async () => {
    const settings = settingsOf();
    await using stand = await Stand.make(2);
    await stand.push(model);
    await using engine = another(stand, settings);
    const tier = await engine.cache.tier("redis");
    const over = new AbortController();
    const emptying = (async () => {
      while (!over.signal.aborted) {
        await tier.clear(never);
        await stand.world.sleep(50, over.signal).catch(() => undefined);
      }
    })();
    for (let round = 0; round < 3; round++) await stand.expectLoads(model, "ns/model", engine);
    over.abort();
    await emptying;
    await engine.cache.settled();
    await tier.clear(never);
  });
}

test("servers that are not there cost no load", async () => {
  await using stand = await Stand.make(2);
  await stand.push(model);
  for (const mode of ["cluster", "ring"] as const) {
    await using engine = another(stand, settingsFor({ urls: ["redis://127.0.0.1:1", "redis://127.0.0.1:2"], mode, copies: 2 }));
    const { cachedBytes } = await stand.expectLoads(model, "ns/model", engine);
    assert.equal(cachedBytes, 0);
  }
});

/** Redis servers that are killed while loads go on: no load fails, and what has two copies is still cached. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parseModelName } from "../../src/core/names.ts";
import { MiB } from "../../src/core/units.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { cacheReport } from "../../src/flows/cache-report.ts";
import { warm } from "../../src/flows/warm.ts";
import { RedisNode } from "../../src/machine/redis/node.ts";
import { placeOf } from "../../src/machine/redis/place.ts";
import { clusterUrls, ringUrls } from "../../src/machine/redis/test-tools.ts";
import { bytesIn, someValue } from "../../src/places/cache/conformance.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { settingsFor } from "../../src/places/cache/redis/test-tools.ts";
import { wantEngine } from "../services/wanted.ts";
import { cacheEnvironment, never, quiet, Stand, weights } from "./stand.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");
const model = { "model.safetensors": weights(8, 2048, 9), "config.json": Buffer.from("{}") };
const manifestBytesMax = 20_000;
const waitMsMax = 30_000;

async function services(...words: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, "../../scripts/services.ts"), ...words]);
}

function withCache(stand: Stand, settings: TierSettings) {
  const { arena, pool, world } = stand.engine;
  const cache = new ChunkCache([settings], cacheEnvironment(arena, pool, world));
  return { ...stand.engine, cache, [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() };
}

test("a node of a ring is killed: with two copies no cached chunk is lost, and when it is back empty it is filled again", { skip: ring.skip }, async () => {
  const settings = settingsFor({ urls: ringUrls(ring.url), copies: 2 });
  await using stand = await Stand.make(2);
  await stand.push(model, { encode: "raw" });
  await using engine = withCache(stand, settings);
  await stand.expectLoads(model, "ns/model", engine);
  await engine.cache.settled();
  const tier = await engine.cache.tier("redis");
  const full = await tier.facts(never);
  await services("kill", "redis-ring", "node2");
  try {
    await using other = withCache(stand, settings);
    const { fetchedBytes } = await stand.expectLoads(model, "ns/model", other);
    assert.ok(fetchedBytes < manifestBytesMax, `${fetchedBytes} bytes read from volumes`);
  } finally {
    await services("start", "redis-ring", "node2");
  }
  await using fresh = withCache(stand, settings);
  const { fetchedBytes } = await stand.expectLoads(model, "ns/model", fresh);
  assert.ok(fetchedBytes < manifestBytesMax);
  await fresh.cache.settled();
  assert.equal((await (await fresh.cache.tier("redis")).facts(never)).entries, full.entries, "each value is on two nodes again");
  await tier.clear(never);
});

test("a master of a cluster is killed under load: no load fails, and the cache comes back", { skip: cluster.skip }, async (context) => {
  const settings = settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" });
  await using stand = await Stand.make(2);
  await stand.push(model, { encode: "raw" });
  await using engine = withCache(stand, settings);
  await stand.expectLoads(model, "ns/model", engine);
  await engine.cache.settled();
  assert.ok((await stand.expectLoads(model, "ns/model", engine)).fetchedBytes < manifestBytesMax);
  await services("kill", "redis-cluster", "master1");
  try {
    const startMs = stand.world.ticks();
    let loads = 0;
    let degradedLoads = 0;
    for (let healthy = 0; healthy < 2; loads++) {
      assert.ok(stand.world.ticks() - startMs < waitMsMax, "the cache serves everything again");
      const { fetchedBytes } = await stand.expectLoads(model, "ns/model", engine);
      await engine.cache.settled();
      if (fetchedBytes < manifestBytesMax) healthy++;
      else [healthy, degradedLoads] = [0, degradedLoads + 1];
    }
    const seconds = (stand.world.ticks() - startMs) / 1000;
    context.diagnostic(`${loads} loads, none failed; ${degradedLoads} read volumes too; whole again within ${seconds.toFixed(1)} s`);
  } finally {
    await services("start", "redis-cluster");
  }
  await (await engine.cache.tier("redis")).clear(never);
});

test("full servers evict, and a pinned version stays whole", { skip: ring.skip }, async () => {
  const settings = settingsFor({ urls: ringUrls(ring.url), maxmemoryPolicy: "allkeys-lfu" });
  const nodes = ringUrls(ring.url).map((url) => new RedisNode(placeOf(url), realWorld));
  const set = (name: string, value: string) => Promise.all(nodes.map((node) => node.ask({ words: ["CONFIG", "SET", name, value] })));
  await using stand = await Stand.make(2, [settings]);
  await stand.push(model, { encode: "raw" });
  const tier = await stand.engine.cache.tier("redis");
  try {
    await set("maxmemory", String(48 * MiB));
    await warm(stand.engine, { at: { model: parseModelName("ns/model"), revision: undefined }, tier: "redis", unpin: false }, quiet, never);
    assert.equal((await tier.facts(never)).policy, "volatile-lfu");
    const values = Array.from({ length: 240 }, () => someValue(1 * MiB));
    for (let at = 0; at < values.length; at += 8) await tier.write(values.slice(at, at + 8), never);
    const hits = await Promise.all(values.map((value) => bytesIn(tier, value)));
    assert.ok(hits.some((hit) => hit === undefined) && hits.some((hit) => hit !== undefined), "some were evicted, and some are there");
    const [report] = await cacheReport(stand.engine, never);
    assert.deepEqual(
      report?.pins.map(({ whole }) => whole),
      [true],
    );
    assert.ok((await stand.expectLoads(model)).fetchedBytes < manifestBytesMax);
  } finally {
    await tier.clear(never);
    await set("maxmemory", String(512 * MiB));
    await set("maxmemory-policy", "allkeys-lru");
    for (const node of nodes) node.close();
  }
});

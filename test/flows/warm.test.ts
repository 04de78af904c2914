/** Whole versions kept in tiers: whole whatever else comes, or not at all. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isFault } from "../../src/core/errors.ts";
import { parseModelName } from "../../src/core/names.ts";
import { MiB } from "../../src/core/units.ts";
import { cacheReport } from "../../src/flows/cache-report.ts";
import { warm } from "../../src/flows/warm.ts";
import { clusterUrls, ringUrls } from "../../src/machine/redis/test-tools.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { openTier } from "../../src/places/cache/open.ts";
import { settingsFor } from "../../src/places/cache/redis/test-tools.ts";
import { wantEngine } from "../services/wanted.ts";
import { cacheEnvironment, never, quiet, Stand, weights } from "./stand.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");
const kept = { "model.safetensors": weights(4, 2048, 21), "config.json": Buffer.from("{}") };
const tuned = { ...kept, "model.safetensors": weights(4, 2048, 21, 300_000) };
const other = { "model.safetensors": weights(8, 2048, 22) };
const manifestBytesMax = 20_000;

const keep = (engine: Engine, tier: string, revision?: string, unpin = false) =>
  warm(engine, { at: { model: parseModelName("ns/kept"), revision }, tier, unpin }, quiet, never);

async function withTier(kind: string, run: (settings: TierSettings) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-warm-"));
  const all: Readonly<Record<string, () => TierSettings>> = {
    memory: () => ({ kind: "memory", name: "tier", bytes: 24 * MiB, policy: "lru" }),
    disk: () => ({ kind: "disk", name: "tier", folder, bytes: 20 * MiB, policy: "lru" }),
    cluster: () => ({ ...settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" }), name: "tier" }),
    ring: () => ({ ...settingsFor({ urls: ringUrls(ring.url), copies: 2 }), name: "tier" }),
  };
  try {
    await run((all[kind] as () => TierSettings)());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const kinds = { memory: false, disk: false, cluster: cluster.skip, ring: ring.skip } as const;
for (const [kind, skip] of Object.entries(kinds))
  test(`a warmed version is loaded without the volumes and stays whole: ${kind}`, { skip }, () =>
    withTier(kind, async (settings) => {
      await using stand = await Stand.make(2, [settings]);
      await stand.push(kept, { model: "ns/kept" });
      const second = await stand.push(tuned, { model: "ns/kept" });
      await stand.push(other, { model: "ns/other" });
      const { engine } = stand;
      const cold = await keep(engine, "tier");
      assert.deepEqual([cold.version, cold.pinned], [second.version, true]);
      assert.ok(cold.fetchedBytes > 1 * MiB);
      for (let round = 0; round < 3; round++) await stand.expectLoads(other, "ns/other");
      const [report] = await cacheReport(engine, never);
      assert.deepEqual(
        report?.pins.map(({ model, version, whole }) => [model, version, whole]),
        [["ns/kept", second.version, true]],
      );
      assert.ok((await stand.expectLoads(tuned, "ns/kept")).fetchedBytes < manifestBytesMax);
      const again = await keep(engine, "tier");
      assert.ok(again.fetchedBytes < manifestBytesMax, "what is there is not read again");
      await keep(engine, "tier", undefined, true);
      assert.deepEqual((await cacheReport(engine, never))[0]?.pins, []);
      await engine.cache.settled();
      await (await engine.cache.tier("tier")).clear(never);
    }),
  );

test("a version that does not fit is refused, and nothing of it is pinned", async () => {
  for (const settings of [{ kind: "memory", name: "tier", bytes: 4 * MiB, policy: "lru" }] as const) {
    await using stand = await Stand.make(2, [settings]);
    await stand.push(kept, { model: "ns/kept", encode: "raw" });
    await assert.rejects(keep(stand.engine, "tier"), (error) => isFault(error, "CACHE_FULL") && /tier/.test(error.message));
    assert.deepEqual((await cacheReport(stand.engine, never))[0]?.pins, []);
  }
});

test("a tier that takes only some of the chunks keeps none pinned", async () => {
  await using stand = await Stand.make(2);
  await stand.push(kept, { model: "ns/kept" });
  const { arena, pool, world } = stand.engine;
  const settings: TierSettings = { kind: "memory", name: "tier", bytes: 24 * MiB, policy: "lru" };
  await using cache = new ChunkCache([settings], cacheEnvironment(arena, pool, world), async (one, environment) => {
    const tier = await openTier(one, environment);
    const half: typeof tier.write = (values, signal) => tier.write(values.slice(1), signal);
    return { ...tier, write: half, [Symbol.asyncDispose]: () => tier[Symbol.asyncDispose]() };
  });
  const engine = { ...stand.engine, cache };
  await assert.rejects(keep(engine, "tier"), (error) => isFault(error, "CACHE_FULL"));
  assert.deepEqual((await cacheReport(engine, never))[0]?.pins, []);
});

test("a tier that is not there is named with those that are", async () => {
  await using stand = await Stand.make(1, [{ kind: "memory", name: "near", bytes: MiB, policy: "lru" }]);
  await stand.push({ "a.txt": Buffer.from("a") }, { model: "ns/kept", replicas: 1 });
  await assert.rejects(keep(stand.engine, "far"), (error) => isFault(error, "TIER_MISSING") && /near/.test(error.advice ?? ""));
});

/** Loads of one cold model by several processes' worth of caches over one shared tier: each chunk is read from volumes once, and all is right whatever the locks say. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MiB } from "../../src/core/units.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { Coordination } from "../../src/places/coordinate/index.ts";
import type { Locks } from "../../src/places/coordinate/locks.ts";
import { coordinatorWith, liarLocks, stubbornLocks } from "../../src/places/coordinate/test-tools.ts";
import { cacheEnvironment, Stand, weights } from "./stand.ts";

const model = { "model.safetensors": weights(6, 2048, 3), "config.json": Buffer.from("{}") };
const tuned = { ...model, "model.safetensors": weights(6, 2048, 3, 500_000) };
const processes = 3;
const shareMax = 1.02;

async function loadAtOnce(locks: Locks | undefined, check: (fetchedBytes: number, aloneBytes: number) => void): Promise<void> {
  await using stand = await Stand.make(2);
  await stand.push(model);
  await stand.push(tuned); // some chunks stand on others
  const alone = await stand.expectLoads(tuned);
  const { arena, pool, world } = stand.engine;
  const environment = cacheEnvironment(arena, pool, world);
  const settings: TierSettings = { kind: "disk", name: "disk", folder: join(stand.folder, "tier"), bytes: 256 * MiB, policy: "lru" };
  const coordinator = coordinatorWith(locks);
  await using stack = new AsyncDisposableStack();
  const engines = Array.from({ length: processes }, (): Engine => {
    const coordination = stack.use(new Coordination(coordinator, world, { waitMs: locks === stubbornLocks ? 50 : 30_000, leaseMs: 60_000 }));
    return { ...stand.engine, cache: stack.use(new ChunkCache([settings], environment)), coordination };
  });
  const loads = await Promise.all(engines.map((engine) => stand.expectLoads(tuned, "ns/model", engine)));
  const fetchedBytes = loads.reduce((sum, load) => sum + load.fetchedBytes, 0);
  check(fetchedBytes, alone.fetchedBytes);
}

test("each chunk is fetched once", () =>
  loadAtOnce(undefined, (fetched, alone) => assert.ok(fetched <= shareMax * alone, `${fetched} bytes instead of ${alone}`)));

test("with a lock that always says yes everything is right", () => loadAtOnce(liarLocks, (fetched, alone) => assert.ok(fetched >= alone)));

test("with a lock that always says no everything is right", () => loadAtOnce(stubbornLocks, (fetched, alone) => assert.ok(fetched >= alone)));

/** Loads through a Redis Cluster go on while a master is killed, and while everything that it keeps is thrown away each second. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatBytes } from "../../src/core/units.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { RedisNode } from "../../src/machine/redis/node.ts";
import { placeOf } from "../../src/machine/redis/place.ts";
import { clusterUrls } from "../../src/machine/redis/test-tools.ts";
import { Holdfast, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { percent, show } from "./place.ts";
import { cacheInRedis } from "./redis-store.ts";
import { addressesOf, service } from "./services.ts";
import { assertSame, digestsOf } from "./trees.ts";

const model = "acme/model";
/** A load that reads more of the model from volumes than this has missed the cache. */
const missedShareMin = 0.01;
const flushEveryMs = 1000;
/** A replica takes over within seconds; a load that began before that ends when it ends. */
const backMsMax = 60_000;
const fillsMax = 10;

interface Load {
  readonly endedMs: number;
  /** Of the model's bytes, read from volumes. */
  readonly missedShare: number;
}

export const redisKills = show({
  says: "a master of the Redis Cluster is killed under load, then everything is flushed each second: no load fails, and the cache comes back",
  full: { modelBytes: 256e6, processes: 4, seconds: 60 },
  small: { modelBytes: 8e6, processes: 2, seconds: 8 },
  async run(place, { modelBytes, processes, seconds }) {
    const { "redis-cluster": cluster } = addressesOf(["redis-cluster"]);
    const holdfast = new Holdfast(place.folder);
    const source = join(place.folder, "model");
    const { digests } = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 1 });
    await cacheInRedis(holdfast.store, cluster);
    await holdfast.push(source, model, ["--encode", "raw"], patience(modelBytes));
    try {
      const fleet = new Fleet(holdfast, place.folder, modelBytes, digests);
      await fleet.fill();
      const healthy = await fleet.during(processes, () => sleep(seconds * 250));
      assert.ok(healthy.every(whole), "all of it comes from Redis before anything is broken");
      place.say(`whole: ${healthy.length} loads of ${formatBytes(modelBytes)} by ${processes} processes, all from Redis`);
      await killMaster(fleet, processes, seconds, place.say);
      await flushOften(fleet, cluster, processes, seconds, place.say);
    } finally {
      await service("start", "redis-cluster");
      await holdfast.ok(["cache", "clear"], patience(modelBytes));
    }
  },
});

const whole = ({ missedShare }: Load): boolean => missedShare <= missedShareMin;

async function killMaster(fleet: Fleet, processes: number, seconds: number, say: (line: string) => void): Promise<void> {
  let killedMs = 0;
  const loads = await fleet.during(processes, async (sofar) => {
    await service("kill", "redis-cluster", "master1");
    killedMs = performance.now();
    await sleep(seconds * 1000);
    for (const endMs = performance.now() + backMsMax; !sofar.slice(-processes).every(whole) && performance.now() < endMs; ) await sleep(100);
  });
  const after = loads.filter(({ endedMs }) => endedMs > killedMs);
  const degraded = after.filter((load) => !whole(load));
  const degradedSeconds = (Math.max(killedMs, ...degraded.map(({ endedMs }) => endedMs)) - killedMs) / 1000;
  say(
    `master1 killed: ${after.length} loads, 0 failed; ${degraded.length} read volumes too, the last of them ended ${degradedSeconds.toFixed(1)} s after the kill`,
  );
  assert.ok(loads.slice(-processes).every(whole), "at the end all of it comes from Redis again");
  await service("start", "redis-cluster");
}

async function flushOften(fleet: Fleet, cluster: string, processes: number, seconds: number, say: (line: string) => void): Promise<void> {
  const nodes = clusterUrls(cluster).map((url) => new RedisNode(placeOf(url), realWorld));
  let flushes = 0;
  const loads = await fleet.during(processes, async () => {
    for (const endMs = performance.now() + seconds * 500; performance.now() < endMs; flushes++) {
      await Promise.allSettled(nodes.map((node) => node.ask({ words: ["FLUSHALL"] }))); // replicas refuse it
      await sleep(flushEveryMs);
    }
  });
  for (const node of nodes) node.close();
  const missed = loads.reduce((sum, { missedShare }) => sum + missedShare, 0) / loads.length;
  say(`FLUSHALL each second, ${flushes} times: ${loads.length} loads, 0 failed; ${percent(missed)} of their bytes came from volumes`);
  assert.ok(missed > missedShareMin, "what was flushed was not there");
}

/** Processes that load a model again and again, each load verified against the files that were pushed. */
class Fleet {
  readonly #holdfast: Holdfast;
  readonly #folder: string;
  readonly #modelBytes: number;
  readonly #digests: ReadonlyMap<string, string>;

  constructor(holdfast: Holdfast, folder: string, modelBytes: number, digests: ReadonlyMap<string, string>) {
    this.#holdfast = holdfast;
    this.#folder = folder;
    this.#modelBytes = modelBytes;
    this.#digests = digests;
  }

  /** Loads until the cache has all of it: what comes faster than it takes is left out, and comes with the next load. */
  async fill(): Promise<void> {
    for (let loads = 1; !whole(await this.#load(join(this.#folder, "loaded"))); loads++)
      assert.ok(loads < fillsMax, `after ${loads} loads the cache lacks some of the model`);
  }

  /** The loads that were made while `work` lasted, by when they ended. Throws for one that failed or gave other bytes. */
  async during(processes: number, work: (sofar: readonly Load[]) => Promise<void>): Promise<Load[]> {
    const over = new AbortController();
    const loads: Load[] = [];
    const loading = Array.from({ length: processes }, async (_, number) => {
      while (!over.signal.aborted) loads.push(await this.#load(join(this.#folder, `loaded-${number}`)));
    });
    const all = Promise.all(loading);
    try {
      await Promise.race([work(loads), all]);
    } finally {
      over.abort();
    }
    await all;
    return loads.sort((a, b) => a.endedMs - b.endedMs);
  }

  async #load(target: string): Promise<Load> {
    const { fetchedBytes } = await this.#holdfast.pull(model, target, ["--workers", "2"], patience(this.#modelBytes));
    const endedMs = performance.now();
    assertSame(await digestsOf(target), this.#digests, target);
    await rm(target, { recursive: true });
    return { endedMs, missedShare: fetchedBytes / this.#modelBytes };
  }
}

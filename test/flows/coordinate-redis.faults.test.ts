/** Redis servers that forget everything, again and again, or die, while processes load and set tensors through them: all is right, and nothing fails. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { defaultRef, parseModelName } from "../../src/core/names.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { setTensor } from "../../src/flows/set-tensor.ts";
import { watchRefs } from "../../src/flows/watch.ts";
import { RedisNode } from "../../src/machine/redis/node.ts";
import { placeOf } from "../../src/machine/redis/place.ts";
import { clusterUrls } from "../../src/machine/redis/test-tools.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { settingsFor } from "../../src/places/cache/redis/test-tools.ts";
import { lastChange } from "../../src/places/catalog/index.ts";
import { wantEngine } from "../services/wanted.ts";
import { fleetOf } from "./fleet.ts";
import { never, quiet, Stand } from "./stand.ts";
import { bytesOfTensor, someBytes, tensorFile, withTensor } from "./tensors.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const model = parseModelName("ns/model");
const names = ["large.a", "ids", "norm.b", "large.b", "counts"];
const path = "model.safetensors";

async function services(...words: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, "../../scripts/services.ts"), ...words]);
}

async function set(engine: Engine, name: string, bytes: Uint8Array): Promise<void> {
  const request = { model, ref: defaultRef, name, file: undefined, source: bytes, message: "", durability: { replicas: 1, replicasMin: 1 } };
  await setTensor(engine, { ...request, lockWaitMs: 500 }, quiet, never);
}

/** Rounds of several who each set one tensor at once, then load, while `trouble` goes on; a watcher sees every move. */
async function goOn(stand: Stand, engines: readonly Engine[], rounds: number): Promise<void> {
  let file = tensorFile(6);
  await stand.push({ [path]: file });
  const from = await lastChange(stand.engine.catalog);
  const watching = (async () => {
    const seen: number[] = [];
    for await (const { sequence } of watchRefs(engines[0] as Engine, { model, ref: undefined, after: from }, never))
      if (seen.push(sequence) === rounds * names.length) break;
    return seen;
  })();
  for (let round = 0; round < rounds; round++) {
    const changes = names.map((name, index) => ({ name, bytes: someBytes(bytesOfTensor(name), 100 * round + index) }));
    await Promise.all(changes.map(({ name, bytes }, index) => set(engines[index % engines.length] as Engine, name, bytes)));
    for (const { name, bytes } of changes) file = withTensor(file, name, bytes);
    await Promise.all(engines.map((engine) => stand.expectLoads({ [path]: file }, "ns/model", engine)));
  }
  const expected = Array.from({ length: rounds * names.length }, (_, at) => from + at + 1);
  assert.deepEqual(await watching, expected);
}

test("servers that forget everything each 100 ms", { skip: cluster.skip }, async () => {
  await using stand = await Stand.make(2);
  const tier = settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" });
  await using fleet = await fleetOf(stand, 3, { tier, coordinate: cluster.url });
  const nodes = clusterUrls(cluster.url).map((url) => new RedisNode(placeOf(url), realWorld));
  const over = new AbortController();
  let forgotten = 0;
  const forgetting = (async () => {
    while (!over.signal.aborted) {
      const replies = await Promise.allSettled(nodes.map((node) => node.ask({ words: ["FLUSHALL"] })));
      forgotten += replies.filter((reply) => reply.status === "fulfilled" && reply.value === "OK").length;
      await realWorld.sleep(100, over.signal).catch(() => undefined);
    }
  })();
  try {
    await goOn(stand, fleet.engines, 4);
  } finally {
    over.abort();
    await forgetting;
    for (const node of nodes) node.close();
  }
  assert.ok(forgotten > 3, "the servers did forget");
});

test("a master is killed in the middle", { skip: cluster.skip }, async () => {
  await using stand = await Stand.make(2);
  const tier = settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" });
  await using fleet = await fleetOf(stand, 3, { tier, coordinate: cluster.url });
  const killing = realWorld.sleep(700, never).then(() => services("kill", "redis-cluster", "master2"));
  try {
    await goOn(stand, fleet.engines, 6);
  } finally {
    await killing;
    await services("start", "redis-cluster");
  }
});

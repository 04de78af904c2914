/** Processes that coordinate through real Redis servers: one filler for each chunk, nothing lost of what is set at once, every move seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultRef, parseModelName } from "../../src/core/names.ts";
import { doctor } from "../../src/flows/doctor.ts";
import { hotTensors } from "../../src/flows/hot-tensors.ts";
import { loadTensor } from "../../src/flows/load-tensors.ts";
import { setTensor } from "../../src/flows/set-tensor.ts";
import { watchRefs } from "../../src/flows/watch.ts";
import { clusterUrls, ringUrls } from "../../src/machine/redis/test-tools.ts";
import { settingsFor } from "../../src/places/cache/redis/test-tools.ts";
import { lastChange } from "../../src/places/catalog/index.ts";
import { wantEngine } from "../services/wanted.ts";
import { type FleetSettings, fleetOf } from "./fleet.ts";
import { never, quiet, Stand, weights } from "./stand.ts";
import { bytesOfTensor, someBytes, specs, tensorFile, withTensor } from "./tensors.ts";

const cluster = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
const ring = wantEngine("HOLDFAST_TEST_REDIS_RING");
const kinds: readonly (readonly [string, string | false, () => FleetSettings])[] = [
  ["a Redis Cluster", cluster.skip, () => ({ tier: settingsFor({ urls: clusterUrls(cluster.url), mode: "cluster" }), coordinate: cluster.url })],
  ["standalone servers", ring.skip, () => ({ tier: settingsFor({ urls: ringUrls(ring.url) }), coordinate: ring.url.replaceAll(",redis://", ",") })],
];
const model = parseModelName("ns/model");
const at = { model, revision: undefined };
const shareMax = 1.02;

for (const [kind, skip, settingsOf] of kinds) {
  test(`a cold model is read from volumes once, whoever loads it through ${kind}`, { skip }, async () => {
    await using stand = await Stand.make(2);
    const files = { "model.safetensors": weights(6, 2048, 8) };
    await stand.push(files);
    const alone = await stand.expectLoads(files);
    await using fleet = await fleetOf(stand, 3, settingsOf());
    const loads = await Promise.all(fleet.engines.map((engine) => stand.expectLoads(files, "ns/model", engine)));
    const fetched = loads.reduce((sum, load) => sum + load.fetchedBytes, 0);
    assert.ok(fetched <= shareMax * alone.fetchedBytes, `${fetched} bytes instead of ${alone.fetchedBytes}`);
    await (await (fleet.engines[0] as (typeof fleet.engines)[number]).cache.tier("redis")).clear(never);
  });

  test(`what several set at once through ${kind} is all there, seen by those who watch, and counted`, { skip }, async () => {
    await using stand = await Stand.make(2);
    let file = tensorFile(4);
    await stand.push({ "model.safetensors": file });
    await using fleet = await fleetOf(stand, 3, settingsOf());
    const names = Object.keys(specs).filter((name) => name !== "empty");
    const from = await lastChange(stand.engine.catalog);
    const watching = fleet.engines.map(async (engine) => {
      const seen: number[] = [];
      for await (const { sequence } of watchRefs(engine, { model, ref: undefined, after: from }, never)) if (seen.push(sequence) === names.length) return seen;
      return seen;
    });
    await Promise.all(
      names.map(async (name, index) => {
        const bytes = someBytes(bytesOfTensor(name), 50 + index);
        file = withTensor(file, name, bytes);
        const request = { model, ref: defaultRef, name, file: undefined, source: bytes, message: "", durability: { replicas: 1, replicasMin: 1 }, lockWaitMs: 60_000 }; // biome-ignore format: one line
        await setTensor(fleet.engines[index % 3] as (typeof fleet.engines)[number], request, quiet, never);
      }),
    );
    for (const seen of await Promise.all(watching)) assert.deepEqual(seen, names.map((_, index) => from + index + 1)); // biome-ignore format: one line
    await stand.expectLoads({ "model.safetensors": file });
    const [one, other, third] = fleet.engines as [(typeof fleet.engines)[0], (typeof fleet.engines)[0], (typeof fleet.engines)[0]];
    for (const [engine, name] of [[one, "ids"], [other, "ids"], [other, "counts"]] as const) await loadTensor(engine, { at, name, file: undefined }, quiet, never); // biome-ignore format: one line
    await other.coordination.tally.flush();
    await one.coordination.tally.flush();
    assert.deepEqual(await hotTensors(third, model, 5, never), [{ tensor: "ids", reads: 2 }, { tensor: "counts", reads: 1 }]); // biome-ignore format: one line
    const { findings } = await doctor(one, { repair: false }, quiet, never);
    assert.ok(findings.some(({ severity, what }) => severity === "ok" && /take turns/.test(what)));
    await (await one.cache.tier("redis")).clear(never);
  });
}

test("servers that are not there cost no load and no change, and doctor says so", async () => {
  await using stand = await Stand.make(2);
  const file = tensorFile(5);
  await stand.push({ "model.safetensors": file });
  const urls = ["redis://127.0.0.1:1", "redis://127.0.0.1:2"];
  await using fleet = await fleetOf(stand, 2, { tier: settingsFor({ urls }), coordinate: "redis-cluster://127.0.0.1:1,127.0.0.1:2" });
  const [one, other] = fleet.engines as [(typeof fleet.engines)[0], (typeof fleet.engines)[0]];
  await Promise.all(fleet.engines.map((engine) => stand.expectLoads({ "model.safetensors": file }, "ns/model", engine)));
  const bytes = someBytes(bytesOfTensor("ids"), 9);
  const request = { model, ref: defaultRef, name: "ids", file: undefined, source: bytes, message: "", durability: { replicas: 1, replicasMin: 1 }, lockWaitMs: 60_000 }; // biome-ignore format: one line
  await setTensor(one, request, quiet, never);
  await stand.expectLoads({ "model.safetensors": withTensor(file, "ids", bytes) }, "ns/model", other);
  const { findings, clean } = await doctor(one, { repair: false }, quiet, never);
  assert.ok(clean && findings.some(({ severity, what }) => severity === "note" && /coordination: .*Redis/.test(what)), JSON.stringify(findings));
});

/** One model on a folder, a bucket and HDFS, each object on two of them: any one may be away. */
import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { realWorld } from "../../src/core/world/index.ts";
import type { VolumeSummary } from "../../src/index.ts";
import { openCatalog } from "../../src/places/catalog/index.ts";
import { Line } from "../lines/line.ts";
import { emptyPlace, endpointOf, freshUrl, servers } from "../s3/servers.ts";
import { Holdfast, patience } from "./command.ts";
import { HdfsEngine } from "./hdfs-engine.ts";
import { makeModel } from "./make/model.ts";
import { show } from "./place.ts";
import { assertSame, digestsOf } from "./trees.ts";

/** A place that can be taken away and given back. */
interface Pool {
  readonly name: string;
  readonly url: string;
  readonly takeAway: () => Promise<void>;
  readonly giveBack: () => Promise<void>;
  /** Removes what was put there, and the line to it. */
  readonly end: () => Promise<void>;
}

export const mixedPools = show({
  says: "one model over a folder, a bucket and HDFS, two replicas in different failure domains: each of the three may be away",
  full: { modelBytes: 1e9 },
  small: { modelBytes: 48e6 },
  async run({ folder, say }, { modelBytes }) {
    const holdfast = new Holdfast(folder);
    const wait = patience(modelBytes * 4);
    const source = join(folder, "model");
    const { digests } = await makeModel(source, { bytes: modelBytes, parts: 4, seed: 8 });
    const pools = await Promise.all([onDisk(folder), inBucket(), inHdfs()]);
    try {
      for (const { name, url } of pools) await holdfast.ok(["volumes", "add", url, "--name", name, "--domain", `of-${name}`], wait);
      const { seconds } = await holdfast.push(source, "acme/model", ["--replicas", "2", "--groups", "12"], wait);
      say(`push of ${modelBytes} bytes in ${seconds.toFixed(1)} s; ${await spread(holdfast)}`);
      const load = async (what: string): Promise<void> => {
        const target = join(folder, "loaded");
        const pulled = await holdfast.pull("acme/model", target, [], wait);
        assertSame(await digestsOf(target), digests, what);
        say(`load, ${what}: ${pulled.seconds.toFixed(1)} s`);
        await rm(target, { recursive: true });
      };
      await load("all there");
      for (const { name, takeAway, giveBack } of pools) {
        await takeAway();
        await load(`${name} away`);
        assert.deepEqual(await awayIn(holdfast), [name]);
        await giveBack();
      }
      assert.deepEqual(await awayIn(holdfast), []);
      assert.equal((await holdfast.ok(["doctor"], wait)).clean, true);
      const scrubbed = await holdfast.ok<{ damaged: number; missing: number; unreachable: number }>(["scrub"], wait);
      assert.deepEqual([scrubbed.damaged, scrubbed.missing, scrubbed.unreachable], [0, 0, 0]);
    } finally {
      for (const { end } of pools) await end();
    }
  },
});

async function onDisk(folder: string): Promise<Pool> {
  const url = join(folder, "disk");
  const end = async (): Promise<void> => undefined;
  return { name: "disk", url, takeAway: () => rename(url, `${url}-away`), giveBack: () => rename(`${url}-away`, url), end };
}

async function inBucket(): Promise<Pool> {
  const up = Object.values(servers).flatMap((want) => (want().skip ? [] : [want().url]));
  assert.ok(up[0] !== undefined, "this needs an S3 server: npm run services -- up minio");
  const direct = freshUrl(up[0]);
  const { hostname, port } = endpointOf(direct);
  const line = await Line.to(hostname, Number(port));
  const url = new URL(direct);
  url.searchParams.set("endpoint", `http://${line.address}`);
  const end = async (): Promise<void> => {
    await line.cut();
    await emptyPlace(direct);
  };
  return { name: "cloud", url: url.href, takeAway: () => line.cut(), giveBack: () => line.mend(), end };
}

/** One copy there, so that a replica of an object counts once. */
async function inHdfs(): Promise<Pool> {
  const hdfs = await HdfsEngine.found();
  assert.ok(hdfs, "this needs HDFS: npm run services -- up hdfs");
  const lines = await Promise.all(hdfs.nameNodes.map((address) => Line.to(address.replace(/:[0-9]+$/, ""), Number(address.replace(/^.*:/, "")))));
  const all = (act: (line: Line) => Promise<void>) => async (): Promise<void> => {
    await Promise.all(lines.map(act));
  };
  const url = hdfs.url(1).replace(hdfs.nameNodes.join(","), lines.map(({ address }) => address).join(","));
  const takeAway = all((line) => line.cut());
  const end = async (): Promise<void> => {
    await takeAway();
    await hdfs.remove();
  };
  return { name: "lake", url, takeAway, giveBack: all((line) => line.mend()), end };
}

/** Looks at every object in the catalog; returns how many replicas each volume has, in words. */
async function spread({ store }: Holdfast): Promise<string> {
  await using catalog = await openCatalog(`sqlite:${join(store, "catalog.sqlite")}`, realWorld, { create: false });
  const domains = new Map((await catalog.volumes()).map(({ name, failureDomain }) => [name, failureDomain]));
  const objects = await catalog.objectsAfter(undefined, ["present"], 10_000);
  const counts = new Map<string, number>();
  for (const { id, digest } of objects) {
    const good = (await catalog.replicas([id])).filter(({ state }) => state === "good");
    assert.equal(good.length, 2, `${digest} has ${good.length} replicas`);
    assert.equal(new Set(good.map(({ volume }) => domains.get(volume))).size, 2, `${digest} is in one failure domain`);
    for (const { volume } of good) counts.set(volume, (counts.get(volume) ?? 0) + 1);
  }
  assert.equal(counts.size, 3, "each volume has some");
  return [...counts].map(([name, count]) => `${count} objects on ${name}`).join(", ");
}

async function awayIn(holdfast: Holdfast): Promise<string[]> {
  const { volumes } = await holdfast.ok<{ volumes: VolumeSummary[] }>(["volumes", "list"]);
  return volumes.filter(({ reachable }) => !reachable).map(({ name }) => name);
}

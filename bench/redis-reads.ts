/**
 * 1 MiB reads through the Redis tier into shared memory, beside redis-benchmark at the same number of values under way: `bench/redis-reads.ts URL [connections] [seconds]`.
 * The tier checks headers; decoding and digests are the workers' and not part of it, as parsing a value is not part of redis-benchmark.
 */
import { spawnSync } from "node:child_process";
import { crc32c } from "../src/bytes/digests/index.ts";
import type { DomainName } from "../src/core/names.ts";
import { MiB } from "../src/core/units.ts";
import { realWorld } from "../src/core/world/index.ts";
import { Arena } from "../src/machine/arena.ts";
import { directDisk } from "../src/machine/disk.ts";
import { cacheKey } from "../src/places/cache/key.ts";
import { openTier } from "../src/places/cache/open.ts";
import { printTable } from "./measure.ts";

const [url = "", connections = "4", seconds = "4"] = process.argv.slice(2);
const [valueBytes, keys, rounds] = [1 * MiB, 64, 3] as const;
const never = new AbortController().signal;

const environment = { world: realWorld, disk: directDisk(), copyOut: async () => [], region: (bytes: number) => new Arena(bytes, 0) };
const settings = { kind: "redis", name: "redis", urls: [url], mode: "ring", copies: 1, maxmemoryPolicy: undefined, prefix: "bench" } as const;
await using tier = await openTier(settings, environment);

const form = { encoding: 0, rawBytes: valueBytes, storedBytes: valueBytes };
const body = new Uint8Array(new SharedArrayBuffer(valueBytes)).fill(7);
const names = Array.from({ length: keys }, (_, index) => cacheKey("bench" as DomainName, new Uint8Array(32).fill(index)));
for (const key of names) await tier.write([{ key, form, crc32c: crc32c(body), body }], never);

async function ours(): Promise<number> {
  const rooms = Array.from({ length: Number(connections) }, () => new Uint8Array(new SharedArrayBuffer(valueBytes)));
  const endMs = realWorld.ticks() + Number(seconds) * 1000;
  let reads = 0;
  const startMs = realWorld.ticks();
  await Promise.all(
    rooms.map(async (into, lane) => {
      for (let turn = lane; realWorld.ticks() < endMs; turn++) {
        const [hit] = await tier.read([{ key: names[turn % keys] as (typeof names)[number], form, into }], never);
        if (!hit) throw new Error("a value is missing");
        reads++;
      }
    }),
  );
  return (reads * 1000) / (realWorld.ticks() - startMs);
}

function theirs(requests: number): number {
  const { hostname, port } = new URL(url);
  const args = ["-h", hostname, "-p", port, "-c", connections, "-n", String(requests), "-d", String(valueBytes), "-t", "set,get", "--csv"];
  const { stdout } = spawnSync("redis-benchmark", args, { encoding: "utf8" });
  return Number(/"GET","([\d.]+)"/.exec(stdout ?? "")?.[1] ?? Number.NaN);
}

await ours();
const rows: string[][] = [];
for (let round = 1; round <= rounds; round++) {
  const [mine, peer] = [await ours(), theirs(Math.round(Number(seconds) * 800))];
  rows.push([String(round), mine.toFixed(0), peer.toFixed(0), (mine / peer).toFixed(2)]);
}
await tier.clear(never);
console.log(`1 MiB reads, ${connections} at once, reads per second`);
printTable(["round", "Redis tier", "redis-benchmark", "ratio (goal ≥ 0.8)"], rows);

/** `npm run bench -- NAME [options]`: runs one bench; without a name says which there are. Each is a program of its own beside this file. */
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describeMachine, machineLine } from "./machine.ts";
import { printTable } from "./measure.ts";
import { placeUsage } from "./place.ts";

const benches: Readonly<Record<string, { readonly says: string; readonly usage: string }>> = {
  load: { says: "a model out of a store, into files and into memory, beside cp, the disk, plain reads and safetensors", usage: placeUsage },
  push: { says: "a model into a store, beside cp", usage: placeUsage },
  s3: { says: "a model into S3 servers that are up and back, beside s5cmd, rclone and the AWS SDK", usage: placeUsage },
  hdfs: { says: "a model into an HDFS that is up and back, beside hdfs dfs and a warm Java client", usage: placeUsage },
  codec: { says: "size and speed of the encodings, one core, in memory, beside ZipNN", usage: "[MiB] [repeats]" },
  "cache-policies": { says: "hit ratio of each eviction policy on three traces; draws docs/cache-policies.svg", usage: "" },
  "redis-reads": { says: "1 MiB reads through the Redis tier beside redis-benchmark, on servers of your own", usage: "URL [connections] [seconds]" },
  draw: { says: "draws docs/performance.svg from the last results of load, push, s3 and hdfs", usage: "" },
  delta: { says: "size and speed of deltas against a base, beside XOR + byte planes + zstd-3", usage: "[--size MiB] [--repeats N] [BASE TUNED]…" },
};

const [name, ...args] = process.argv.slice(2);
console.log(machineLine(describeMachine(tmpdir())));
if (name === undefined || !Object.hasOwn(benches, name)) {
  printTable(
    ["npm run bench -- NAME", "", "options"],
    Object.entries(benches).map(([bench, { says, usage }]) => [bench, says, usage]),
  );
  process.exit(name === undefined || name === "--help" ? 0 : 2);
}
const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
process.exit(spawnSync(process.execPath, [...process.execArgv, script, ...args], { stdio: "inherit" }).status ?? 1);

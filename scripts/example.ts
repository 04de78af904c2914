/**
 * The worked example: a model is hashed into 100 groups that lie on 100 volumes, each a folder of HDFS that keeps three copies; it is put into
 * Redis whole; one tensor is replaced under a lock; and eight processes see it. `npm run example` takes a model of 10 GB, `-- --size 300MB` a
 * smaller one. HDFS and Redis are started when they are not up, and stay up.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { on } from "node:events";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatBytes, formatSeconds, MiB, parseBytes } from "../src/core/units.ts";
import { open, type Store } from "../src/index.ts";
import { HdfsEngine } from "../test/acceptance/hdfs-engine.ts";
import { makeModel } from "../test/acceptance/make/model.ts";
import { addressesOf, service } from "../test/acceptance/services.ts";
import { assertSame, type Digests, digestsOf } from "../test/acceptance/trees.ts";
import type { Word } from "./example/watcher.ts";
import { askRedis } from "./services/resp.ts";
import { offerEngines } from "./test/engines.ts";

const { values } = parseArgs({ options: { size: { type: "string", default: "10GB" } } });
const bytes = parseBytes(values.size);
const place = fileURLToPath(new URL("../.cache/example", import.meta.url));
const model = "article/model";
const tensor = "model.layers.0.self_attn.k_proj.weight";
const [groups, copies, watchers] = [100, 3, 8];

function heading(text: string): void {
  console.log(`\n${text}`);
}

function line(label: string, text: string): void {
  console.log(`  ${label.padEnd(14)}${text}`);
}

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

async function requireRoom(): Promise<void> {
  const { bavail, bsize } = await statfs(place);
  const needed = bytes * (1 + copies);
  if (bavail * bsize < needed)
    throw new Error(`a model of ${formatBytes(bytes)} and its ${copies} copies need ${formatBytes(needed)} on disk; --size takes a smaller one`);
}

/** Every volume is a folder of its own under the lake's. */
async function writeSettings(folder: string, lake: HdfsEngine, nodes: readonly string[]): Promise<void> {
  const [base = "", query = ""] = lake.url(copies).split("?");
  const names = Array.from({ length: groups }, (_, at) => `v${String(at).padStart(3, "0")}`);
  const quoted = nodes.map((node) => JSON.stringify(node)).join(", ");
  const lines = [
    "replicas: 3",
    `coordinate: redis://${nodes.map((node) => new URL(node).host).join(",")}`,
    `cache: [{ redis: [${quoted}], prefix: example, maxmemory-policy: allkeys-lru }]`,
    "volumes:",
    ...names.map((name) => `  - { name: ${name}, url: ${JSON.stringify(`${base}/${name}?${query}`)} }`),
  ];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "holdfast.yaml"), `${lines.join("\n")}\n`);
}

/**
 * Kept versions may take 80 % of a server, what is stored takes up to a quarter more there than its bytes, and a third of it is not the same
 * for every server. Returns how to give the servers back what they had.
 */
async function giveRedisRoom(nodes: readonly string[]): Promise<() => Promise<void>> {
  const ports = nodes.map((node) => Number(new URL(node).port));
  const wanted = Math.max(512 * MiB, Math.ceil((0.7 * bytes * 1.25 * 1.15) / 0.8 / nodes.length));
  const settings = ["maxmemory", "maxmemory-policy"] as const; // the policy is changed by what is kept
  const before = await Promise.all(ports.map((port) => Promise.all(settings.map((name) => askRedis(port, "CONFIG", "GET", name) as Promise<string[]>))));
  for (const port of ports) await askRedis(port, "CONFIG", "SET", "maxmemory", String(wanted));
  return async () => {
    for (const [at, found] of before.entries()) for (const [name = "", value = ""] of found) await askRedis(ports[at] as number, "CONFIG", "SET", name, value);
  };
}

async function drawVolumes(store: Store): Promise<void> {
  const held = (await store.volumes.list()).map((volume) => volume.bytes).sort((a, b) => a - b);
  const [least = 0, middle = 0, most = 0] = [held[0], held[held.length >> 1], held.at(-1)];
  line("volumes", `${held.length}: least ${formatBytes(least)}, median ${formatBytes(middle)}, most ${formatBytes(most)}`);
  const steps = " ▁▂▃▄▅▆▇█";
  line("", held.map((each) => steps[Math.ceil((8 * each) / Math.max(1, most))]).join(""));
}

/** Another process that has the model in use. */
class Watcher implements Disposable {
  readonly #child: ChildProcess;
  readonly #words: AsyncIterator<[Word]>;

  constructor(folder: string) {
    const script = fileURLToPath(new URL("./example/watcher.ts", import.meta.url));
    this.#child = fork(script, [folder, model, tensor], { env: process.env, execArgv: process.execArgv });
    this.#words = on(this.#child, "message", { close: ["exit"] }) as AsyncIterator<[Word]>;
  }

  async next(): Promise<Word> {
    const { value } = await this.#words.next();
    if (value === undefined) throw new Error("a process that watched has ended");
    return value[0];
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

/** The tensor with the sign of every weight turned: bf16 has it in the high bit of the second byte. */
function turned(weights: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(weights);
  for (let at = 1; at < copy.length; at += 2) copy[at] = (copy[at] as number) ^ 0x80;
  return copy;
}

async function main(): Promise<void> {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await requireRoom();

  heading("HDFS and Redis are up, each with three nodes that keep data");
  console.log((await service("up", "hdfs", "redis-ring")).trim().replace(/^/gm, "  "));
  offerEngines();
  const lake = (await HdfsEngine.found()) as HdfsEngine;
  const folder = join(place, "store");
  const nodes = addressesOf(["redis-ring"])["redis-ring"].split(",");
  await writeSettings(folder, lake, nodes);
  const takeRoomBack = await giveRedisRoom(nodes);

  heading("A model");
  const source = join(place, "model");
  const made = await makeModel(source, { bytes, parts: Math.max(2, Math.round(bytes / 4e9)), seed: 11 });
  line("made", `${made.tensors.length} tensors, ${formatBytes(made.bytes)}, bf16`);

  await using store = await open({ store: folder, env: process.env });
  try {
    await tell(store, lake, folder, source, made.digests);
  } finally {
    await store.cache.clear();
    await takeRoomBack();
    await lake.remove();
  }
}

async function tell(store: Store, lake: HdfsEngine, folder: string, source: string, digests: Digests): Promise<void> {
  heading(`Hash it into ${groups} groups on ${groups} volumes: each chunk goes to the group that its digest says, each group to a folder of HDFS`);
  const pushed = await store.push(source, model, { strategy: "hash", groups, waitCopiesMs: 120_000 });
  line(
    "stored",
    `${formatBytes(pushed.storedBytes)} (${share(pushed.storedBytes, pushed.bytes)}) in ${formatSeconds(pushed.seconds)}, and ${copies} copies of it in HDFS`,
  );
  await drawVolumes(store);
  const checked = await lake.check();
  line("HDFS says", `${checked.blocks} blocks, at least ${checked.copiesMin} copies of each, ${checked.openFiles} files open`);

  heading("Warm Redis: every chunk of the version goes there, and none of them is evicted");
  const cold = await loadAndCompare(store, digests, "from HDFS");
  const warmed = await store.cache.warm(model);
  line("kept", `${warmed.chunks} chunks, ${formatBytes(warmed.bytes)} in ${formatSeconds(warmed.seconds)}`);
  const warm = await loadAndCompare(store, digests, "from Redis");
  line("", `${(cold / warm).toFixed(1)} times as fast`);

  heading(`${watchers} other processes open the store, read one tensor, and wait for the ref to move`);
  using others = new DisposableStack();
  const watching = Array.from({ length: watchers }, () => others.use(new Watcher(folder)));
  const all = (): Promise<Word[]> => Promise.all(watching.map((watcher) => watcher.next()));
  await all();
  line("ready", `all ${watchers}`);

  heading("Lock, update: the tensor is replaced under a lock, and only its chunks are stored, as deltas");
  const before = await store.getTensor(model, tensor);
  const after = turned(before.bytes);
  const set = await store.setTensor(model, tensor, after);
  const movedAt = (await store.log(model, { limit: 1 }))[0]?.createdAt ?? Number.NaN;
  line("replaced", `${tensor}, ${formatBytes(after.length)}: ${formatBytes(set.storedBytes)} stored, in ${formatSeconds(set.seconds)}`);

  heading("Propagation: each of them is told, looks up what the ref is now, and reads the tensor");
  const words = (await all()).filter((word) => "seenAt" in word);
  const delays = words.map(({ seenAt }) => seenAt - movedAt).sort((a, b) => a - b);
  const expected = createHash("sha256").update(after).digest("hex");
  const right = words.filter((word) => word.tensor === expected).length;
  line("seen", `by ${words.length} of ${watchers}, ${delays[0]} to ${delays.at(-1)} ms after the version was made`);
  line("read", `the new tensor by ${right}, the last ${Math.max(...words.map(({ readAt }) => readAt)) - movedAt} ms after`);
  if (right !== watchers) throw new Error("not every process saw the new tensor");
}

/** Returns the seconds. */
async function loadAndCompare(store: Store, digests: Digests, from: string): Promise<number> {
  const target = join(place, "loaded");
  const { seconds, bytes: loaded, fetchedBytes, cachedBytes } = await store.pull(model, target);
  assertSame(await digestsOf(target), digests, "what was loaded is what was pushed");
  await rm(target, { recursive: true });
  line(
    from,
    `${formatBytes(loaded)} in ${formatSeconds(seconds)}; read ${formatBytes(fetchedBytes)} from HDFS, ${formatBytes(cachedBytes)} from Redis; every SHA-256 is right`,
  );
  return seconds;
}

await main();

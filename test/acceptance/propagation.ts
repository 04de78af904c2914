/** A tensor is set in one process; eight others see it: told through Redis, and with Redis cut off by what the catalog knows. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dropAll, newUrl, withoutServer } from "../catalog/postgres.ts";
import { Line } from "../lines/line.ts";
import { wantEngine } from "../services/wanted.ts";
import { Holdfast, type Running } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";

const watchers = 8;
const model = "acme/model";
const tensor = "model.layers.0.input_layernorm.weight";
const waitMsMax = 120_000;

interface Move {
  readonly sequence: number;
  readonly version: string;
  readonly at: number;
  readonly seenAt: number;
}

/** What one process saw, as it printed it. */
interface Watcher {
  readonly process: Running;
  readonly moves: Move[];
}

export const propagation = show({
  says: "a tensor is set in one process and seen by 8 others: told at once, and still seen when pub/sub is cut",
  full: { modelBytes: 64e6, rounds: 50 },
  small: { modelBytes: 8e6, rounds: 4 },
  async run(place, { modelBytes, rounds }) {
    const { url, skip } = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");
    assert.ok(!skip, String(skip));
    await inCatalog(place, { name: "SQLite", catalog: "sqlite:catalog.sqlite", url, modelBytes, rounds });
    if (withoutServer.skip) return place.say(`with a catalog in PostgreSQL: not shown, ${withoutServer.skip}`);
    const catalog = newUrl();
    try {
      await inCatalog(place, { name: "PostgreSQL", catalog, url, modelBytes, rounds });
    } finally {
      await dropAll(catalog);
    }
  },
});

interface Case {
  readonly name: string;
  readonly catalog: string;
  /** Of the Redis Cluster. */
  readonly url: string;
  readonly modelBytes: number;
  readonly rounds: number;
}

async function inCatalog(place: Place, { name, catalog, url, modelBytes, rounds }: Case): Promise<void> {
  const [host = "", port = ""] = url.replace("redis-cluster://", "").split(",")[0]?.split(":") ?? [];
  await using line = await Line.to(host, Number(port));
  const holdfast = await storeWith(place, name, `catalog: ${catalog}\ncoordinate: redis-cluster://${line.address}\n`);
  const source = join(place.folder, `model-${name}`);
  await makeModel(source, { bytes: modelBytes, parts: 1, seed: 1 });
  await holdfast.push(source, model);
  const all = Array.from({ length: watchers }, () => watch(holdfast));
  await until(all, 1);
  await sleep(500); // a watcher is there before it is subscribed
  place.say(`catalog in ${name}, told through Redis: ${told(await setOften(place, holdfast, all, rounds))}`);
  await line.cut();
  place.say(`catalog in ${name}, pub/sub cut: ${told(await setOften(place, holdfast, all, rounds))}`);
  for (const { process, moves } of all) {
    await process.kill();
    assert.deepEqual(moves.map(({ sequence }) => sequence), Array.from({ length: 2 * rounds + 1 }, (_, at) => at + 1)); // biome-ignore format: one line
  }
  place.say(`each of the ${watchers} saw all ${2 * rounds + 1} moves, once and in order`);
}

async function storeWith(place: Place, name: string, settings: string): Promise<Holdfast> {
  const holdfast = new Holdfast(place.folder, `store-${name}`);
  await mkdir(holdfast.store, { recursive: true });
  await writeFile(join(holdfast.store, "holdfast.yaml"), settings);
  return holdfast;
}

function watch(holdfast: Holdfast): Watcher {
  const moves: Move[] = [];
  const process = holdfast.start(["watch", model, "--after", "0"], { timeoutMs: 600_000, line: (text) => void moves.push(JSON.parse(text) as Move) });
  return { process, moves };
}

async function until(all: readonly Watcher[], count: number): Promise<void> {
  for (const deadline = performance.now() + waitMsMax; all.some(({ moves }) => moves.length < count); await sleep(5))
    assert.ok(performance.now() < deadline, `all have seen ${count} moves: ${all.map(({ moves }) => moves.length).join(" ")}`);
}

/** Each time other bytes, in a process of its own; returns the milliseconds from the move in the catalog to each watcher. */
async function setOften(place: Place, holdfast: Holdfast, all: readonly Watcher[], rounds: number): Promise<number[]> {
  const latenciesMs: number[] = [];
  const file = join(place.folder, "tensor.bin");
  const before = (all[0] as Watcher).moves.length;
  for (let round = 0; round < rounds; round++) {
    await holdfast.ok(["tensor", "get", model, tensor, "--out", file]);
    const bytes = await readFile(file);
    bytes[round % bytes.length] = (bytes[round % bytes.length] as number) ^ 0x55;
    await writeFile(file, bytes);
    const { version } = await holdfast.ok<{ version: string }>(["tensor", "set", model, tensor, file]);
    const count = before + round + 1;
    await until(all, count);
    for (const { moves } of all) {
      const move = moves[count - 1] as Move;
      assert.equal(move.version, version);
      latenciesMs.push(move.seenAt - move.at);
    }
  }
  return latenciesMs;
}

/** The time in the catalog is that of the transaction's beginning, so its commit is part of what is told. */
function told(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number): string => ((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number) / 1000).toFixed(3);
  return `median ${at(0.5)} s, p99 ${at(0.99)} s from the move to a watcher (${sorted.length} of them)`;
}

/** What the benches of whole models have in common: their options, a model, a folder to work in that is gone afterwards. */
import { existsSync, statfsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseBytes } from "../src/core/units.ts";
import type { StoreOptions } from "../src/index.ts";
import { makeModel } from "../test/acceptance/make/model.ts";
import { chillFiles, filesUnder, must, warmFiles, warmMemory } from "./quiet.ts";
import type { Side } from "./rounds.ts";

export interface Place {
  readonly folder: string;
  readonly model: string;
  readonly bytes: number;
  readonly rounds: number;
  readonly patienceMs: number;
  /** Whether what is read is out of the page cache when the clock starts. */
  readonly cold: boolean;
  readonly size: Pick<StoreOptions, "workers" | "memory">;
  /** Which comparisons; all where none is named. */
  readonly wants: (name: string) => boolean;
}

const options = {
  size: { type: "string", default: "4GB" },
  model: { type: "string" },
  folder: { type: "string", default: tmpdir() },
  rounds: { type: "string", default: "5" },
  patience: { type: "string", default: "60" },
  workers: { type: "string" },
  memory: { type: "string" },
  only: { type: "string" },
  cold: { type: "boolean", default: false },
} as const;

export const placeUsage =
  "[--size 4GB | --model DIR] [--folder DIR] [--rounds 5] [--cold] [--only NAME,…] [--patience SECONDS to wait for a quiet machine] [--workers N] [--memory SIZE]";

export async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const { values } = parseArgs({ options });
  const folder = await mkdtemp(join(resolve(values.folder), "holdfast-bench-"));
  try {
    const model = values.model === undefined ? await made(folder, parseBytes(values.size)) : resolve(values.model);
    const only = values.only?.split(",");
    await work({
      folder,
      model,
      bytes: await bytesUnder(model),
      rounds: Number(values.rounds),
      patienceMs: 1000 * Number(values.patience),
      cold: values.cold,
      size: { ...(values.workers ? { workers: Number(values.workers) } : {}), ...(values.memory ? { memory: parseBytes(values.memory) } : {}) },
      wants: (name) => only === undefined || only.includes(name),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function made(folder: string, bytes: number): Promise<string> {
  const model = join(folder, "model");
  console.error(`making a model of ${bytes} bytes`);
  await makeModel(model, { bytes, parts: 4, seed: 1 });
  return model;
}

async function bytesUnder(folder: string): Promise<number> {
  const sizes = await Promise.all((await filesUnder(folder)).map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Puts what will be read where `cold` wants it, everything else of the bench out of the page cache, and as much memory as a copy takes
 * within reach. What others wrote is on the disk then, so that nobody syncs it for them.
 */
export async function settle(place: Place, source: string, memoryBytes = place.bytes): Promise<void> {
  must("sync", []);
  await chillFiles(place.model);
  await chillFiles(place.folder);
  if (!place.cold) await warmFiles(source);
  if (memoryBytes > 0) warmMemory(memoryBytes);
}

/** For a side that leaves what it wrote to the system: brings it to the disk, where the folder is on one. */
export function syncing({ folder }: Place): Pick<Side, "sync"> {
  return statfsSync(folder).type === tmpfs ? {} : { sync: () => must("sync", ["-f", folder]) };
}

/** `TMPFS_MAGIC` of Linux. */
const tmpfs = 0x01021994;

export async function clear(path: string): Promise<void> {
  if (existsSync(path)) await rm(path, { recursive: true });
  must("sync", []);
}

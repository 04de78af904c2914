/** The volumes of a store as they lie on disk: what each holds, and how to damage it. */
import { mkdir, open, readdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Random } from "../../src/bytes/kernels/specimens.ts";
import { filesUnder } from "./trees.ts";

/** Writes the settings of a store with `count` local volumes in its folder, each a failure domain of its own. */
export async function writeSettings(store: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `v${String(index).padStart(3, "0")}`);
  const lines = names.map((name) => `  - { name: ${name}, url: ${join("volumes", name)} }`);
  await mkdir(store, { recursive: true });
  await writeFile(join(store, "holdfast.yaml"), `volumes:\n${lines.join("\n")}\n`);
  return names.map((name) => join(store, "volumes", name));
}

/** One replica of an object, or the identity of a volume, as a file. */
export interface Replica {
  readonly volume: string;
  /** Relative to the volume. */
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
}

export async function replicasOn(volumes: readonly string[]): Promise<Replica[]> {
  const found = await Promise.all(
    volumes.map(async (volume) => {
      const paths = (await filesUnder(volume).catch(() => [])).sort();
      return Promise.all(paths.map(async (path) => ({ volume, key: relative(volume, path), path, bytes: (await stat(path)).size })));
    }),
  );
  return found.flat();
}

/** Flips one bit and returns how to undo it. */
export async function flipBit(path: string, bit: number): Promise<() => Promise<void>> {
  const flip = async (): Promise<void> => {
    await using file = await open(path, "r+");
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, Math.floor(bit / 8));
    byte[0] = (byte[0] as number) ^ (1 << (bit % 8));
    await file.write(byte, 0, 1, Math.floor(bit / 8));
  };
  await flip();
  return flip;
}

export function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** Temporary files that lie on volumes: what writers that are gone left behind. */
export async function leftovers(volumes: readonly string[]): Promise<number> {
  const names = await Promise.all(volumes.map((volume) => readdir(join(volume, "tmp")).catch(() => [])));
  return names.flat().length;
}

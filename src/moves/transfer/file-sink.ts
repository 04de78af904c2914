/**
 * Targets as files of a folder. A large file is written in parts under a temporary name in `.holdfast/partial`, a small
 * one whole; both are synced before they are renamed into place. What an interrupted load left under the temporary name
 * is verified chunk by chunk and kept: nothing on disk is trusted, so nothing needs to be recorded.
 */
import { mkdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { blake3Digest } from "../../bytes/digests/index.ts";
import { requireSpan } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { eachLimited } from "./limited.ts";
import type { Stretch, Target, Window, WindowOptions } from "./plan.ts";
import type { Sink } from "./sink.ts";

/**
 * Stretches lie so that they may be written directly. ext4 lets only one direct write at a time into a file that has holes, and
 * Node cannot allocate a file beforehand: with two files under way, another worker's write goes on meanwhile.
 */
export const fileWindows: Omit<WindowOptions, "bytes"> = { align: 4096, lanes: 2 };
export const scratchFolder = ".holdfast";

interface Begun {
  /** Whether an earlier load had left a file with bytes under the temporary name. */
  readonly leftover: Promise<boolean>;
  /** Resolves when the file is there, with its size. */
  readonly made: Promise<void>;
}

export class FileSink implements Sink {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #targets: readonly Target[];
  readonly #begun = new Map<number, Begun>();
  readonly #left: number[];

  constructor(engine: Engine, folder: string, targets: readonly Target[]) {
    this.#engine = engine;
    this.#folder = folder;
    this.#targets = targets;
    this.#left = targets.map((target) => target.bytes);
  }

  /** Makes the folders of the targets, and empties those that have no bytes. */
  async begin(): Promise<void> {
    await mkdir(join(this.#folder, scratchFolder, "partial"), { recursive: true });
    for (const folder of this.#folders()) await mkdir(folder, { recursive: true });
    const empty = this.#targets.flatMap((target, index) => (target.bytes === 0 ? [index] : []));
    const nothing = requireSpan(new Uint8Array(new SharedArrayBuffer(0)));
    if (empty.length > 0) await this.#engine.pool.run({ kind: "replace", files: empty.map((index) => ({ ...this.#paths(index), from: nothing })) });
  }

  memoryFor(): undefined {
    return undefined;
  }

  async recall(window: Window, memory: Uint8Array): Promise<"all" | "some" | "none"> {
    const kept = await Promise.all(window.stretches.map((stretch) => !this.#isWhole(stretch) && this.#begin(stretch.target).leftover));
    const parts = window.stretches.filter((_, index) => kept[index]).map((stretch) => this.#readOf(stretch, memory));
    if (parts.length === 0) return "none";
    await this.#engine.pool.run({ kind: "read", parts });
    return parts.length === window.stretches.length ? "all" : "some";
  }

  async deliver(window: Window, memory: Uint8Array, unchanged: boolean): Promise<void> {
    const [small, large] = [window.stretches.filter((s) => this.#isWhole(s)), window.stretches.filter((s) => !this.#isWhole(s))];
    const files = small.map((stretch) => ({ ...this.#paths(stretch.target), from: requireSpan(part(stretch, memory)) }));
    if (files.length > 0) await this.#engine.pool.run({ kind: "replace", files });
    await Promise.all(large.map((stretch) => this.#write(stretch, memory, unchanged)));
  }

  /** Resolves when nothing more is made in the folder, also where the load failed: another one may come then. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#begun.values()].map(({ made }) => made));
  }

  /** Makes the names durable and removes what is no longer needed. */
  async end(): Promise<void> {
    const folders = [...this.#folders()];
    for (let at = 0; at < folders.length; at += 256) await this.#engine.pool.run({ kind: "sync-folders", folders: folders.slice(at, at + 256) });
    await rm(join(this.#folder, scratchFolder, "partial"), { recursive: true, force: true });
  }

  #isWhole(stretch: Stretch): boolean {
    return stretch.bytes === this.#targets[stretch.target]?.bytes;
  }

  async #write(stretch: Stretch, memory: Uint8Array, unchanged: boolean): Promise<void> {
    const { path, temporary } = this.#paths(stretch.target);
    await this.#begin(stretch.target).made;
    if (!unchanged) await this.#engine.pool.run({ kind: "write", path: temporary, offset: stretch.start, from: requireSpan(part(stretch, memory)) });
    const left = (this.#left[stretch.target] as number) - stretch.bytes;
    this.#left[stretch.target] = left;
    if (left === 0) await this.#engine.pool.run({ kind: "finish", path, temporary });
  }

  /** Looks for the temporary file of a target and makes it, once. Only a write waits until it is made: chunks are fetched meanwhile. */
  #begin(target: number): Begun {
    const known = this.#begun.get(target);
    if (known) return known;
    const { temporary } = this.#paths(target);
    const leftover = isLeftover(temporary);
    const made = leftover.then(() => this.#engine.pool.run({ kind: "prepare", path: temporary, bytes: (this.#targets[target] as Target).bytes }));
    made.catch(() => {}); // whoever writes is told
    const begun = { leftover, made };
    this.#begun.set(target, begun);
    return begun;
  }

  #readOf(stretch: Stretch, memory: Uint8Array) {
    const { temporary } = this.#paths(stretch.target);
    return { path: temporary, offset: stretch.start, into: [requireSpan(part(stretch, memory))] };
  }

  #paths(target: number): { readonly path: string; readonly temporary: string } {
    const { name } = this.#targets[target] as Target;
    return { path: join(this.#folder, name), temporary: join(this.#folder, scratchFolder, "partial", blake3Digest(Buffer.from(name)).slice(0, 32)) };
  }

  #folders(): Set<string> {
    return new Set([this.#folder, ...this.#targets.map((target) => dirname(join(this.#folder, target.name)))]);
  }
}

async function isLeftover(temporary: string): Promise<boolean> {
  const found = await stat(temporary).catch(() => undefined);
  return found !== undefined && found.size > 0;
}

function part(stretch: Stretch, memory: Uint8Array): Uint8Array {
  return memory.subarray(stretch.at, stretch.at + stretch.bytes);
}

/** Removes the scratch folder when nothing is left in it. */
export async function dropScratch(folder: string): Promise<void> {
  await rmdir(join(folder, scratchFolder)).catch(() => undefined);
}

/** Which of the files that are already in a folder are what the targets want, by reading and verifying them. */
export async function sizesMatch(folder: string, targets: readonly Target[]): Promise<boolean[]> {
  const matches = targets.map(() => false);
  await eachLimited(targets.entries(), 64, async ([index, target]) => {
    const found = await stat(join(folder, target.name)).catch(() => undefined);
    matches[index] = found?.isFile() === true && found.size === target.bytes;
  });
  return matches;
}

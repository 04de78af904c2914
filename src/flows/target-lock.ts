/**
 * One load at a time writes into a folder. Each lock is a file with a name of its own that names its process: what a killed one left
 * can be removed without taking away somebody else's. Where that process cannot be seen, on another machine or in another container,
 * its beat is watched for a while. Who wants the folder first says so and then looks around, so that of two one sees the other;
 * the first by name goes on, and the others stay away until it has the lock.
 */
import { mkdir, readdir, readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fault, isFault } from "../core/errors.ts";
import type { World } from "../core/world/index.ts";
import { ownMark, type ProcessMark, stillRuns } from "../machine/process-mark.ts";
import { scratchFolder } from "../moves/transfer/index.ts";

const beatMs = 2000;
/** A lock elsewhere that has not been touched for so long is nobody's. */
const stillMs = 15_000;
const attemptsMax = 20;
const pauseMsMax = 100;
const lockName = /^lock-[0-9a-f]{32}(\.wish)?$/;

/** Throws TARGET_BUSY while another load has the folder; ACCESS_DENIED or VOLUME_FULL when it cannot be written to; CANCELLED. */
export async function lockTarget(folder: string, world: World, signal: AbortSignal): Promise<AsyncDisposable> {
  const scratch = join(folder, scratchFolder);
  const path = join(scratch, `lock-${world.id()}`);
  try {
    await mkdir(scratch, { recursive: true });
    for (let attempt = 0, wished = false; attempt < attemptsMax; attempt++) {
      const other = await otherLock(scratch, path, world, signal);
      if (other === undefined && wished) return await held(path, world);
      if (other !== undefined && !isWish(other)) break;
      const first = other === undefined || wishOf(path) < other;
      if (first && !wished) await writeFile(wishOf(path), JSON.stringify(ownMark()));
      if (!first && wished) await unlink(wishOf(path));
      wished = first;
      if (other !== undefined) await world.sleep(world.random() * pauseMsMax, signal);
    }
    throw busy(folder);
  } catch (error) {
    for (const own of [path, wishOf(path)]) await unlink(own).catch(() => undefined);
    throw isFault(error) ? error : refused(folder, error as NodeJS.ErrnoException);
  }
}

const wishOf = (path: string): string => `${path}.wish`;
const isWish = (path: string): boolean => path.endsWith(".wish");

function refused(folder: string, error: NodeJS.ErrnoException): Error {
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  return fault(full ? "VOLUME_FULL" : "ACCESS_DENIED", `${folder} cannot be written to: ${error.message}`, { cause: error });
}

function busy(folder: string): Error {
  return fault("TARGET_BUSY", `another load writes into ${folder}`, { advice: "Wait for it to end, or load into another folder." });
}

/** A lock of somebody who is there, or else the first wish. What was left by those who are not is removed on the way. */
async function otherLock(scratch: string, own: string, world: World, signal: AbortSignal): Promise<string | undefined> {
  const all = (await readdir(scratch)).filter((name) => lockName.test(name)).sort();
  const names = [...all.filter((name) => !isWish(name)), ...all.filter(isWish)];
  for (const path of names.map((name) => join(scratch, name))) {
    if (path.startsWith(own)) continue;
    if (await isHeld(path, world, signal)) return path;
    await unlink(path).catch(() => undefined);
  }
  return undefined;
}

async function isHeld(path: string, world: World, signal: AbortSignal): Promise<boolean> {
  const mark = markIn(await textOf(path, world, signal));
  return (mark && stillRuns(mark)) ?? (await beats(path, world, signal));
}

/** A file is written a moment after it is made. */
async function textOf(path: string, world: World, signal: AbortSignal): Promise<string> {
  const read = (): Promise<string> => readFile(path, "utf8").catch(() => "");
  const text = await read();
  if (text !== "") return text;
  await world.sleep(pauseMsMax, signal);
  return read();
}

function markIn(text: string): ProcessMark | undefined {
  try {
    const { place, pid, started } = JSON.parse(text) as Partial<ProcessMark>;
    return typeof place === "string" && typeof pid === "number" && pid > 0 && typeof started === "string" ? { place, pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/** No clock is compared with another's: what counts is whether the lock changes while it is watched. */
async function beats(path: string, world: World, signal: AbortSignal): Promise<boolean> {
  const before = await touchOf(path);
  for (const end = world.ticks() + stillMs; before !== undefined && world.ticks() < end; ) {
    await world.sleep(beatMs / 2, signal);
    const now = await touchOf(path);
    if (now !== before) return now !== undefined;
  }
  return false;
}

async function touchOf(path: string): Promise<bigint | undefined> {
  return (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs;
}

/** The wish stays beside the lock: were it renamed, who looks for it in that moment would find neither. */
async function held(path: string, world: World): Promise<AsyncDisposable> {
  await writeFile(path, JSON.stringify(ownMark()));
  const done = new AbortController();
  const beating = beat(path, world, done.signal).catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      done.abort();
      await beating;
      for (const own of [path, wishOf(path)]) await unlink(own).catch(() => undefined);
    },
  };
}

/** Until it is stopped. */
async function beat(path: string, world: World, done: AbortSignal): Promise<void> {
  for (;;) {
    await world.sleep(beatMs, done);
    const now = new Date(world.now());
    for (const own of [path, wishOf(path)]) await utimes(own, now, now).catch(() => undefined);
  }
}

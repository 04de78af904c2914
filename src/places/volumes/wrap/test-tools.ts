/** What the tests of the wrappers share: a world without waiting, a memory volume behind a plan, one object. */
import assert from "node:assert/strict";
import { parseDigest } from "../../../core/digest.ts";
import { type ErrorCode, fault, isFault } from "../../../core/errors.ts";
import { parseDomainName, parseVolumeName, type VolumeName } from "../../../core/names.ts";
import { rangeOf } from "../../../core/range.ts";
import { realWorld, type World } from "../../../core/world/index.ts";
import { objectKey } from "../keys.ts";
import { type MemoryObjects, openMemoryVolume } from "../memory/driver.ts";
import type { ObjectKey, Volume } from "../volume.ts";
import { faulty } from "./fault.ts";
import type { FaultRule } from "./fault-plan.ts";

export const never: AbortSignal = new AbortController().signal;
export const name: VolumeName = parseVolumeName("wrapped");
export const plain = (): Volume => openMemoryVolume({ name });

/** Time that passes as soon as someone waits for it. */
export function impatientWorld(): World & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    ticks: () => now,
    random: () => 0.5,
    id: () => "0".repeat(32),
    async sleep(ms, signal) {
      if (signal.aborted) throw fault("CANCELLED", "cancelled");
      slept.push(ms);
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function keyOf(hex: string): ObjectKey {
  return objectKey({ kind: "shard", domain: parseDomainName("domain"), digest: parseDigest(hex.padEnd(64, "0")), generation: 1 });
}

export const key = keyOf("ab");
export const body = [Buffer.from("some "), Buffer.from("bytes")];
export const whole = rangeOf(0, 10);

export async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}

export async function keysOf(stats: AsyncIterable<{ readonly key: ObjectKey }>): Promise<ObjectKey[]> {
  const keys: ObjectKey[] = [];
  for await (const one of stats) keys.push(one.key);
  return keys;
}

/** A memory volume with one object, behind a plan. */
export function withFaults(
  rules: readonly FaultRule[],
  objects: MemoryObjects = new Map([[key, Buffer.concat(body)]]),
  seed = 7,
): { volume: Volume; objects: MemoryObjects } {
  return { volume: faulty(openMemoryVolume({ name, objects }), { plan: { seed, rules }, world: impatientWorld() }), objects };
}

export async function got(volume: Volume): Promise<string> {
  const into = Buffer.alloc(10);
  return into.toString("latin1", 0, await volume.get(key, whole, [into.subarray(0, 3), into.subarray(3)], never));
}

/** Long enough for everything that is ready to run. */
export const ticks = (): Promise<void> => realWorld.sleep(5, never);

/** Which targets a folder already has, byte for byte: read and verified against the digests of their chunks, never judged by name, size or time. */
import { join } from "node:path";
import { requireSpan } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { sizesMatch } from "./file-sink.ts";
import { eachLimited } from "./limited.ts";
import { type Target, type Window, windowsOf } from "./plan.ts";
import { verifiedIn } from "./run.ts";

/** One answer for each target. A target with a chunk that it has only in part cannot be verified and counts as absent. */
export async function presentTargets(engine: Engine, folder: string, targets: readonly Target[], signal: AbortSignal): Promise<boolean[]> {
  const present = await sizesMatch(folder, targets);
  const candidates = targets.map((target, index) => (present[index] ? target : { ...target, parts: [] }));
  await eachLimited(windowsOf(candidates), engine.pool.size + 2, async (window) => {
    if (window.stretches.every((stretch) => !present[stretch.target])) return;
    for (const target of await wrongTargets(engine, folder, targets, window, signal)) present[target] = false;
  });
  return present;
}

async function wrongTargets(engine: Engine, folder: string, targets: readonly Target[], window: Window, signal: AbortSignal): Promise<number[]> {
  using lease = await engine.arena.lend(window.bytes, signal);
  const memory = lease.bytes;
  const parts = window.stretches.map((stretch) => ({
    path: join(folder, (targets[stretch.target] as Target).name),
    offset: stretch.start,
    into: [requireSpan(memory.subarray(stretch.at, stretch.at + stretch.bytes))],
  }));
  const read = await engine.pool.run({ kind: "read", parts });
  const good = await verifiedIn(engine, window.chunks, memory);
  const literalsGood = window.literals.every(({ at, bytes }) => Buffer.compare(memory.subarray(at, at + bytes.length), bytes) === 0);
  return window.stretches.flatMap((stretch, index) => {
    const mine = window.chunks.every((chunk, at) => good[at] || !touches(chunk.copies[0]?.to ?? 0, stretch));
    return mine && literalsGood && read[index] === stretch.bytes ? [] : [stretch.target];
  });
}

function touches(at: number, stretch: { readonly at: number; readonly bytes: number }): boolean {
  return at >= stretch.at && at < stretch.at + stretch.bytes;
}

/** A replica counts when its bytes were read back from the volume and are the bytes that were sent. */
import { fault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { requireSpan } from "../../machine/span.ts";
import type { ObjectKey, Volume } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";

export const readBackBytes = 4 * MiB;

/** Compares the object with `body` through `room`, which is in shared memory and has `readBackBytes`. Throws OBJECT_CORRUPT. */
export async function readBack(
  engine: Engine,
  volume: Volume,
  key: ObjectKey,
  body: readonly Uint8Array[],
  room: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const total = body.reduce((sum, view) => sum + view.byteLength, 0);
  for (let start = 0; start < total; start += room.length) {
    const part = room.subarray(0, Math.min(room.length, total - start));
    const read = await volume.get(key, { start, end: start + part.length }, [part], signal);
    const spans = partOf(body, start, start + part.length).map(requireSpan);
    const same = read === part.length && (await engine.pool.run({ kind: "compare", a: spans, b: requireSpan(part) }));
    if (!same) throw fault("OBJECT_CORRUPT", `${key} read back from ${volume.name} is not what was written, near byte ${start}`);
  }
}

/** The views of `body` between two offsets. */
function partOf(body: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const view of body) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + view.byteLength);
    if (from < to) parts.push(view.subarray(from - at, to - at));
    at += view.byteLength;
  }
  return parts;
}

/** Whether a volume holds exactly these bytes under a key, asked in pieces so that memory stays small. */
import { rangeOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import { scatterBytes, sliceScatter } from "../scatter.ts";
import type { ObjectKey, Replayable, Volume } from "../volume.ts";

const pieceBytes = MiB;

export async function holdsExactly(volume: Volume, key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<boolean> {
  const bytes = scatterBytes(body);
  for await (const { bytes: stored } of volume.stat([key], signal)) if (stored !== bytes) return false;
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, bytes));
  for (let at = 0; at < bytes; at += pieceBytes) {
    const wanted = Math.min(pieceBytes, bytes - at);
    const got = await volume.get(key, rangeOf(at, wanted), [piece.subarray(0, wanted)], signal);
    if (got !== wanted || !startsWithViews(piece, sliceScatter(body, at, at + wanted))) return false;
  }
  return true;
}

function startsWithViews(bytes: Buffer, views: Replayable): boolean {
  let at = 0;
  for (const view of views) {
    if (bytes.compare(view, 0, view.byteLength, at, at + view.byteLength) !== 0) return false;
    at += view.byteLength;
  }
  return true;
}

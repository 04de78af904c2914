/** Views that follow each other, as bodies and destinations: their length together, whether they fit a range, copying and comparing. */
import { fault } from "../../core/errors.ts";
import { type ByteRange, lengthOf } from "../../core/range.ts";
import type { Scatter } from "./volume.ts";

export function scatterBytes(views: Scatter): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}

/** Throws ARGUMENT_INVALID for a range that is none, or whose length is not that of the views. */
export function requireFit(range: ByteRange, into: Scatter): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw fault("ARGUMENT_INVALID", `not a byte range: [${start}, ${end})`);
  if (lengthOf(range) !== scatterBytes(into))
    throw fault("ARGUMENT_INVALID", `a range of ${lengthOf(range)} bytes does not fit memory of ${scatterBytes(into)}`);
}

/** Copies `source` from its start into the views until either ends; returns the bytes copied. */
export function copyInto(into: Scatter, source: Uint8Array): number {
  let copied = 0;
  for (const view of into) {
    const part = source.subarray(copied, copied + view.byteLength);
    view.set(part);
    copied += part.byteLength;
  }
  return copied;
}

/** The part [start, end) of the views laid one behind the other, as views. */
export function sliceScatter(views: Scatter, start: number, end: number): Uint8Array[] {
  const slices: Uint8Array[] = [];
  let at = 0;
  for (const view of views) {
    const slice = view.subarray(Math.max(0, start - at), Math.max(0, end - at));
    if (slice.byteLength > 0) slices.push(slice);
    at += view.byteLength;
  }
  return slices;
}

/** Chunks whose bytes lie as rows apart: laying them together, and spreading them again. */
import { asBuffer } from "../../bytes/digests/index.ts";
import type { Copy, Rows } from "../jobs.ts";
import type { Desk } from "./desk.ts";

/** The bytes of the rows: a view where they are one run, otherwise laid together in the desk's own room. */
export function together(desk: Desk, from: Uint8Array, rows: Rows): Uint8Array {
  if (rows.rows === 1) return from.subarray(rows.offset, rows.offset + rows.rowBytes);
  const out = desk.gathered.subarray(0, rows.rows * rows.rowBytes);
  desk.kernels.gather(from.subarray(rows.offset), rows.stride, rows.rowBytes, rows.rows, out);
  return out;
}

/** The one copy that takes a whole chunk to one run of the window, if that is what the copies are. */
export function wholeRun(copies: readonly Copy[], rawBytes: number): Copy | undefined {
  const copy = copies[0];
  return copies.length === 1 && copy && copy.rows === 1 && copy.rowBytes === rawBytes ? copy : undefined;
}

export function spread(desk: Desk, chunk: Uint8Array, copies: readonly Copy[], window: Uint8Array): void {
  for (const copy of copies) {
    const dense = copy.rows > 1 && copy.fromStride === copy.rowBytes && window.buffer === desk.memory.buffer;
    if (dense)
      desk.kernels.scatter(chunk.subarray(copy.from, copy.from + copy.rows * copy.rowBytes), copy.rowBytes, copy.rows, window.subarray(copy.to), copy.toStride);
    else copyRows(chunk, copy, window);
  }
}

/** Rows may be short and many: a Buffer copies a part of itself without a view for each. */
function copyRows(chunk: Uint8Array, copy: Copy, window: Uint8Array): void {
  const [source, target] = [asBuffer(chunk), asBuffer(window)];
  for (let row = 0; row < copy.rows; row++) {
    const from = copy.from + row * copy.fromStride;
    source.copy(target, copy.to + row * copy.toStride, from, from + copy.rowBytes);
  }
}

/** The inverse of `spread` for copies that cover a chunk: its bytes as they lie in the window. */
export function collectRows(desk: Desk, window: Uint8Array, copies: readonly Copy[], rawBytes: number): Uint8Array {
  const out = desk.gathered.subarray(0, rawBytes);
  for (const { from, to, fromStride, toStride, ...shape } of copies)
    copyRows(window, { ...shape, from: to, to: from, fromStride: toStride, toStride: fromStride }, out);
  return out;
}

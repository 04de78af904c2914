/** Chunks whose bytes lie as rows apart: laying them together, and spreading them again. */
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

function copyRows(chunk: Uint8Array, copy: Copy, window: Uint8Array): void {
  for (let row = 0; row < copy.rows; row++) {
    const from = copy.from + row * copy.fromStride;
    window.set(chunk.subarray(from, from + copy.rowBytes), copy.to + row * copy.toStride);
  }
}

/** The inverse of `spread` for copies that cover a chunk: its bytes as they lie in the window. */
export function collectRows(desk: Desk, window: Uint8Array, copies: readonly Copy[], rawBytes: number): Uint8Array {
  const out = desk.gathered.subarray(0, rawBytes);
  for (const copy of copies)
    for (let row = 0; row < copy.rows; row++) {
      const to = copy.to + row * copy.toStride;
      out.set(window.subarray(to, to + copy.rowBytes), copy.from + row * copy.fromStride);
    }
  return out;
}

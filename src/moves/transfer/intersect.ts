/**
 * Which bytes of a chunk belong to a slice of its file, and where they go in the slice's output. Both are rows of equal
 * length at equal distances; contiguous bytes are one row. Offsets in a chunk count its rows laid one behind the other,
 * offsets in the output those of the slice.
 */
import type { Copy } from "../../machine/jobs.ts";

/** Rows of a file: the first starts at `start`, each next one `stride` bytes later. */
export interface FileRows {
  readonly start: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly stride: number;
}

/** `origin` is where the row grid that both share begins, when they have the same stride: the start of the tensor. */
export function intersect(slice: FileRows, chunk: FileRows, origin: number): Copy[] {
  if (slice.rows === 1) return alongChunk(slice, chunk, 0);
  if (chunk.rows === 1) return alongChunk(chunk, slice, 0).map(reverse);
  if (slice.stride === chunk.stride) return gridOnGrid(slice, chunk, origin);
  return Array.from({ length: slice.rows }, (_, row) => row).flatMap((row) =>
    alongChunk({ start: slice.start + row * slice.stride, rows: 1, rowBytes: slice.rowBytes, stride: 0 }, chunk, row * slice.rowBytes),
  );
}

function reverse(copy: Copy): Copy {
  return { from: copy.to, fromStride: copy.toStride, to: copy.from, toStride: copy.fromStride, rows: copy.rows, rowBytes: copy.rowBytes };
}

/** Contiguous bytes against rows: a part of a first row, whole rows, a part of a last row. */
function alongChunk(span: FileRows, grid: FileRows, out: number): Copy[] {
  const end = span.start + span.rowBytes;
  const first = Math.max(0, Math.floor((span.start - grid.start) / grid.stride || 0));
  const last = grid.rows === 1 ? 0 : Math.min(grid.rows - 1, Math.floor((end - 1 - grid.start) / grid.stride));
  const copies: Copy[] = [];
  let whole = 0;
  const flush = (after: number): void => {
    if (whole > 0) copies.push(rowsOf(grid, after - whole, whole, span.start, out));
    whole = 0;
  };
  for (let row = first; row <= last; row++) {
    const rowStart = grid.start + row * grid.stride;
    const from = Math.max(span.start, rowStart);
    const to = Math.min(end, rowStart + grid.rowBytes);
    if (to - from === grid.rowBytes) whole++;
    else {
      flush(row);
      if (to > from) copies.push(part(row * grid.rowBytes + from - rowStart, out + from - span.start, to - from));
    }
  }
  flush(last + 1);
  return copies;
}

function part(from: number, to: number, bytes: number): Copy {
  return { from, fromStride: bytes, to, toStride: bytes, rows: 1, rowBytes: bytes };
}

function rowsOf(grid: FileRows, row: number, rows: number, spanStart: number, out: number): Copy {
  const to = out + grid.start + row * grid.stride - spanStart;
  if (rows === 1) return part(row * grid.rowBytes, to, grid.rowBytes);
  return { from: row * grid.rowBytes, fromStride: grid.rowBytes, to, toStride: grid.stride, rows, rowBytes: grid.rowBytes };
}

function gridOnGrid(slice: FileRows, chunk: FileRows, origin: number): Copy[] {
  const { stride } = slice;
  const at = (start: number): { row: number; column: number } => ({ row: Math.floor((start - origin) / stride), column: (start - origin) % stride });
  const [a, b] = [at(chunk.start), at(slice.start)];
  const row = Math.max(a.row, b.row);
  const rows = Math.min(a.row + chunk.rows, b.row + slice.rows) - row;
  const column = Math.max(a.column, b.column);
  const rowBytes = Math.min(a.column + chunk.rowBytes, b.column + slice.rowBytes) - column;
  if (rows <= 0 || rowBytes <= 0) return [];
  return [
    {
      from: (row - a.row) * chunk.rowBytes + column - a.column,
      fromStride: chunk.rowBytes,
      to: (row - b.row) * slice.rowBytes + column - b.column,
      toStride: slice.rowBytes,
      rows,
      rowBytes,
    },
  ];
}

/**
 * How one tensor is cut. Fixed steps from its own start, so that a longer header or an appended row moves no boundary; and
 * where ranks are known to split the tensor, boundaries on the splits, so that a rank reads its share and no more.
 */
import { elementBytes } from "../../core/element.ts";
import { limits } from "../../core/limits.ts";
import type { EvenRun, TensorEntry, TiledRun } from "../../core/manifest.ts";
import { lengthOf } from "../../core/range.ts";

/** Into how many equal parts a reader may split a tensor: along its bytes, and along its innermost dimension. 1 where it does not matter. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
}

export const untiled: Tile = { rows: 1, columns: 1 };

/** Chunks below this cost more in headers and tables than a rank saves by not reading them. */
const partBytesMin = 64 * 1024;

/** The run of a tensor that shares its chunks with no other. */
export function runOf(tensor: TensorEntry, tile: Tile): EvenRun | TiledRun {
  return tiledRun(tensor, tile.columns) ?? evenRun(tensor, stepFor(tensor, tile.rows));
}

function evenRun({ range, element }: TensorEntry, step: number): EvenRun {
  return { kind: "even", start: range.start, bytes: lengthOf(range), step, element };
}

/** Bytes that an encoding must not cut through: an element, or a block of the block types. */
function unitOf({ element }: TensorEntry): number {
  return elementBytes[element];
}

/** The step that puts a boundary on each of `parts` equal parts, or the common one where that would make odd or tiny chunks. */
function stepFor(tensor: TensorEntry, parts: number): number {
  const unit = unitOf(tensor);
  const common = limits.chunkBytes - (limits.chunkBytes % unit);
  const bytes = lengthOf(tensor.range);
  for (const count of halvings(parts)) {
    const step = bytes / count >= partBytesMin ? divide(bytes / count, unit) : undefined;
    if (step !== undefined) return step;
  }
  return common;
}

/** The largest step of at most `limits.chunkBytes` and at least half of what would do, that divides a part into whole units. */
function divide(partBytes: number, unit: number): number | undefined {
  const fewest = Math.ceil(partBytes / limits.chunkBytes);
  for (let steps = fewest; steps <= 2 * fewest; steps++) if (partBytes % (steps * unit) === 0) return partBytes / steps;
  return undefined;
}

function tiledRun(tensor: TensorEntry, columns: number): TiledRun | undefined {
  const { shape, range, element } = tensor;
  const bytes = lengthOf(range);
  if (columns < 2) return undefined;
  const rows = shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1);
  const width = shape.at(-1) ?? 1;
  const rowBytes = bytes / rows;
  const unit = unitOf(tensor);
  const fitting = halvings(columns).find((count) => width % count === 0 && rowBytes % (count * unit) === 0 && bytes / count >= partBytesMin);
  if (fitting === undefined) return undefined;
  const bandRows = Math.min(rows, Math.floor(Math.min(fitting * limits.chunkBytes, limits.windowBytes) / rowBytes));
  return bandRows < 1 ? undefined : { kind: "tiled", start: range.start, bytes, rowBytes, columns: fitting, bandRows, element };
}

/** 8 → 8, 4, 2: what still serves some of the readers when the finest cut does not fit. */
function halvings(count: number): number[] {
  const counts: number[] = [];
  for (let next = count; next >= 2 && Number.isInteger(next); next /= 2) counts.push(next);
  return counts;
}

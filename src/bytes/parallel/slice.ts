/** Which bytes of a file a rank gets of a tensor. */
import { elementBytes } from "../../core/element.ts";
import { fault, type HoldfastError } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { lengthOf } from "../../core/range.ts";
import type { Section, Split } from "./split.ts";

/** `rows` pieces of `rowBytes` bytes of the file, the first at `start`, each `stride` bytes behind the one before. */
export interface SlicePiece {
  readonly start: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly stride: number;
}

export interface Slice {
  readonly shape: readonly number[];
  /** Their rows, one behind the other, are the bytes of the slice in row-major order. */
  readonly pieces: readonly SlicePiece[];
}

/** Fused sections of an inner dimension take a piece for each outer row; this bounds them. */
const piecesMax = 1 << 22;

/**
 * The part of `tensor` that rank `rank` of `size` ranks holds. Throws PLAN_INVALID when the ranks do not divide the
 * tensor, ARGUMENT_INVALID for a rank that is not one of them.
 */
export function sliceOf(tensor: TensorEntry, split: Split, rank: number, size: number): Slice {
  if (!Number.isSafeInteger(size) || size < 1 || !Number.isSafeInteger(rank) || rank < 0 || rank >= size)
    throw fault("ARGUMENT_INVALID", `rank ${rank} of ${size}`, { advice: "Ranks count from 0 to one less than their number." });
  if (split.kind === "replicate" || size === 1) return whole(tensor);
  const shares = split.sections.map((section) => shareOf(section, rank, size));
  if (shares.every((share) => share !== undefined)) return cut(tensor, split.dim, split.sections, shares);
  if (split.uneven === "replicate") return whole(tensor);
  throw uneven(tensor, split.sections, size);
}

function whole({ shape, range }: TensorEntry): Slice {
  return { shape, pieces: contiguous(range.start, lengthOf(range)) };
}

/** Indexes of a section: `offset` from its start. */
interface Share {
  readonly offset: number;
  readonly length: number;
}

function shareOf({ size, units, shared }: Section, rank: number, ranks: number): Share | undefined {
  if (units % ranks === 0) return { offset: (size / ranks) * rank, length: size / ranks };
  if (!shared || ranks % units !== 0) return undefined;
  return { offset: (size / units) * Math.floor(rank / (ranks / units)), length: size / units };
}

function cut(tensor: TensorEntry, dim: number, sections: readonly Section[], shares: readonly Share[]): Slice {
  const shape = tensor.shape.with(
    dim,
    shares.reduce((sum, share) => sum + share.length, 0),
  );
  const bytes = lengthOf(tensor.range);
  if (bytes === 0) return { shape, pieces: [] };
  const outer = tensor.shape.slice(0, dim).reduce((product, dimension) => product * dimension, 1);
  const stride = bytes / outer;
  const bytesOf = byteScale(tensor, dim, stride);
  let section = 0;
  const columns = shares.map(({ offset, length }, index) => {
    const column = { start: bytesOf(section + offset), bytes: bytesOf(length) };
    section += (sections[index] as Section).size;
    return column;
  });
  return { shape, pieces: piecesOf(tensor.range.start, outer, stride, columns) };
}

/** Indexes of the split dimension as bytes. Whole elements, and whole blocks where elements are stored in blocks. */
function byteScale(tensor: TensorEntry, dim: number, stride: number): (indexes: number) => number {
  const dimension = tensor.shape[dim] as number;
  const unit = stride % elementBytes[tensor.element] === 0 ? elementBytes[tensor.element] : 1;
  const unitsPerIndex = stride / unit / dimension;
  // The product of all units and an index may be too large to be exact; it is needed only where one index is less than a block.
  const unitsOf = Number.isInteger(unitsPerIndex) ? (indexes: number) => indexes * unitsPerIndex : (indexes: number) => (indexes * (stride / unit)) / dimension;
  return (indexes) => {
    const units = unitsOf(indexes);
    if (Number.isInteger(units)) return units * unit;
    throw fault("PLAN_INVALID", `tensor ${tensor.name} (${tensor.dtype}): a share would cut through a block of dimension ${dim}`, { advice });
  };
}

interface Column {
  readonly start: number;
  readonly bytes: number;
}

function piecesOf(start: number, rows: number, stride: number, columns: readonly Column[]): SlicePiece[] {
  const [only] = columns;
  if (columns.length === 1 && only && rows > 1)
    return only.bytes === stride ? contiguous(start, rows * stride) : [{ start: start + only.start, rows, rowBytes: only.bytes, stride }];
  if (rows * columns.length > piecesMax) throw fault("LIMIT_EXCEEDED", `a slice of ${rows * columns.length} pieces`, { advice });
  const pieces: SlicePiece[] = [];
  for (let row = 0; row < rows; row++) for (const column of columns) pieces.push(...contiguous(start + row * stride + column.start, column.bytes));
  return pieces;
}

function contiguous(start: number, bytes: number): SlicePiece[] {
  return bytes === 0 ? [] : [{ start, rows: 1, rowBytes: bytes, stride: bytes }];
}

const advice = "Use a number of ranks that divides the tensor, or replicate it in a plan file.";

function uneven({ name, shape }: TensorEntry, sections: readonly Section[], size: number): HoldfastError {
  const units = sections.map((section) => (section.units < section.size ? `${section.units} heads` : `${section.size}`)).join(" + ");
  return fault("PLAN_INVALID", `tensor ${name} of shape [${shape.join(", ")}]: ${size} ranks do not divide ${units}`, { advice });
}

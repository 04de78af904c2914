/** The tensor part of a GGUF header, and the rule that the tensors follow each other in the file with nothing but padding between. */
import { limits } from "../../../core/limits.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { rangeOf } from "../../../core/range.ts";
import type { Cursor } from "../cursor.ts";
import { inFileOrder, quote } from "../file-order.ts";
import { invalid, unsupported } from "../refuse.ts";
import { elementCount } from "../shape.ts";
import { readString } from "./metadata.ts";
import { type GgufType, ggufTypes } from "./types.ts";

/** ggml has 4; readers of the format allow for 8. */
const rankMax = 8;
/** A name of no bytes, one dimension, type and offset. */
export const infoBytesMin = 8 + 4 + 8 + 4 + 8;

/** The entries with ranges relative to the start of the tensor data. */
export async function readInfos(cursor: Cursor, count: number): Promise<TensorEntry[]> {
  if (count > limits.tensorsMax) throw invalid(`${count} tensors; at most ${limits.tensorsMax} are read`);
  const tensors: TensorEntry[] = [];
  for (let index = 0; index < count; index++) tensors.push(await readInfo(cursor));
  return tensors;
}

async function readInfo(cursor: Cursor): Promise<TensorEntry> {
  const name = await readString(cursor, "a tensor name");
  const dimensions = await readDimensions(cursor, name);
  if (cursor.lacks(12)) await cursor.fill(12);
  const typeId = cursor.u32();
  const offset = cursor.size();
  const type = ggufTypes.get(typeId);
  if (!type) throw unsupported(`tensor ${quote(name)} has the unknown type ${typeId}`);
  const range = rangeOf(offset, bytesOf(name, dimensions, type));
  return { name, dtype: type.name, element: type.element, shape: dimensions.reverse(), range };
}

/** Innermost first, as the file has them. */
async function readDimensions(cursor: Cursor, name: string): Promise<number[]> {
  if (cursor.lacks(4)) await cursor.fill(4);
  const rank = cursor.u32();
  if (rank === 0 || rank > rankMax) throw invalid(`tensor ${quote(name)} has ${rank} dimensions`);
  if (cursor.lacks(8 * rank)) await cursor.fill(8 * rank);
  const dimensions = Array.from({ length: rank }, () => cursor.size());
  if (dimensions.includes(0)) throw invalid(`tensor ${quote(name)} has a dimension of 0`);
  return dimensions;
}

function bytesOf(name: string, dimensions: readonly number[], type: GgufType): number {
  const count = elementCount(dimensions);
  if ((dimensions[0] ?? 0) % type.blockElements !== 0) throw invalid(`tensor ${quote(name)} has rows that do not divide into ${type.name} blocks`);
  const bytes = (count / type.blockElements) * type.blockBytes;
  if (bytes > Number.MAX_SAFE_INTEGER) throw invalid(`the size of tensor ${quote(name)} overflows`);
  return bytes;
}

/** The entries placed in the file. `headerEnd` is where the infos end; the data begins at the next multiple of the alignment. */
export function placed(tensors: readonly TensorEntry[], headerEnd: number, alignment: number, fileBytes: number): readonly TensorEntry[] {
  const dataStart = aligned(headerEnd, alignment);
  const moved = tensors.map((tensor) => ({ ...tensor, range: { start: dataStart + tensor.range.start, end: dataStart + tensor.range.end } }));
  const ordered = inFileOrder(moved, fileBytes);
  let end = headerEnd;
  for (const { name, range } of ordered) {
    if (range.start !== aligned(end, alignment)) throw invalid(`tensor ${quote(name)} begins at byte ${range.start}, the one before it ends at ${end}`);
    end = range.end;
  }
  if (fileBytes > aligned(end, alignment)) throw invalid(`the tensors end at byte ${end} of a file of ${fileBytes}`);
  return ordered;
}

function aligned(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}

/** The key-value part of a GGUF header. One value is needed, the alignment; all others are only passed over, checked. */
import { limits } from "../../../core/limits.ts";
import type { Cursor } from "../cursor.ts";
import { quote } from "../file-order.ts";
import { invalid, unsupported } from "../refuse.ts";
import { textOf } from "../text.ts";

const kind = { u32: 4, string: 8, array: 9 } as const;
/** Bytes of the value kinds that have a fixed size, by kind. */
const fixedBytes: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const arrayDepthMax = 4;
const alignmentKey = "general.alignment";
const alignmentDefault = 32;
const alignmentMax = 1 << 20;
/** A key of no bytes, a kind and one byte of value. */
export const pairBytesMin = 8 + 4 + 1;

/** Reads `pairs` pairs and returns the alignment of the tensors. */
export async function readAlignment(cursor: Cursor, pairs: number): Promise<number> {
  const seen = new Set<string>();
  let alignment = alignmentDefault;
  for (let index = 0; index < pairs; index++) {
    const key = await readString(cursor, "a metadata key");
    if (seen.has(key)) throw invalid(`the metadata key ${quote(key)} comes twice`);
    seen.add(key);
    if (cursor.lacks(4)) await cursor.fill(4);
    const valueKind = cursor.u32();
    if (key === alignmentKey) alignment = await readAlignmentValue(cursor, valueKind);
    else await skipValue(cursor, valueKind, 0);
  }
  return alignment;
}

/** A u64 length and as many bytes of UTF-8. */
export async function readString(cursor: Cursor, what: string): Promise<string> {
  if (cursor.lacks(8)) await cursor.fill(8);
  const length = cursor.size();
  if (length > limits.tensorNameBytesMax) throw invalid(`${what} of ${length} bytes; at most ${limits.tensorNameBytesMax} are read`);
  if (cursor.lacks(length)) await cursor.fill(length);
  return textOf(cursor.view(length), what);
}

async function readAlignmentValue(cursor: Cursor, valueKind: number): Promise<number> {
  if (valueKind !== kind.u32) throw invalid(`${alignmentKey} is of kind ${valueKind}, not a u32`);
  if (cursor.lacks(4)) await cursor.fill(4);
  const alignment = cursor.u32();
  if (alignment === 0 || (alignment & (alignment - 1)) !== 0 || alignment > alignmentMax)
    throw invalid(`${alignmentKey} is ${alignment}, not a power of two up to ${alignmentMax}`);
  return alignment;
}

async function skipValue(cursor: Cursor, valueKind: number, depth: number): Promise<void> {
  if (valueKind === kind.array) return await skipArray(cursor, depth + 1);
  if (valueKind === kind.string) return await skipStrings(cursor, 1);
  const bytes = fixedBytes.get(valueKind);
  if (bytes === undefined) throw unsupported(`a metadata value of the unknown kind ${valueKind}`);
  cursor.skip(bytes);
}

async function skipArray(cursor: Cursor, depth: number): Promise<void> {
  if (depth > arrayDepthMax) throw invalid(`metadata arrays nested deeper than ${arrayDepthMax}`);
  if (cursor.lacks(12)) await cursor.fill(12);
  const itemKind = cursor.u32();
  const count = cursor.size();
  const bytes = fixedBytes.get(itemKind);
  if (bytes !== undefined) cursor.skip(count * bytes);
  else if (itemKind === kind.string) await skipStrings(cursor, count);
  else for (let index = 0; index < count; index++) await skipValue(cursor, itemKind, depth);
}

async function skipStrings(cursor: Cursor, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (cursor.lacks(8)) await cursor.fill(8);
    cursor.skip(cursor.size());
  }
}

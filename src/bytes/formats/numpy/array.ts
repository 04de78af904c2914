/** One array: magic, version, header length, header, then its elements to the end (numpy.org, "NPY format", 1.0 to 3.0). */
import type { TensorEntry } from "../../../core/manifest.ts";
import { type ByteRange, rangeOf } from "../../../core/range.ts";
import { quote } from "../file-order.ts";
import type { RangeReader } from "../format.ts";
import { readWithin } from "../range-reader.ts";
import { invalid, unsupported } from "../refuse.ts";
import { elementCount, packedBytes } from "../shape.ts";
import { textOf } from "../text.ts";
import { parseDescr } from "./descr.ts";
import { parseArrayFacts } from "./literal.ts";

export const arrayMagic = Buffer.from("\x93NUMPY", "latin1");
const preludeBytes = 12;
/** NumPy itself stops at 10,000 unless told otherwise. */
const headerBytesMax = 65_535;

/** The array that fills `within`. */
export async function readArray(file: RangeReader, within: ByteRange, name: string): Promise<TensorEntry> {
  const header = await readHeader(file, within);
  const { descr, fortranOrder, shape } = parseArrayFacts(header.text);
  const { itemBytes, element } = parseDescr(descr);
  const range = rangeOf(header.end, packedBytes(elementCount(shape), 8 * itemBytes));
  if (range.end !== within.end) throw invalid(`the array ${quote(name)} ends at byte ${range.end}, its place in the file at ${within.end}`);
  // Column-major elements are row-major elements of the transposed array, and that is what is stored.
  return { name, dtype: descr, element, shape: fortranOrder ? [...shape].reverse() : shape, range };
}

export async function readHeader(file: RangeReader, within: ByteRange): Promise<{ text: string; end: number }> {
  if (within.end - within.start < preludeBytes) throw invalid("too short for an array");
  const prelude = await readWithin(file, rangeOf(within.start, preludeBytes), "its first bytes");
  if (!arrayMagic.equals(prelude.subarray(0, arrayMagic.length))) throw invalid('the array does not begin with "\\x93NUMPY"');
  const { start, length } = headerPlace(prelude, within.start);
  if (length > headerBytesMax) throw invalid(`an array header of ${length} bytes; at most ${headerBytesMax} are read`);
  const end = start + length;
  if (end > within.end) throw invalid("the array header is cut short");
  return { text: textOf(await file.read({ start, end }), "the array header"), end };
}

/** Version 1 has a u16 length, 2 and 3 have a u32. */
function headerPlace(prelude: Uint8Array, arrayStart: number): { start: number; length: number } {
  const view = new DataView(prelude.buffer, prelude.byteOffset, preludeBytes);
  const major = prelude[6] ?? 0;
  if (major < 1 || major > 3 || prelude[7] !== 0) throw unsupported(`version ${major}.${prelude[7]} of the array format`);
  if (major === 1) return { start: arrayStart + 10, length: view.getUint16(8, true) };
  return { start: arrayStart + 12, length: view.getUint32(8, true) };
}

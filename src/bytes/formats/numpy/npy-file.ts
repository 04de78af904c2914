/** A file with a single array, as `tensor get` writes it and `tensor set` reads it (numpy.org, "NPY format", 1.0). */
import { rangeOf } from "../../../core/range.ts";
import type { RangeReader } from "../format.ts";
import { invalid } from "../refuse.ts";
import { arrayMagic, readHeader } from "./array.ts";
import { parseDescr } from "./descr.ts";
import { parseArrayFacts } from "./literal.ts";

export interface NpyFacts {
  readonly descr: string;
  readonly shape: readonly number[];
  readonly itemBytes: number;
  /** Where the elements begin; they go on to the end of the file. */
  readonly start: number;
  /** Column-major, so that the bytes are those of the transposed array. */
  readonly fortranOrder: boolean;
}

const alignBytes = 64;
const preludeBytes = 10;

/** Throws FORMAT_INVALID, FORMAT_UNSUPPORTED. */
export async function readNpyFacts(file: RangeReader): Promise<NpyFacts> {
  const { text, end } = await readHeader(file, { start: 0, end: file.bytes });
  const { descr, fortranOrder, shape } = parseArrayFacts(text);
  const { itemBytes } = parseDescr(descr);
  const elements = shape.reduce((product, length) => product * length, 1);
  const wanted = rangeOf(end, elements * itemBytes);
  if (wanted.end !== file.bytes) throw invalid(`the array ends at byte ${wanted.end}, its file at ${file.bytes}`);
  return { descr, shape, itemBytes, start: end, fortranOrder };
}

/** The bytes before the elements of a row-major array. `descr` has no quotes in it. */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const facts = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const bytes = Math.ceil((preludeBytes + facts.length + 1) / alignBytes) * alignBytes;
  const header = Buffer.alloc(bytes, " ", "latin1");
  arrayMagic.copy(header);
  header.set([1, 0], arrayMagic.length);
  header.writeUInt16LE(bytes - preludeBytes, arrayMagic.length + 2);
  header.write(facts, preludeBytes, "latin1");
  header.write("\n", bytes - 1, "latin1");
  return header;
}

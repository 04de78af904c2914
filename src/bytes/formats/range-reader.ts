/** Random access to bytes that are in memory already: a header kept by a load, an entry of an archive, a test. */
import type { ByteRange } from "../../core/range.ts";
import type { RangeReader } from "./format.ts";
import { invalid } from "./refuse.ts";

export function readerOf(bytes: Uint8Array): RangeReader {
  return { bytes: bytes.length, read: async (range) => new Uint8Array(bytes.subarray(range.start, range.end)) };
}

/** The range as asked for, or FORMAT_INVALID where the file ends before it does. `what` names the thing that is cut short. */
export async function readWithin(file: RangeReader, range: ByteRange, what: string): Promise<Uint8Array> {
  if (range.start < 0 || range.end < range.start || range.end > file.bytes)
    throw invalid(`the file has ${file.bytes} bytes and ends before ${what} (bytes ${range.start} to ${range.end})`);
  return await file.read(range);
}

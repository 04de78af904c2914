/** Half-open byte ranges `[start, end)`, in bytes from the start of a file or object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export function rangeOf(start: number, length: number): ByteRange {
  return { start, end: start + length };
}

export function lengthOf(range: ByteRange): number {
  return range.end - range.start;
}

/** What a value takes in the region: rounded up to one of eight sizes between two powers of two, so that the gap that one leaves fits another. */

const pageBytes = 4096;

export function slotBytes(storedBytes: number): number {
  if (storedBytes <= pageBytes) return pageBytes;
  const step = Math.max(pageBytes, 2 ** Math.floor(Math.log2(storedBytes - 1)) / 8);
  return Math.ceil(storedBytes / step) * step;
}

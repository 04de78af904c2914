/** Latencies in buckets that grow by the fourth root of two, from 1/64 ms to two hours: 96 numbers, an error of at most 19 %. */
const bucketsPerOctave = 4;
const octaveFirst = -6;
const bucketCount = 96 + bucketsPerOctave;

export type Histogram = readonly number[];

export function emptyHistogram(): number[] {
  return new Array<number>(bucketCount).fill(0);
}

export function countMs(histogram: number[], ms: number): void {
  const bucket = Math.ceil((Math.log2(Math.max(ms, 2 ** octaveFirst)) - octaveFirst) * bucketsPerOctave);
  const index = Math.min(bucketCount - 1, bucket);
  histogram[index] = (histogram[index] ?? 0) + 1;
}

/** The upper bound, in milliseconds, of the bucket in which the quantile (0 to 1) lies; 0 for an empty histogram. */
export function quantileMs(histogram: Histogram, quantile: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = Math.max(1, Math.ceil(total * quantile));
  if (total === 0) return 0;
  const index = histogram.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return 2 ** (octaveFirst + index / bucketsPerOctave);
}

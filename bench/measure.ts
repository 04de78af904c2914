/** Timing on a machine that others use too: each chunk several times, its best and its median kept, and their sums reported. */
import { availableParallelism, cpus } from "node:os";

export interface Speed {
  /** 10^9 raw bytes per second by the best time of each chunk, and by its median. */
  readonly best: number;
  readonly median: number;
}

/** All chunks in order, `repeats` times, so that each comes from memory rather than from the cache. The first round warms up and is not counted. */
export function speedOf(chunks: number, rawBytes: number, repeats: number, work: (chunk: number) => void): Speed {
  const times = Array.from({ length: chunks }, (): number[] => []);
  for (let round = 0; round <= repeats; round++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const start = performance.now();
      work(chunk);
      if (round > 0) times[chunk]?.push(performance.now() - start);
    }
  }
  const sorted = times.map((each) => each.toSorted((a, b) => a - b));
  const perSecond = (pick: (each: readonly number[]) => number): number => rawBytes / 1e6 / sorted.reduce((sum, each) => sum + pick(each), 0);
  return { best: perSecond((each) => each[0] as number), median: perSecond((each) => each[each.length >> 1] as number) };
}

export function machine(): string {
  return `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function gigabytes({ best, median }: Speed): string {
  return `${best.toFixed(2)} (${median.toFixed(2)})`;
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd : cell.padStart).call(cell, widths[column] ?? 0)).join("  ");
  console.log(line(head));
  for (const row of rows) console.log(line(row));
}

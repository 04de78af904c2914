/** What the runs of a file must satisfy, and how many chunks they are (docs/format-manifest.md, "Runs"). */
import { fault } from "./errors.ts";
import { limits } from "./limits.ts";
import type { Run, TiledRun } from "./manifest.ts";

export function chunkCountOf(run: Run): number {
  if (run.kind === "content") return run.lengths.length;
  if (run.kind === "even") return Math.ceil(run.bytes / run.step);
  return Math.ceil(run.bytes / (run.bandRows * run.rowBytes)) * run.columns;
}

export function countChunks(runs: readonly Run[]): number {
  return runs.reduce((count, run) => count + chunkCountOf(run), 0);
}

/** Throws ARGUMENT_INVALID unless the runs tile `[0, bytes)` with chunks inside the bounds. */
export function checkRuns(runs: readonly Run[], bytes: number): void {
  let end = 0;
  for (const run of runs) {
    if (run.start !== end) refuse(`a run starts at ${run.start} where ${end} was due`);
    if (!isPositive(run.bytes) || run.bytes > bytes - end) refuse(`a run of ${run.bytes} bytes at ${end} of ${bytes}`);
    checkRun(run);
    end += run.bytes;
  }
  if (end !== bytes) refuse(`the runs end at ${end} of ${bytes}`);
}

function checkRun(run: Run): void {
  if (run.kind === "even") {
    if (!isChunkLength(run.step)) refuse(`chunks of ${run.step} bytes`);
  } else if (run.kind === "tiled") checkTiles(run);
  else checkLengths(run.lengths, run.bytes);
}

function checkTiles({ bytes, rowBytes, columns, bandRows }: TiledRun): void {
  const dividing = isPositive(rowBytes) && bytes % rowBytes === 0 && isPositive(columns) && columns >= 2 && rowBytes % columns === 0;
  if (!dividing) refuse(`${bytes} bytes in rows of ${rowBytes} and ${columns} columns`);
  const bandBytes = bandRows * rowBytes;
  if (!isPositive(bandRows) || bandBytes > limits.windowBytes) refuse(`bands of ${bandRows} rows of ${rowBytes} bytes`);
  if (!isChunkLength(bandBytes / columns)) refuse(`tiles of ${bandBytes / columns} bytes`);
}

function checkLengths(lengths: readonly number[], bytes: number): void {
  let sum = 0;
  for (const length of lengths) {
    if (!isChunkLength(length)) refuse(`a chunk of ${length} bytes`);
    sum += length;
  }
  if (sum !== bytes) refuse(`chunks of ${sum} bytes in a run of ${bytes}`);
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function isChunkLength(value: number): boolean {
  return isPositive(value) && value <= limits.chunkBytesMax;
}

function refuse(what: string): never {
  throw fault("ARGUMENT_INVALID", `runs of a file: ${what}`);
}

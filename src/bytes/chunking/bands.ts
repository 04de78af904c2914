/** Runs as bands: contiguous ranges of a file, each with the chunks that tile it. What readers and writers walk. */
import type { ContentRun, Run } from "../../core/manifest.ts";
import type { ByteRange } from "../../core/range.ts";
import { chunkCountOf } from "../../core/runs.ts";

/** One chunk in its file: `rows` pieces of `rowBytes` bytes, `stride` bytes from the start of one to the next. */
export interface ChunkSpot {
  /** Position in the file's list of digests. */
  readonly index: number;
  readonly start: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly stride: number;
  /** rows × rowBytes: the raw bytes of the chunk. */
  readonly bytes: number;
}

/** The smallest contiguous range that whole chunks fill: one chunk, or the columns of some rows of a tiled run. */
export interface Band {
  readonly start: number;
  readonly bytes: number;
  readonly run: Run;
  readonly chunks: readonly ChunkSpot[];
}

/** All bands in file order. */
export function* bandsOf(runs: readonly Run[]): Generator<Band> {
  let firstIndex = 0;
  for (const run of runs) {
    yield* bandsBetween(run, 0, bandCountOf(run), firstIndex);
    firstIndex += chunkCountOf(run);
  }
}

/** The bands that touch `range`, in file order. Logarithmic in runs and content chunks once the runs were seen before, linear in what it finds. */
export function* bandsIn(runs: readonly Run[], range: ByteRange): Generator<Band> {
  if (range.end <= range.start) return;
  const firstIndexes = firstIndexesOf(runs);
  for (let at = lastAtOrBefore(runs.length, (index) => (runs[index] as Run).start, range.start); at < runs.length; at++) {
    const run = runs[at] as Run;
    if (run.start >= range.end) return;
    const first = bandHolding(run, Math.max(range.start, run.start));
    const last = bandHolding(run, Math.min(range.end, run.start + run.bytes) - 1);
    if (range.start < run.start + run.bytes) yield* bandsBetween(run, first, last + 1, firstIndexes[at] as number);
  }
}

function* bandsBetween(run: Run, first: number, end: number, firstIndex: number): Generator<Band> {
  for (let band = first; band < end; band++) yield bandAt(run, band, firstIndex);
}

function bandCountOf(run: Run): number {
  return run.kind === "tiled" ? chunkCountOf(run) / run.columns : chunkCountOf(run);
}

function bandAt(run: Run, band: number, firstIndex: number): Band {
  if (run.kind === "content") {
    const bytes = run.lengths[band] as number;
    return contiguous(run, (endsOf(run)[band] as number) - bytes, bytes, firstIndex + band);
  }
  const bandBytes = run.kind === "even" ? run.step : run.bandRows * run.rowBytes;
  const start = run.start + band * bandBytes;
  const bytes = Math.min(bandBytes, run.start + run.bytes - start);
  return run.kind === "even" ? contiguous(run, start, bytes, firstIndex + band) : tiles(run, start, bytes, firstIndex + band * run.columns);
}

function contiguous(run: Run, start: number, bytes: number, index: number): Band {
  return { start, bytes, run, chunks: [{ index, start, rows: 1, rowBytes: bytes, stride: bytes, bytes }] };
}

function tiles(run: Run & { kind: "tiled" }, start: number, bytes: number, firstIndex: number): Band {
  const rowBytes = run.rowBytes / run.columns;
  const rows = bytes / run.rowBytes;
  const chunks = Array.from({ length: run.columns }, (_, column): ChunkSpot => {
    return { index: firstIndex + column, start: start + column * rowBytes, rows, rowBytes, stride: run.rowBytes, bytes: rows * rowBytes };
  });
  return { start, bytes, run, chunks };
}

function bandHolding(run: Run, position: number): number {
  if (run.kind === "even") return Math.floor((position - run.start) / run.step);
  if (run.kind === "tiled") return Math.floor((position - run.start) / (run.bandRows * run.rowBytes));
  const ends = endsOf(run);
  return lastAtOrBefore(ends.length, (index) => (index === 0 ? run.start : (ends[index - 1] as number)), position);
}

/** The last of `count` rising values that is at most `wanted`; 0 when all are above. */
function lastAtOrBefore(count: number, valueAt: (index: number) => number, wanted: number): number {
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}

/** Sums over immutable runs, kept as long as the runs themselves: a load asks for many ranges of one file. */
const endsByRun = new WeakMap<ContentRun, Float64Array>();
const firstIndexesByRuns = new WeakMap<readonly Run[], Float64Array>();

function endsOf(run: ContentRun): Float64Array {
  const known = endsByRun.get(run);
  if (known) return known;
  const ends = new Float64Array(run.lengths.length);
  let end = run.start;
  for (const [index, length] of run.lengths.entries()) {
    end += length;
    ends[index] = end;
  }
  endsByRun.set(run, ends);
  return ends;
}

function firstIndexesOf(runs: readonly Run[]): Float64Array {
  const known = firstIndexesByRuns.get(runs);
  if (known) return known;
  const firstIndexes = new Float64Array(runs.length);
  let next = 0;
  for (const [at, run] of runs.entries()) {
    firstIndexes[at] = next;
    next += chunkCountOf(run);
  }
  firstIndexesByRuns.set(runs, firstIndexes);
  return firstIndexes;
}

/** Files → runs: the tensors of each file from its header, the cuts that follow from them, and those that its content decides. */
import { basename } from "node:path";
import { countChunks, type PlannedRun, planRuns, type Tile, withContent } from "../../bytes/chunking/index.ts";
import { type Layout, opaqueLayout } from "../../bytes/formats/index.ts";
import { type HoldfastError, isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Run, TensorEntry } from "../../core/manifest.ts";
import type { FilePath } from "../../core/names.ts";
import { requireSpan } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { eachLimited } from "../transfer/index.ts";
import { type Told, toldOf } from "./external-tensors.ts";
import type { SourceFile } from "./walk.ts";

export interface DescribedFile extends SourceFile {
  readonly format: string;
  readonly tensors: readonly TensorEntry[];
  readonly runs: readonly Run[];
  /** How many chunks the runs have. */
  readonly chunks: number;
}

export interface DescribeOptions {
  /** Refuse a file that does not parse as its name claims, instead of keeping it as opaque. */
  readonly strict: boolean;
  readonly tile: (tensor: TensorEntry) => Tile;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

interface Parsed {
  readonly format: string;
  readonly tensors: readonly TensorEntry[];
}

export async function describeFiles(engine: Engine, files: readonly SourceFile[], options: DescribeOptions): Promise<DescribedFile[]> {
  const parsed = await parseHeaders(engine, files, options);
  const planned = files.map((file) => planFile(file, parsed.get(file.path) as Parsed, options));
  const lengths = await cutContents(
    engine,
    files,
    planned.map((plan) => plan.runs),
    options.signal,
  );
  return files.map((file, index) => {
    const { runs, ...plan } = planned[index] as PlannedFile;
    const cut = withContent(runs, (region) => lengths.get(region) as readonly number[]);
    return { ...file, ...plan, runs: cut, chunks: countChunks(cut) };
  });
}

/** The tensors of every file, including those that another file says lie in it. */
async function parseHeaders(engine: Engine, files: readonly SourceFile[], options: DescribeOptions): Promise<Map<FilePath, Parsed>> {
  const layouts = new Map<FilePath, Layout>();
  await eachLimited(files, 32, async (file) => void layouts.set(file.path, await layoutOf(engine, file, options)));
  const told = toldOf(files.map((file) => [file.path, layouts.get(file.path) as Layout]));
  return new Map(files.map((file) => [file.path, parsedOf(file, layouts.get(file.path) as Layout, told.get(file.path))]));
}

/** What a file says of itself goes before what others say of it. */
function parsedOf(file: SourceFile, { format, tensors }: Layout, told: Told | undefined): Parsed {
  const fits = told?.tensors.every((tensor) => tensor.range.end <= file.bytes);
  return told && fits && tensors.length === 0 ? told : { format, tensors };
}

async function layoutOf(engine: Engine, file: SourceFile, options: DescribeOptions): Promise<Layout> {
  try {
    return await engine.headers.layout(file.location, basename(file.path), file.bytes, options.signal);
  } catch (error) {
    if (options.strict || !isFault(error, "FORMAT_INVALID", "FORMAT_UNSUPPORTED")) throw error;
    options.warn(`${file.path} is kept as opaque bytes: ${(error as HoldfastError).message}`);
    return opaqueLayout;
  }
}

interface PlannedFile extends Parsed {
  readonly runs: readonly PlannedRun[];
}

/** Tensors that cannot be laid beside each other say less than none: the file is then cut by content. */
function planFile(file: SourceFile, parsed: Parsed, options: DescribeOptions): PlannedFile {
  try {
    return { ...parsed, runs: planRuns({ bytes: file.bytes, tensors: parsed.tensors, tile: options.tile }) };
  } catch (error) {
    if (options.strict || !isFault(error, "FORMAT_INVALID")) throw error;
    options.warn(`${file.path} is kept as opaque bytes: ${(error as HoldfastError).message}`);
    return { format: "opaque", tensors: [], runs: planRuns({ bytes: file.bytes, tensors: [], tile: options.tile }) };
  }
}

type Region = Extract<PlannedRun, { kind: "content-to-cut" }>;
interface CutTask {
  readonly region: Region;
  readonly path: string;
}

const cutBytesPerJob = 64 * 1024 * 1024;

async function cutContents(engine: Engine, files: readonly SourceFile[], planned: readonly (readonly PlannedRun[])[], signal: AbortSignal) {
  const tasks = files.flatMap((file, index) =>
    (planned[index] ?? []).flatMap((run) => (run.kind === "content-to-cut" ? [{ region: run, path: file.location }] : [])),
  );
  const lengths = new Map<Region, readonly number[]>();
  await eachLimited(jobsOf(tasks), engine.pool.size, async (job) => {
    using buffer = await engine.arena.lend(2 * limits.chunkBytesMax, signal);
    const regions = job.map(({ region, path }) => ({ path, start: region.start, bytes: region.bytes }));
    const found = await engine.pool.run({ kind: "cut", regions, buffer: requireSpan(buffer.bytes) });
    for (const [index, { region }] of job.entries()) lengths.set(region, found[index] as readonly number[]);
  });
  return lengths;
}

function* jobsOf(tasks: readonly CutTask[]): Generator<CutTask[]> {
  let job: CutTask[] = [];
  let bytes = 0;
  for (const task of tasks) {
    job.push(task);
    bytes += task.region.bytes;
    if (bytes < cutBytesPerJob && job.length < 1024) continue;
    yield job;
    job = [];
    bytes = 0;
  }
  if (job.length > 0) yield job;
}

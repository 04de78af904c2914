/** Tensors of a version into memory that all threads share, each at its place, verified on the way. The other half of the second story. */
import type { TensorEntry } from "../core/manifest.ts";
import { domainOf, type FilePath, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { oneTensor, type TensorPart, wholeTensor } from "../moves/select/index.ts";
import { eachLimited, MemorySink, type Part, runWindows, type Target, windowBytesFor, windowsOf } from "../moves/transfer/index.ts";
import { tensorReads } from "../places/coordinate/index.ts";
import type { TensorWish } from "./get-tensor.ts";
import { partsWanted, type Reading, type Wish, withVersion } from "./load.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";

export interface LoadedTensor {
  readonly name: string;
  readonly file: FilePath;
  /** As the format spells it. */
  readonly dtype: string;
  readonly element: TensorEntry["element"];
  readonly shape: readonly number[];
  /** A view of its file's memory, at a multiple of 64 bytes. */
  readonly bytes: Uint8Array;
}

export interface LoadTensorsRequest extends Wish {
  /** Makes the memory for the tensors of one file; undefined: a new SharedArrayBuffer. Memory that was touched before is filled faster. */
  readonly allocate: ((bytes: number) => SharedArrayBuffer) | undefined;
}

export interface LoadTensorsResult {
  readonly version: VersionId;
  readonly tensors: readonly LoadedTensor[];
  readonly bytes: number;
  readonly fetchedBytes: number;
  /** Read from tiers of the cache instead. */
  readonly cachedBytes: number;
  readonly repaired: number;
}

const tensorAlignBytes = 64;
/** Files under way at once; within each, windows go side by side. */
const filesAtOnce = 2;

export async function loadTensors(engine: Engine, request: LoadTensorsRequest, progress: Progress, signal: AbortSignal): Promise<LoadTensorsResult> {
  return withVersion(engine, request.at, signal, async (reading) => {
    const parts = await partsWanted(engine, reading, request);
    if (request.tensors.length > 0) countReads(engine, reading, parts);
    return loadParts(engine, reading, parts, request.allocate ?? newMemory, progress);
  });
}

/** One tensor, by its name. Throws TENSOR_MISSING, ARGUMENT_INVALID where several files have one. */
export async function loadTensor(engine: Engine, wish: TensorWish, progress: Progress, signal: AbortSignal): Promise<LoadTensorsResult> {
  return withVersion(engine, wish.at, signal, async (reading) => {
    const at = oneTensor(reading.manifest, wish.name, wish.file);
    const parts = [{ ...at, shape: at.tensor.shape, slices: [wholeTensor(at.tensor)] }];
    countReads(engine, reading, parts);
    return loadParts(engine, reading, parts, newMemory, progress);
  });
}

function countReads(engine: Engine, { manifest }: Reading, parts: readonly TensorPart[]): void {
  engine.coordination.tally.count(
    tensorReads(manifest.model),
    parts.map(({ tensor }) => tensor.name),
  );
}

async function loadParts(
  engine: Engine,
  reading: Reading,
  parts: readonly TensorPart[],
  allocate: (bytes: number) => SharedArrayBuffer,
  progress: Progress,
): Promise<LoadTensorsResult> {
  const laid = [...Map.groupBy(parts, (part) => part.file.path)].map(([file, group]) => layOut(file, group));
  const total = laid.reduce((sum, { target }) => sum + target.bytes, 0);
  let done = 0;
  const report = (bytes: number): void => progress({ step: "loading", bytes: (done += bytes), total });
  const tensors: LoadedTensor[][] = laid.map(() => []);
  await eachLimited(laid.entries(), filesAtOnce, async ([index, one]) => {
    tensors[index] = await fillMemory(engine, reading, one, allocate, total, report);
  });
  const repaired = await repairDamage(engine, reading.replicas.damage.repairable, reading.signal);
  const { fetchedBytes, cachedBytes } = reading.replicas;
  return { version: reading.version, tensors: tensors.flat(), bytes: total, fetchedBytes, cachedBytes, repaired };
}

function newMemory(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}

interface Laid {
  readonly target: Target;
  readonly tensors: readonly { readonly part: TensorPart; readonly at: number; readonly bytes: number }[];
}

/** The tensors of a file one behind the other, each aligned for any element type and vector load. */
function layOut(file: FilePath, group: readonly TensorPart[]): Laid {
  const parts: Part[] = [];
  const tensors: { part: TensorPart; at: number; bytes: number }[] = [];
  let at = 0;
  for (const part of group) {
    const gap = (tensorAlignBytes - (at % tensorAlignBytes)) % tensorAlignBytes;
    if (gap > 0) parts.push({ literal: new Uint8Array(gap) });
    const slices = part.slices.filter((slice) => slice.rows * slice.rowBytes > 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.rows * slice.rowBytes, 0);
    parts.push(...slices.map((slice) => ({ file: part.file, slice })));
    tensors.push({ part, at: at + gap, bytes });
    at += gap + bytes;
  }
  return { target: { name: file, bytes: at, parts }, tensors };
}

async function fillMemory(
  engine: Engine,
  reading: Reading,
  { target, tensors }: Laid,
  allocate: (bytes: number) => SharedArrayBuffer,
  loadBytes: number,
  report: (bytes: number) => void,
): Promise<LoadedTensor[]> {
  const memory = new Uint8Array(allocate(target.bytes), 0, target.bytes);
  const { replicas, signal, manifest } = reading;
  const windows = windowsOf([target], { bytes: windowBytesFor(engine.volumes.rows) });
  const run = { engine, replicas, sink: new MemorySink(memory), signal, domain: domainOf(manifest.model), loadBytes };
  await runWindows({ ...run, report: ({ bytes }) => report(bytes) }, windows);
  return tensors.map(({ part: { tensor, file, shape }, at, bytes }) => ({
    name: tensor.name,
    file: file.path,
    dtype: tensor.dtype,
    element: tensor.element,
    shape,
    bytes: memory.subarray(at, at + bytes),
  }));
}

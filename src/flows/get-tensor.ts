/** One tensor of a version into a file, through the cache, verified on the way. */
import { basename, dirname, resolve } from "node:path";
import type { VersionId } from "../core/names.ts";
import { lengthOf } from "../core/range.ts";
import type { Engine } from "../moves/engine.ts";
import { npyTarget, oneTensor, rawTarget, type TensorAt } from "../moves/select/index.ts";
import type { ModelAt } from "../moves/versions/index.ts";
import { tensorReads } from "../places/coordinate/index.ts";
import { intoFolder, type Reading, withVersion } from "./load.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";

export interface TensorFacts {
  readonly version: VersionId;
  readonly tensor: string;
  /** Path of the file of the version that has it. */
  readonly file: string;
  /** As the format spells it. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of the tensor, without any header. */
  readonly bytes: number;
}

export interface TensorFileResult extends TensorFacts {
  /** Where it was written. */
  readonly out: string;
  /** Read from volumes, and from tiers of the cache instead. */
  readonly fetchedBytes: number;
  readonly cachedBytes: number;
}

export interface TensorWish {
  readonly at: ModelAt;
  readonly name: string;
  /** Where several files have a tensor of this name. */
  readonly file: string | undefined;
}

/** Throws TENSOR_MISSING, ARGUMENT_INVALID. */
export async function describeTensor(engine: Engine, wish: TensorWish, signal: AbortSignal): Promise<TensorFacts> {
  return withVersion(engine, wish.at, signal, async (reading) => factsOf(reading, oneTensor(reading.manifest, wish.name, wish.file)));
}

export function factsOf({ version }: Pick<Reading, "version">, { file, tensor }: TensorAt): TensorFacts {
  const { name, dtype, shape, range } = tensor;
  return { version, tensor: name, file: file.path, dtype, shape, bytes: lengthOf(range) };
}

/** A name that ends in `.npy` gets a NumPy file, any other the bytes as they are. Throws what a load throws, and FORMAT_UNSUPPORTED. */
export async function tensorToFile(engine: Engine, wish: TensorWish, out: string, progress: Progress, signal: AbortSignal): Promise<TensorFileResult> {
  return withVersion(engine, wish.at, signal, async (reading) => {
    const at = oneTensor(reading.manifest, wish.name, wish.file);
    const path = resolve(out);
    const target = path.toLowerCase().endsWith(".npy") ? npyTarget(basename(path), at) : rawTarget(basename(path), at);
    engine.coordination.tally.count(tensorReads(reading.manifest.model), [wish.name]);
    await intoFolder(engine, reading, dirname(path), [target], progress);
    await repairDamage(engine, reading.replicas.damage.repairable, reading.signal);
    const { fetchedBytes, cachedBytes } = reading.replicas;
    return { ...factsOf(reading, at), out: path, fetchedBytes, cachedBytes };
  });
}

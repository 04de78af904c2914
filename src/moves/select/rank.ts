/**
 * What one rank of a tensor-parallel group needs of a version: in place of each safetensors file one of the same name
 * with the rank's slices, everything else as it is. Only safetensors files can be sliced; others are passed on whole.
 */
import { safetensorsMetadata } from "../../bytes/formats/index.ts";
import { type Arch, archOf, type ParallelPlan, sliceOf, splitOf } from "../../bytes/parallel/index.ts";
import type { FileEntry, Manifest } from "../../core/manifest.ts";
import { MiB } from "../../core/units.ts";
import { type Run, readFileRange, type Target, wholeFile } from "../transfer/index.ts";
import { safetensorsTarget, type TensorAt, type TensorPart } from "./tensors.ts";

export interface RankWish {
  /** From 0. */
  readonly rank: number;
  /** Ranks that share the model. */
  readonly size: number;
  /** How to split tensors where the rules of the known architectures do not fit. */
  readonly plan: ParallelPlan | undefined;
}

type Reader = Pick<Run, "engine" | "replicas" | "domain" | "signal">;

export async function rankTargets(reader: Reader, manifest: Manifest, files: readonly FileEntry[], wish: RankWish): Promise<Target[]> {
  const arch = await archIn(reader, manifest);
  const targets: Target[] = [];
  for (const file of files) targets.push(file.format === "safetensors" ? await slicedFile(reader, file, wish, arch) : wholeFile(file));
  return targets;
}

const configBytesMax = 1 * MiB;

/** The architecture that the version's config.json names. One that is not JSON names none. */
export async function archIn(reader: Reader, manifest: Manifest): Promise<Arch | undefined> {
  const config = manifest.files.find((file) => file.path === "config.json" && file.bytes <= configBytesMax);
  if (!config) return undefined;
  const text = Buffer.from(await readFileRange(reader, config, { start: 0, end: config.bytes })).toString("utf8");
  try {
    return archOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function partForRank(at: TensorAt, wish: RankWish, arch: Arch | undefined): TensorPart {
  const { shape, pieces } = sliceOf(at.tensor, splitOf(at.tensor, arch, wish.plan), wish.rank, wish.size);
  return { ...at, shape, slices: pieces };
}

async function slicedFile(reader: Reader, file: FileEntry, wish: RankWish, arch: Arch | undefined): Promise<Target> {
  const end = file.tensors[0]?.range.start ?? file.bytes;
  const metadata = new Map(safetensorsMetadata(await readFileRange(reader, file, { start: 0, end })));
  metadata.set("tensor_parallel_rank", String(wish.rank));
  metadata.set("tensor_parallel_size", String(wish.size));
  const parts = file.tensors.map((tensor) => partForRank({ file, tensor }, wish, arch));
  return safetensorsTarget(file.path, parts, metadata);
}

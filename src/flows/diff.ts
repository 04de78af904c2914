/** How two versions differ: files by path and content, and how much of the bytes is the same chunks. Reads manifests, no weights. */
import type { FileEntry, Manifest } from "../core/manifest.ts";
import type { FilePath, VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { Replicas } from "../moves/transfer/index.ts";
import { loadManifest, type ModelAt, resolveVersion } from "../moves/versions/index.ts";
import { distinctChunks } from "./version-chunks.ts";

export interface DiffedFile {
  readonly path: FilePath;
  readonly change: "added" | "removed" | "changed";
  /** Bytes of the file in the first and in the second version; 0 where it is not. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface VersionDiff {
  readonly from: VersionId;
  readonly to: VersionId;
  /** In the order of the paths. */
  readonly files: readonly DiffedFile[];
  readonly unchanged: number;
  /** Raw bytes of the distinct chunks of the second version, and how many of them the first has too. */
  readonly bytes: number;
  readonly sharedBytes: number;
  /** sharedBytes / bytes, 1 where there are none. */
  readonly sharedShare: number;
}

/** Also between two models; chunks are compared by content, whether or not their domains share them. Throws MODEL_MISSING, REF_MISSING. */
export async function diffVersions(engine: Engine, a: ModelAt, b: ModelAt, signal: AbortSignal): Promise<VersionDiff> {
  const [from, to] = await Promise.all([manifestAt(engine, a, signal), manifestAt(engine, b, signal)]);
  const files = changesBetween(from.manifest.files, to.manifest.files);
  const kept = files.filter(({ change }) => change !== "added").length;
  return { from: from.id, to: to.id, files, unchanged: from.manifest.files.length - kept, ...sharedBetween(from.manifest, to.manifest) };
}

async function manifestAt(engine: Engine, at: ModelAt, signal: AbortSignal): Promise<{ id: VersionId; manifest: Manifest }> {
  const { id, manifest } = await resolveVersion(engine.catalog, at);
  return { id, manifest: await loadManifest(engine, manifest, new Replicas(engine), signal) };
}

function changesBetween(before: readonly FileEntry[], after: readonly FileEntry[]): DiffedFile[] {
  const left = new Map(before.map((file) => [file.path, file]));
  const right = new Map(after.map((file) => [file.path, file]));
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return paths.flatMap((path) => changeOf(path, left.get(path), right.get(path)) ?? []);
}

function changeOf(path: FilePath, before: FileEntry | undefined, after: FileEntry | undefined): DiffedFile | undefined {
  if (before && after && before.sha256 === after.sha256) return undefined;
  const change = !before ? "added" : !after ? "removed" : "changed";
  return { path, change, bytesBefore: before?.bytes ?? 0, bytesAfter: after?.bytes ?? 0 };
}

function sharedBetween(from: Manifest, to: Manifest): Pick<VersionDiff, "bytes" | "sharedBytes" | "sharedShare"> {
  const known = distinctChunks(from.files);
  let bytes = 0;
  let sharedBytes = 0;
  for (const [id, { rawBytes }] of distinctChunks(to.files)) {
    bytes += rawBytes;
    if (known.has(id)) sharedBytes += rawBytes;
  }
  return { bytes, sharedBytes, sharedShare: bytes === 0 ? 1 : sharedBytes / bytes };
}

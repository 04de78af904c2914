/** What is there: models with their refs, the history of a model, and the files of a version with what they take in shards. */
import { type EncodingName, encodingIds } from "../bytes/codecs/codec.ts";
import { fault } from "../core/errors.ts";
import type { FileEntry } from "../core/manifest.ts";
import { domainOf, type FilePath, type ModelName, type RefName, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { packDigests, Replicas } from "../moves/transfer/index.ts";
import { loadManifest, type ModelAt, resolveVersion } from "../moves/versions/index.ts";
import type { Catalog, ChunkPlace, VersionRow } from "../places/catalog/index.ts";
import { distinctChunks } from "./version-chunks.ts";

export interface RefSummary {
  readonly ref: RefName;
  readonly version: VersionId;
  /** Milliseconds since 1970, by the catalog's clock. */
  readonly movedAt: number;
  readonly files: number;
  readonly bytes: number;
}

export interface ModelSummary {
  readonly model: ModelName;
  readonly refs: readonly RefSummary[];
}

export interface VersionSummary {
  readonly version: VersionId;
  readonly parent: VersionId | undefined;
  readonly message: string;
  /** Milliseconds since 1970, by the catalog's clock. */
  readonly createdAt: number;
  readonly files: number;
  readonly bytes: number;
  readonly refs: readonly RefName[];
}

export interface TensorSummary {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface FileSummary {
  readonly path: FilePath;
  readonly bytes: number;
  readonly sha256: string;
  readonly format: string;
  readonly tensors: readonly TensorSummary[];
}

export interface EncodingSummary {
  readonly encoding: EncodingName;
  readonly chunks: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

export interface VersionDetail extends Omit<VersionSummary, "files"> {
  readonly model: ModelName;
  readonly files: readonly FileSummary[];
  readonly tensors: number;
  /** Distinct chunks, and what they take in shards, one replica; without what the bases of deltas take that are no chunks of this version. */
  readonly chunks: number;
  readonly storedBytes: number;
  /** Most stored bytes first. */
  readonly encodings: readonly EncodingSummary[];
}

/** In the order of names; of one model where it is given. Throws MODEL_MISSING for one that is not there. */
export async function listModels(catalog: Catalog, model: ModelName | undefined): Promise<ModelSummary[]> {
  const models = model === undefined ? await catalog.models() : [model];
  const listed = await Promise.all(models.map(async (name) => ({ model: name, refs: await refsOf(catalog, name) })));
  if (model !== undefined && listed[0]?.refs.length === 0)
    throw fault("MODEL_MISSING", `no model is named ${model}`, { advice: "See what is there with `holdfast ls`." });
  return listed.filter(({ refs }) => refs.length > 0);
}

async function refsOf(catalog: Catalog, model: ModelName): Promise<RefSummary[]> {
  const refs = await catalog.refs(model);
  const rows = await Promise.all(refs.map(({ version }) => catalog.version(model, version)));
  return refs.map(({ ref, version, movedAt }, index) => ({ ref, version, movedAt, files: rows[index]?.files ?? 0, bytes: rows[index]?.bytes ?? 0 }));
}

/** From a version back through its parents, newest first. Throws MODEL_MISSING, REF_MISSING. */
export async function history(catalog: Catalog, at: ModelAt, limit: number): Promise<VersionSummary[]> {
  const newest = await resolveVersion(catalog, at);
  const refs = await catalog.refs(at.model);
  const rows = await catalog.history(at.model, newest.id, limit);
  return rows.map((row) => summary(row, refs));
}

function summary({ id, parent, message, createdAt, files, bytes }: VersionRow, refs: readonly { ref: RefName; version: VersionId }[]): VersionSummary {
  return { version: id, parent, message, createdAt, files, bytes, refs: refs.filter(({ version }) => version === id).map(({ ref }) => ref) };
}

/** Reads the manifest from a volume and looks each chunk up in the catalog; reads no weights. Throws MODEL_MISSING, REF_MISSING, DATA_CORRUPT. */
export async function describeVersion(engine: Engine, at: ModelAt, signal: AbortSignal): Promise<VersionDetail> {
  const row = await resolveVersion(engine.catalog, at);
  const [manifest, refs] = await Promise.all([loadManifest(engine, row.manifest, new Replicas(engine), signal), engine.catalog.refs(at.model)]);
  const { encodings, ...stored } = await storedAs(engine.catalog, at, manifest.files);
  const files = manifest.files.map(fileSummary);
  const tensors = files.reduce((sum, file) => sum + file.tensors.length, 0);
  return { ...summary(row, refs), model: at.model, files, tensors, ...stored, encodings };
}

function fileSummary({ path, bytes, sha256, format, tensors }: FileEntry): FileSummary {
  const list = tensors.map(({ name, dtype, shape, range }) => ({ name, dtype, shape, bytes: range.end - range.start }));
  return { path, bytes, sha256, format, tensors: list };
}

async function storedAs(
  catalog: Catalog,
  { model }: ModelAt,
  files: readonly FileEntry[],
): Promise<Pick<VersionDetail, "chunks" | "storedBytes" | "encodings">> {
  const digests = [...distinctChunks(files).values()].map(({ digest }) => digest);
  const sums = new Map<EncodingName, { chunks: number; rawBytes: number; storedBytes: number }>();
  const domain = domainOf(model);
  for (let at = 0; at < digests.length; at += chunksAtOnce)
    for (const place of await catalog.places(domain, packDigests(digests.slice(at, at + chunksAtOnce)))) if (place) count(sums, place);
  const encodings = [...sums].map(([encoding, sum]) => ({ encoding, ...sum })).sort((a, b) => b.storedBytes - a.storedBytes);
  return { chunks: digests.length, storedBytes: encodings.reduce((sum, { storedBytes }) => sum + storedBytes, 0), encodings };
}

const chunksAtOnce = 4096;
const encodingNames = new Map(Object.entries(encodingIds).map(([name, id]) => [id as number, name as EncodingName]));

function count(sums: Map<EncodingName, { chunks: number; rawBytes: number; storedBytes: number }>, { encoding, rawBytes, storedBytes }: ChunkPlace): void {
  const name = encodingNames.get(encoding);
  if (!name) throw fault("ENCODING_UNSUPPORTED", `a chunk is stored in encoding ${encoding}`, { advice: "Use a newer version of Holdfast." });
  const sum = sums.get(name) ?? { chunks: 0, rawBytes: 0, storedBytes: 0 };
  sums.set(name, { chunks: sum.chunks + 1, rawBytes: sum.rawBytes + rawBytes, storedBytes: sum.storedBytes + storedBytes });
}

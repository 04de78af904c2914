/** Whether a version could be loaded, by the catalog's word: ref → version → manifest → chunks → shards, and those of the bases of deltas (I4). */
import { digestBytes } from "../../core/digest.ts";
import { fault, isFault } from "../../core/errors.ts";
import type { FileEntry, Manifest } from "../../core/manifest.ts";
import { decodeManifest } from "../../core/manifest-codec.ts";
import type { DomainName } from "../../core/names.ts";
import type { ChunkIndex, ObjectId, VersionRow } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import { wholeObject } from "../replicate/index.ts";
import { findChains } from "../transfer/index.ts";

const chunksAtOnce = 4096;

export interface Standing {
  /** All objects that the chunks are in. */
  readonly needs: ReadonlySet<ObjectId>;
  /** Chunks that the index does not have, or without the base under them. */
  readonly lostChunks: number;
}

/** What the files of a version stand on, as far as it is there. */
export async function standingOf(index: ChunkIndex, domain: DomainName, files: readonly FileEntry[]): Promise<Standing> {
  const needs = new Set<ObjectId>();
  let lostChunks = 0;
  for (const digests of batchesOf(files))
    for (const chain of await findChains(index, domain, digests)) {
      if (!chain) lostChunks++;
      for (const place of chain ?? []) needs.add(place.object);
    }
  return { needs, lostChunks };
}

function* batchesOf(files: readonly FileEntry[]): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  for (const { digests } of files)
    for (let at = 0; at < digests.length; at += digestBytes) {
      batch.push(digests.subarray(at, at + digestBytes));
      if (batch.length < chunksAtOnce) continue;
      yield batch;
      batch = [];
    }
  if (batch.length > 0) yield batch;
}

/** The manifest from any replica that has it right. Throws what `wholeObject` throws, and OBJECT_CORRUPT. */
export async function verifiedManifest(engine: Engine, id: ObjectId, signal: AbortSignal): Promise<Manifest> {
  const [object] = await engine.catalog.objects([id]);
  if (!object) throw fault("OBJECT_MISSING", `the catalog has no object ${id}`);
  using whole = await wholeObject(engine, object, signal);
  return decodeManifest(whole.bytes);
}

/** What is wrong with a version, in words; undefined when nothing is. */
export async function problemOfVersion(engine: Engine, row: VersionRow, signal: AbortSignal): Promise<string | undefined> {
  const what = `version ${row.id} of ${row.model}`;
  try {
    const manifest = await verifiedManifest(engine, row.manifest, signal);
    const { needs, lostChunks } = await standingOf(engine.catalog, manifest.domain, manifest.files);
    if (lostChunks > 0) return `${what} lacks ${lostChunks} chunks`;
    const held = new Set(await engine.catalog.needs(row.model, row.id));
    const unheld = [...needs, row.manifest].filter((object) => !held.has(object)).length;
    if (unheld > 0) return `${what} stands on ${unheld} objects that nothing keeps from collection`;
    const gone = await notPresent(engine, held);
    return gone > 0 ? `${what} stands on ${gone} objects that are not present` : undefined;
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return `${what} has no readable manifest: ${error.message}`;
  }
}

async function notPresent(engine: Engine, ids: ReadonlySet<ObjectId>): Promise<number> {
  const rows = await engine.catalog.objects([...ids]);
  return ids.size - rows.filter((row) => row.state === "present").length;
}

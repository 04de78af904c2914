/**
 * What volumes hold, entered into an empty catalog. Chunks that stand alone are entered first and then, depth by depth, deltas whose
 * base is there: so no chunk is entered that could not be read, and none waits for one of its own kind. Each step keeps a
 * few objects in memory, and of shards with deltas, or with too few copies, their names.
 *
 * A chunk may lie in two shards, one of which a push left behind that failed. The one with more copies has it in the new catalog: it is entered first.
 */
import { type PlacedFrame, readShard, salvageFrames, sealShard, shardPageBytes } from "../../bytes/shards/index.ts";
import { isFault, throwIfCancelled } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { ModelName, VersionId } from "../../core/names.ts";
import type { ObjectId, ObjectRow, Roles } from "../../places/catalog/index.ts";
import { objectKey, type Volume } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { lendRoom, wholeObject } from "../replicate/index.ts";
import { packDigests } from "../transfer/index.ts";
import { standingOf, verifiedManifest } from "./check-version.ts";
import { type FoundObject, listAll } from "./listings.ts";
import { bytesMaxOf, type ReadObject, readFound } from "./read-found.ts";

const objectsAtOnce = 16;

/** A shard whose chunks are entered later than when it was found. */
interface LaterShard {
  readonly found: FoundObject;
  readonly copies: number;
}

interface DeltaShard extends LaterShard {
  /** Of a shard whose index no replica has: what was found of it. */
  readonly frames: readonly PlacedFrame[] | undefined;
  /** Bit n: it has chunks of depth n. */
  readonly depths: number;
}

export class Rebuilding {
  objects = 0;
  bytes = 0;
  /** Objects that no volume has right. */
  damaged = 0;
  logLines = 0;
  /** The highest sequence of the ref log: lines below it that are not there are lost. */
  lastSequence = 0;
  versions = 0;
  /** Manifests that could not be read, and versions that lack chunks. */
  lostVersions = 0;
  readonly #engine: Engine;
  readonly #replicas: number;
  readonly #signal: AbortSignal;
  readonly #manifests: ObjectId[] = [];
  readonly #unread: { readonly found: FoundObject; readonly id: ObjectId }[] = [];
  readonly #deltas: DeltaShard[] = [];
  readonly #thin: LaterShard[] = [];
  readonly #sequences = new Set<number>();
  /** When a ref first named a version: that is when it was made. */
  readonly #firstNamed = new Map<string, number>();

  /** `replicas` is what an object wants at least. */
  constructor(engine: Engine, replicas: number, signal: AbortSignal) {
    this.#engine = engine;
    this.#replicas = replicas;
    this.#signal = signal;
  }

  get lostLogLines(): number {
    return this.lastSequence - this.#sequences.size;
  }

  /** All objects with their replicas, the chunks that stand alone, and the lines of the ref log. */
  async takeObjects(volumes: readonly Volume[], report: () => void): Promise<void> {
    for await (const page of pagesOf(listAll(volumes, this.#signal))) {
      throwIfCancelled(this.#signal);
      const read = await Promise.all(page.map((found) => readFound(found, this.#replicas, this.#signal)));
      const ids = await this.#engine.catalog.transaction(async (tx) => {
        const entered: ObjectId[] = [];
        for (const [index, object] of read.entries()) entered.push(await enter(tx, object, !this.#isThin(page[index] as FoundObject, object)));
        return entered;
      });
      for (const [index, object] of read.entries()) this.#sort(page[index] as FoundObject, object, ids[index] as ObjectId);
      report();
    }
    for (const { found } of this.#thin.sort(safestFirst)) await this.#takeThin(found);
    for (const { found, id } of this.#unread) await this.#takeDamaged(found, id);
  }

  #isThin(found: FoundObject, { object, on }: ReadObject): boolean {
    return object.kind === "shard" && copiesOf(found, on) < this.#replicas;
  }

  async #takeThin(found: FoundObject): Promise<void> {
    const { object, content } = await readFound(found, this.#replicas, this.#signal);
    await this.#engine.catalog.restoreObject(object, [], content?.frames.filter(standsAlone) ?? []);
  }

  #sort(found: FoundObject, read: ReadObject, id: ObjectId): void {
    const { object, on, content } = read;
    this.objects++;
    this.bytes += object.bytes;
    if (!content && object.kind === "shard") this.#unread.push({ found, id });
    if (!content) this.damaged++;
    if (content?.entry) {
      const { model, to, at, sequence } = content.entry;
      this.logLines++;
      this.#sequences.add(sequence);
      this.lastSequence = Math.max(this.lastSequence, sequence);
      if (to !== undefined) this.#firstNamed.set(nameOf(model, to), Math.min(at, this.#firstNamed.get(nameOf(model, to)) ?? at));
    }
    if (object.kind === "manifest" && content) this.#manifests.push(id);
    if (object.kind === "manifest" && !content) this.lostVersions++;
    const later = { found, copies: copiesOf(found, on) };
    if (content && this.#isThin(found, read)) this.#thin.push(later);
    this.#keepDeltas(later, content?.frames ?? [], undefined);
  }

  #keepDeltas(later: LaterShard, frames: readonly PlacedFrame[], kept: readonly PlacedFrame[] | undefined): void {
    let depths = 0;
    for (const frame of frames) depths |= 1 << frame.depth;
    if (depths > 1) this.#deltas.push({ ...later, frames: kept, depths });
  }

  /** A shard whose index is right nowhere: put together from its replicas where that goes, else as far as its frames can be followed. */
  async #takeDamaged(found: FoundObject, id: ObjectId): Promise<void> {
    const [row] = await this.#engine.catalog.objects([id]);
    const frames = row ? ((await this.#mergedFrames(row)) ?? (await this.#salvaged(row, found))) : [];
    if (!row || frames.length === 0) return;
    await this.#engine.catalog.restoreObject(row, [], frames.filter(standsAlone));
    this.#keepDeltas({ found, copies: 0 }, frames, frames);
  }

  async #mergedFrames(row: ObjectRow): Promise<readonly PlacedFrame[] | undefined> {
    try {
      using whole = await wholeObject(this.#engine, row, this.#signal);
      return readShard(whole.bytes).frames;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      return undefined;
    }
  }

  /** The most that one replica still has. */
  async #salvaged(row: ObjectRow, { on }: FoundObject): Promise<readonly PlacedFrame[]> {
    let best: readonly PlacedFrame[] = [];
    for (const { volume, bytes } of on) {
      const end = Math.min(bytes, bytesMaxOf.shard);
      using room = await lendRoom(this.#engine, end, this.#signal);
      await volume.get(objectKey(row), { start: 0, end }, [room.bytes], this.#signal);
      if (end >= shardPageBytes) room.bytes.set(sealShard(row.domain, [], shardPageBytes).head);
      const { frames } = end < shardPageBytes ? { frames: [] } : salvageFrames(room.bytes);
      if (frames.length > best.length) best = frames;
    }
    return best;
  }

  async takeDeltas(): Promise<void> {
    this.#deltas.sort(safestFirst);
    for (let depth = 1; depth <= limits.chainDepthMax; depth++)
      for (const shard of this.#deltas) {
        throwIfCancelled(this.#signal);
        if ((shard.depths & (1 << depth)) !== 0) await this.#takeDepth(shard, depth);
      }
  }

  async #takeDepth({ found, frames }: DeltaShard, depth: number): Promise<void> {
    const { object, content } = await readFound(found, this.#replicas, this.#signal);
    const deltas = (frames ?? content?.frames ?? []).filter((frame) => frame.depth === depth && frame.base !== undefined);
    const bases = await this.#engine.catalog.places(object.domain, packDigests(deltas.map((frame) => frame.base as Uint8Array)));
    const readable = deltas.filter((_, index) => (bases[index]?.depth ?? depth) < depth);
    if (readable.length > 0) await this.#engine.catalog.restoreObject(object, [], readable);
  }

  async takeVersions(report: () => void): Promise<void> {
    for (const id of this.#manifests) {
      await this.#takeVersion(id);
      report();
    }
  }

  async #takeVersion(id: ObjectId): Promise<void> {
    try {
      const [row] = await this.#engine.catalog.objects([id]);
      const { model, parent, message, domain, files } = await verifiedManifest(this.#engine, id, this.#signal);
      const version = row?.digest.slice(0, 40) as VersionId;
      const { needs, lostChunks } = await standingOf(this.#engine.catalog, domain, files);
      const createdAt = this.#firstNamed.get(nameOf(model, version)) ?? (await this.#engine.catalog.now());
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      await this.#engine.catalog.addVersion({ model, id: version, parent, message, createdAt, files: files.length, bytes, manifest: id }, [...needs]);
      this.versions++;
      if (lostChunks > 0) this.lostVersions++;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled" || error.kind === "unreachable") throw error;
      this.lostVersions++;
    }
  }
}

async function* pagesOf(found: AsyncIterable<FoundObject>): AsyncGenerator<FoundObject[]> {
  let page: FoundObject[] = [];
  for await (const one of found) {
    page.push(one);
    if (page.length < objectsAtOnce) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function standsAlone(frame: PlacedFrame): boolean {
  return frame.base === undefined;
}

/** Right ones; a volume that keeps several by itself counts for them. */
function copiesOf(found: FoundObject, on: ReadObject["on"]): number {
  return found.on.reduce((sum, { volume }, at) => sum + (on[at]?.state === "good" ? volume.traits.copies : 0), 0);
}

function safestFirst(a: LaterShard, b: LaterShard): number {
  return b.copies - a.copies;
}

async function enter(tx: Roles, { object, on, content }: ReadObject, chunks: boolean): Promise<ObjectId> {
  const id = await tx.restoreObject(object, on, chunks ? (content?.frames.filter(standsAlone) ?? []) : []);
  if (content?.entry) await tx.restoreLogEntry(content.entry, id);
  return id;
}

function nameOf(model: ModelName, version: VersionId): string {
  return `${model}@${version}`;
}

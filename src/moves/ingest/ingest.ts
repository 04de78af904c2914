/**
 * Stage by stage through the workers: read and digest a batch, ask the catalog which chunks are new, encode those as a
 * section, and give it to the shard of the group. All memory that a batch needs is lent at once, and batches wait while
 * too much waits to be stored, so nothing here can wait for itself.
 */
import { frameHeaderBytes, type PlacedFrame, toPage } from "../../bytes/shards/index.ts";
import { type ChunkId, digestBytes, digestFromBytes } from "../../core/digest.ts";
import { limits } from "../../core/limits.ts";
import type { DomainName } from "../../core/names.ts";
import type { Lease, Wanted } from "../../machine/arena.ts";
import type { IngestPiece, PackChunk } from "../../machine/jobs.ts";
import { requireSpan } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { eachLimited, type Fetch, fetchChunks, findChains, Replicas, roomBytesFor } from "../transfer/index.ts";
import type { Bases } from "./bases.ts";
import type { Batch } from "./batches.ts";
import type { DescribedFile } from "./describe.ts";
import { FileDigests } from "./file-digests.ts";
import type { Pins } from "./pins.ts";
import type { ShardWriter } from "./shard-writer.ts";
import { layOut, type StagedBatch, type StagedChunk } from "./stage.ts";

export interface IngestOptions {
  readonly domain: DomainName;
  readonly pins: Pins;
  readonly bases: Bases;
  readonly writer: ShardWriter;
  readonly encode: "auto" | "raw";
  /** Batches follow the files in their order, so that each file is digested as it passes. */
  readonly sequential: boolean;
  /** Whether the SHA-256 of the files is wanted. It cannot be had where batches hold only some of their chunks. */
  readonly fileDigests: boolean;
  /** Raw bytes of chunks that the store, or this push, had already. */
  readonly known: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Ingested {
  /** For each file its digests, 32 bytes a chunk. */
  readonly digests: readonly Uint8Array[];
  readonly sha256: FileDigests;
}

interface Memory {
  readonly section: Lease;
  readonly stage: Uint8Array;
  readonly base: Uint8Array | undefined;
  readonly stored: Uint8Array | undefined;
}

interface DigestedChunk extends StagedChunk {
  readonly digest: Uint8Array;
  readonly id: ChunkId;
}

interface Turn {
  readonly before: Promise<void>;
  readonly end: () => void;
}

export async function ingest(engine: Engine, files: readonly DescribedFile[], batches: readonly Batch[], options: IngestOptions): Promise<Ingested> {
  const work = new Ingestion(engine, files, options);
  const apart = options.sequential || !options.fileDigests ? [] : filesInSeveral(batches, files);
  const reading = work.sha256.readAll(apart, options.signal);
  reading.catch(() => {});
  await eachLimited(batches, engine.pool.size + 1, (batch) => work.take(batch));
  await Promise.all([reading, options.writer.finish()]);
  return work;
}

/** Files that no batch has whole, by number. */
function filesInSeveral(batches: readonly Batch[], files: readonly DescribedFile[]): number[] {
  const parts = new Set(batches.flatMap((batch) => batch.pieces.flatMap(({ file, band }) => (band.bytes === files[file]?.bytes ? [] : [file]))));
  return [...parts];
}

class Ingestion implements Ingested {
  readonly digests: readonly Uint8Array[];
  readonly sha256: FileDigests;
  readonly #engine: Engine;
  readonly #files: readonly DescribedFile[];
  readonly #options: IngestOptions;
  readonly #replicas: Replicas;
  /** Chunks that a shard of this push has or will have. */
  readonly #claimed = new Set<ChunkId>();
  /** When the stages before have been given to the digests of their files. */
  #fed: Promise<void> = Promise.resolve();
  #admission: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, files: readonly DescribedFile[], options: IngestOptions) {
    this.#engine = engine;
    this.#files = files;
    this.#options = options;
    this.digests = files.map((file) => new Uint8Array(file.chunks * digestBytes));
    this.sha256 = new FileDigests(engine, files);
    this.#replicas = new Replicas(engine);
  }

  async take(batch: Batch): Promise<void> {
    const turn = this.#turn();
    try {
      await this.#work(batch, turn);
    } finally {
      turn.end();
    }
  }

  /** Batches are read side by side, but feed the file digests one after the other. */
  #turn(): Turn {
    const before = this.#fed;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#fed = before.then(() => promise);
    return { before, end: resolve };
  }

  async #work(batch: Batch, turn: Turn): Promise<void> {
    const { bases, writer, sequential, fileDigests } = this.#options;
    const staged = layOut(batch, this.#files, (file, spot) => bases.digestFor((this.#files[file] as DescribedFile).tensors, spot));
    const [section, ...rest] = await this.#admit(staged);
    using rooms = new DisposableStack();
    const [stage, base, stored] = rest.map((lease) => rooms.use(lease));
    const memory: Memory = { section: section as Lease, stage: (stage as Lease).bytes, base: base?.bytes, stored: stored?.bytes };
    try {
      const chunks = await this.#read(staged, memory);
      await turn.before;
      const feeding = sequential && fileDigests ? this.#feed(staged, memory.stage) : [];
      turn.end();
      const frames = await this.#pack(await this.#fresh(chunks), memory);
      await Promise.all(feeding);
      writer.append(batch.group, memory.section, frames);
    } catch (error) {
      memory.section[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Batches get their memory in order, so that none that others wait for is ever kept out by them, and only while not too much waits to be
   * stored. From then on a batch needs nothing that another could hold.
   */
  #admit(staged: StagedBatch): Promise<Lease[]> {
    const { writer, signal } = this.#options;
    const admission = this.#admission.then(() => writer.ready()).then(() => this.#engine.arena.lendAll(roomsFor(staged), signal));
    this.#admission = admission.catch(() => {});
    return admission;
  }

  async #read(staged: StagedBatch, memory: Memory): Promise<DigestedChunk[]> {
    const { digests, sha256 } = await this.#engine.pool.run({ kind: "ingest", pieces: staged.pieces, stage: requireSpan(memory.stage) });
    for (const [index, piece] of staged.pieces.entries()) if (piece.whole) this.sha256.set(staged.fileOf[index] as number, sha256[index] as string);
    return staged.chunks.map((chunk, at) => {
      const digest = digests.subarray(at * digestBytes, (at + 1) * digestBytes);
      this.digests[chunk.file]?.set(digest, chunk.index * digestBytes);
      return { ...chunk, digest, id: digestFromBytes(digest) };
    });
  }

  /** Gives the parts of files that are longer than the batch to their digests, in order and all of a file at once. */
  #feed(staged: StagedBatch, stage: Uint8Array): Promise<void>[] {
    const parts = staged.pieces.map((piece, index) => ({ ...piece, file: staged.fileOf[index] as number })).filter(({ whole }) => !whole);
    return [...Map.groupBy(parts, ({ file }) => file)].map(([file, pieces]) => {
      const last = pieces.at(-1) as IngestPiece;
      const spans = pieces.map(({ at, bytes }) => requireSpan(stage.subarray(at, at + bytes)));
      return this.sha256.feed(file, spans, last.start + last.bytes === this.#files[file]?.bytes);
    });
  }

  /** The chunks that neither the store nor a shard of this push has. Those that the store has are pinned, with all that they stand on. */
  async #fresh(chunks: readonly DigestedChunk[]): Promise<DigestedChunk[]> {
    const { known } = this.#options;
    const unclaimed = chunks.filter((chunk) => !this.#claimed.has(chunk.id));
    known(rawBytesOf(chunks) - rawBytesOf(unclaimed));
    const chains = await findChains(
      this.#engine.catalog,
      this.#options.domain,
      unclaimed.map((chunk) => chunk.digest),
    );
    const refused = await this.#options.pins.pin(chains.flatMap((chain) => chain?.map((place) => place.object) ?? []));
    const fresh: DigestedChunk[] = [];
    for (const [index, chunk] of unclaimed.entries()) {
      const chain = chains[index];
      const stored = chain !== undefined && !chain.some((place) => refused.has(place.object));
      if (stored || this.#claimed.has(chunk.id)) known(chunk.rawBytes);
      else fresh.push(chunk);
      this.#claimed.add(chunk.id);
    }
    return fresh;
  }

  async #pack(fresh: readonly DigestedChunk[], memory: Memory): Promise<PlacedFrame[]> {
    if (fresh.length === 0) return [];
    const based = await this.#loadBases(fresh, memory);
    const chunks: PackChunk[] = fresh.map(({ digest, rows, element, id }) => ({ digest, rows, element, base: based.get(id) }));
    const [stage, out] = [requireSpan(memory.stage), requireSpan(memory.section.bytes)];
    const packed = await this.#engine.pool.run({ kind: "pack", stage, chunks, out, encode: this.#options.encode });
    return packed.map(({ based: isBased, ...frame }, index) => {
      const { digest, rawBytes, id } = fresh[index] as DigestedChunk;
      const base = isBased ? based.get(id) : undefined;
      return { ...frame, digest, rawBytes, base: base?.digest, depth: base ? base.depth + 1 : 0 };
    });
  }

  /** Raw bytes of the chunks that new ones may be deltas against, as far as the room for what is stored of them allows. */
  async #loadBases(fresh: readonly DigestedChunk[], memory: Memory): Promise<Map<ChunkId, NonNullable<PackChunk["base"]>>> {
    const found = new Map<ChunkId, NonNullable<PackChunk["base"]>>();
    const wanting = fresh.filter((chunk) => chunk.base !== undefined);
    if (wanting.length === 0 || !memory.base || !memory.stored) return found;
    const chains = await findChains(
      this.#engine.catalog,
      this.#options.domain,
      wanting.map((chunk) => chunk.base as Uint8Array),
    );
    const refused = await this.#options.pins.pin(chains.flatMap((chain) => chain?.map((place) => place.object) ?? []));
    const fetches: Fetch[] = [];
    let at = 0;
    for (const [index, { base, rawBytes, id }] of wanting.entries()) {
      const chain = chains[index];
      const depth = (chain?.length ?? 0) - 1;
      if (!chain || !base || depth >= limits.chainDepthMax || chain.at(-1)?.rawBytes !== rawBytes || chain.some((place) => refused.has(place.object))) continue;
      const copy = { from: 0, fromStride: rawBytes, to: at, toStride: rawBytes, rows: 1, rowBytes: rawBytes };
      const fetch = { chunk: { digest: base, rawBytes, copies: [copy] }, chain };
      if (roomBytesFor([...fetches, fetch]) > memory.stored.length) break;
      fetches.push(fetch);
      found.set(id, { digest: base, bytes: requireSpan(memory.base.subarray(at, at + rawBytes)), depth });
      at += rawBytes;
    }
    await fetchChunks(this.#engine, this.#replicas, fetches, memory.base, memory.stored, this.#options.signal);
    return found;
  }
}

function rawBytesOf(chunks: readonly StagedChunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.rawBytes, 0);
}

/** The section stays until its shard is stored; the rest only as long as the batch. */
function roomsFor(staged: StagedBatch): Wanted[] {
  const raw = rawBytesOf(staged.chunks);
  const rooms: Wanted[] = [
    { bytes: toPage(raw + staged.chunks.length * frameHeaderBytes), end: "high" },
    { bytes: staged.bytes, end: "low" },
  ];
  if (staged.chunks.some((chunk) => chunk.base)) rooms.push({ bytes: raw, end: "low" }, { bytes: raw + frameHeaderBytes, end: "low" });
  return rooms;
}

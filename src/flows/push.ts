/**
 * The first story: files → runs → chunks → (which are new?) → sections → shards → volumes, all of them synced and read
 * back → manifest beside the data → one catalog transaction → ref log beside the data → acknowledged. Until the
 * transaction nothing is visible; what a killed push had stored is found by the next one.
 */
import { type StrategyName, strategyNamed } from "../bytes/shards/index.ts";
import { fault } from "../core/errors.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { type DomainName, domainOf, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import {
  Bases,
  batchesOf,
  type DescribedFile,
  describeFiles,
  type Ingested,
  ingest,
  Pins,
  piecesOf,
  requireUnchanged,
  ShardWriter,
  shardShapeFor,
  tilesOf,
  walk,
} from "../moves/ingest/index.ts";
import { groupPlaces, type VolumeFacts } from "../moves/placement/index.ts";
import type { Kept } from "../moves/replicate/index.ts";
import { Replicas } from "../moves/transfer/index.ts";
import { loadManifest, writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { IntentId } from "../places/catalog/index.ts";
import { bytesOfFiles, type CommitRequest, commitVersion } from "./commit.ts";
import { underLease } from "./lease.ts";
import type { Progress } from "./progress.ts";

export interface PushRequest extends CommitRequest {
  /** A folder or a file. */
  readonly path: string;
  readonly strategy: StrategyName;
  /** Groups of the strategy; undefined: as many as fill a shard each. */
  readonly groups: number | undefined;
  readonly seed: string;
  /** The version to be delta-coded against; undefined: what the ref is now. */
  readonly parent: VersionId | undefined;
  readonly encode: "auto" | "raw";
  readonly strict: boolean;
  readonly followLinks: boolean;
}

export interface PushResult {
  readonly version: VersionId;
  readonly files: number;
  readonly bytes: number;
  /** Raw bytes of chunks that the store did not have. */
  readonly newBytes: number;
  /** What they take in shards, one replica. */
  readonly storedBytes: number;
  readonly warnings: readonly string[];
}

export async function push(engine: Engine, request: PushRequest, progress: Progress, signal: AbortSignal): Promise<PushResult> {
  const opId = engine.world.id();
  const warnings: string[] = [];
  progress({ step: "reading headers", bytes: 0, total: 0 });
  const sources = await walk(request.path, { followLinks: request.followLinks, signal });
  const options = { strict: request.strict, tile: await tilesOf(sources), warn: (text: string) => warnings.push(text), signal };
  const files = await describeFiles(engine, sources, options);
  return underLease(engine, opId, signal, async (intent, leased) => {
    const work = new Push(engine, request, { opId, intent, signal: leased, progress });
    const { version, newBytes, storedBytes, lacking } = await work.run(files);
    if (lacking > 0) warnings.push(`${lacking} objects do not have all the copies yet that their volumes make by themselves`);
    return { version, files: files.length, bytes: bytesOfFiles(files), newBytes, storedBytes, warnings };
  });
}

interface Context {
  readonly opId: string;
  readonly intent: IntentId;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

class Push {
  readonly #engine: Engine;
  readonly #request: PushRequest;
  readonly #context: Context;
  readonly #domain: DomainName;
  readonly #pins: Pins;
  #newBytes = 0;
  #storedBytes = 0;
  #volumes: readonly VolumeFacts[] = [];
  readonly #kept: Kept[] = [];

  constructor(engine: Engine, request: PushRequest, context: Context) {
    this.#engine = engine;
    this.#request = request;
    this.#context = context;
    this.#domain = domainOf(request.model);
    this.#pins = new Pins(engine.catalog, context.intent);
  }

  async run(files: readonly DescribedFile[]): Promise<{ version: VersionId; newBytes: number; storedBytes: number; lacking: number }> {
    this.#volumes = await volumeFacts(this.#engine);
    const parent = await this.#parent();
    const ingested = await this.#store(files, parent);
    await requireUnchanged(files);
    const entries = files.map((file, index) => entryOf(file, index, ingested));
    const context = { ...this.#context, pins: this.#pins, volumes: this.#volumes, kept: this.#kept };
    const { version, lacking } = await commitVersion(this.#engine, this.#request, context, entries);
    await writeRefLog(this.#engine, this.#volumes, this.#request.durability, this.#context.signal);
    await this.#engine.catalog.closeIntent(this.#context.intent);
    return { version, newBytes: this.#newBytes, storedBytes: this.#storedBytes, lacking };
  }

  /** The manifest that new tensors are compared with. Its objects stay while this push needs them. */
  async #parent(): Promise<Manifest | undefined> {
    const { catalog } = this.#engine;
    const { model, ref, parent } = this.#request;
    const id = parent ?? (await catalog.ref(model, ref));
    const row = id && (await catalog.version(model, id));
    if (!row) return undefined;
    await catalog.pinVersion(this.#context.intent, model, row.id);
    return loadManifest(this.#engine, row.manifest, new Replicas(this.#engine), this.#context.signal);
  }

  async #store(files: readonly DescribedFile[], parent: Manifest | undefined): Promise<Ingested> {
    const { signal, intent, progress } = this.#context;
    const { durability, encode, model } = this.#request;
    const total = bytesOfFiles(files);
    const shape = shardShapeFor(total, this.#engine.volumes.rows);
    const groups = this.#request.groups ?? Math.max(1, Math.ceil(total / shape.shardBytes));
    const strategy = strategyNamed(this.#request.strategy, { seed: this.#request.seed });
    const batches = batchesOf(piecesOf(files, strategy, groups));
    let done = 0;
    const advance = (bytes: number): void => progress({ step: "storing", bytes: (done += bytes), total });
    await using writer = await ShardWriter.open(this.#engine, {
      domain: this.#domain,
      intent,
      pins: this.#pins,
      durability,
      shape,
      signal,
      sections: batches.map((batch) => batch.group),
      placesOf: groupPlaces(`${model}/${this.#request.strategy}`, groups, this.#volumes, durability.replicas),
      stored: ({ key, on, rawBytes, storedBytes }) => {
        this.#kept.push({ key, on });
        this.#newBytes += rawBytes;
        this.#storedBytes += storedBytes;
        advance(rawBytes);
      },
    });
    return await ingest(this.#engine, files, batches, {
      domain: this.#domain,
      pins: this.#pins,
      bases: new Bases(parent),
      writer,
      encode,
      sequential: strategy.sequential,
      fileDigests: true,
      known: advance,
      signal,
    });
  }
}

function entryOf(file: DescribedFile, index: number, ingested: Ingested): FileEntry {
  const sha256 = ingested.sha256.get(index);
  if (!sha256) throw fault("SOURCE_CHANGED", `${file.location} was not read to its end`);
  const { path, bytes, format, tensors, runs } = file;
  return { path, bytes, sha256, format, tensors, runs, digests: ingested.digests[index] as Uint8Array };
}

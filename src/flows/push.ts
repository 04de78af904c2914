/**
 * The first story: files → runs → chunks → (which are new?) → sections → shards → volumes, all of them synced and read
 * back → manifest beside the data → one catalog transaction → ref log beside the data → acknowledged. Until the
 * transaction nothing is visible; what a killed push had stored is found by the next one.
 */
import { type StrategyName, strategyNamed } from "../bytes/shards/index.ts";
import { fault, isFault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { type DomainName, domainOf, type ModelName, type RefName, type VersionId } from "../core/names.ts";
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
  shardBytesFor,
  tilesOf,
  walk,
} from "../moves/ingest/index.ts";
import { choosePlaces, spreadGroups, type VolumeFacts } from "../moves/placement/index.ts";
import { awaitCopies, type Durability, type Kept, storeObject } from "../moves/replicate/index.ts";
import { Replicas } from "../moves/transfer/index.ts";
import { type EncodedManifest, loadManifest, needsOf, sealManifest, writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { IntentId, VersionRow } from "../places/catalog/index.ts";
import { objectKey } from "../places/volumes/index.ts";
import { underLease } from "./lease.ts";
import type { Progress } from "./progress.ts";

export interface PushRequest {
  /** A folder or a file. */
  readonly path: string;
  readonly model: ModelName;
  readonly ref: RefName;
  readonly durability: Durability;
  /** How long to wait for copies that volumes make by themselves; 0: what a volume says to be durable is enough. */
  readonly waitCopiesMs: number;
  readonly strategy: StrategyName;
  /** Groups of the strategy; undefined: as many as fill a shard each. */
  readonly groups: number | undefined;
  readonly seed: string;
  /** The version to be delta-coded against; undefined: what the ref is now. */
  readonly parent: VersionId | undefined;
  /** What the ref must be at the end; undefined: whatever it is. */
  readonly expected: VersionId | undefined;
  readonly encode: "auto" | "raw";
  readonly strict: boolean;
  readonly followLinks: boolean;
  readonly message: string;
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
    return { version, files: files.length, bytes: totalOf(files), newBytes, storedBytes, warnings };
  });
}

function totalOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
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
  /** Objects that had not all their copies when the time for that was over. */
  #lacking = 0;

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
    const version = await this.#commit(entries);
    await writeRefLog(this.#engine, this.#volumes, this.#request.durability, this.#context.signal);
    await this.#engine.catalog.closeIntent(this.#context.intent);
    return { version, newBytes: this.#newBytes, storedBytes: this.#storedBytes, lacking: this.#lacking };
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
    const { durability, encode } = this.#request;
    const total = totalOf(files);
    const shardBytes = shardBytesFor(total);
    const groups = this.#request.groups ?? Math.max(1, Math.ceil(total / shardBytes));
    const strategy = strategyNamed(this.#request.strategy, { seed: this.#request.seed });
    const batches = batchesOf(piecesOf(files, strategy, groups));
    let done = 0;
    const advance = (bytes: number): void => progress({ step: "storing", bytes: (done += bytes), total });
    await using writer = await ShardWriter.open(this.#engine, {
      domain: this.#domain,
      intent,
      pins: this.#pins,
      durability,
      shardBytes,
      signal,
      sections: batches.map((batch) => batch.group),
      placesOf: this.#placesFor(groups),
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
      known: advance,
      signal,
    });
  }

  /** Groups are spread so that each volume gets its share; behind the chosen volumes come the others, for when one fails. */
  #placesFor(groups: number): (group: number) => readonly VolumeFacts["name"][] {
    const seed = `${this.#request.model}/${this.#request.strategy}`;
    const spread = spreadGroups(seed, groups, this.#volumes, this.#request.durability.replicas);
    return (group) => [...new Set([...(spread[group] ?? []), ...choosePlaces(`${seed}/${group}`, this.#volumes, Number.POSITIVE_INFINITY)])];
  }

  /** A ref that moved meanwhile is taken over with its new value as the parent, unless the caller named what it must be. */
  async #commit(files: readonly FileEntry[]): Promise<VersionId> {
    for (let attempt = 1; ; attempt++) {
      const { model, ref, expected, message } = this.#request;
      const current = await this.#engine.catalog.ref(model, ref);
      if (expected !== undefined && expected !== current) throw moved(model, ref, expected, current);
      if (current !== undefined && (await this.#isSame(current, files))) return current;
      const sealed = sealManifest({ domain: this.#domain, model, parent: current, message, files });
      try {
        return await this.#commitManifest(sealed, files, current);
      } catch (error) {
        if (!isFault(error, "REF_CONFLICT") || expected !== undefined || attempt === limits.commitAttemptsMax) throw error;
      }
    }
  }

  /** Before anything is visible: a push that cannot have its copies has changed nothing. */
  async #awaitCopies(manifest: Kept): Promise<void> {
    const { waitCopiesMs, durability } = this.#request;
    if (waitCopiesMs === 0) return;
    this.#context.progress({ step: "waiting for copies", bytes: 0, total: 0 });
    this.#lacking = await awaitCopies(this.#engine, [...this.#kept, manifest], waitCopiesMs, durability, this.#context.signal);
  }

  /** Pushing what is already there is no new version. */
  async #isSame(current: VersionId, files: readonly FileEntry[]): Promise<boolean> {
    const row = await this.#engine.catalog.version(this.#request.model, current);
    if (!row || row.files !== files.length || row.bytes !== totalOf(files)) return false;
    const before = await loadManifest(this.#engine, row.manifest, new Replicas(this.#engine), this.#context.signal);
    return before.files.every((file, index) => file.path === files[index]?.path && file.sha256 === files[index]?.sha256);
  }

  async #commitManifest(sealed: EncodedManifest, files: readonly FileEntry[], current: VersionId | undefined): Promise<VersionId> {
    const { intent, signal, opId } = this.#context;
    const { model, ref, durability, message } = this.#request;
    const { digest, bytes: body } = sealed;
    const places = choosePlaces(digest, this.#volumes, Number.POSITIVE_INFINITY);
    const room = new Uint8Array(new SharedArrayBuffer(Math.min(body.byteLength, limits.windowBytes)));
    const object = { kind: "manifest", domain: this.#domain, digest, body: [body], bytes: body.byteLength, places } as const;
    const { row, on } = await storeObject(this.#engine, intent, object, durability, room, signal);
    await this.#awaitCopies({ key: objectKey(row), on });
    const needs = await needsOf(this.#engine.catalog, this.#domain, files);
    const refused = await this.#pins.pin(needs);
    if (refused.size > 0)
      throw fault("INTENT_FENCED", "objects of this push were removed before it could be committed", {
        advice: "Push again: what is still there is not sent twice.",
      });
    const version: Omit<VersionRow, "createdAt"> = {
      model,
      id: sealed.version,
      parent: current,
      message,
      files: files.length,
      bytes: totalOf(files),
      manifest: row.id,
    };
    await this.#engine.catalog.transaction(async (tx) => {
      await tx.renewIntent(intent, limits.leaseMs);
      await tx.publish(intent, row.id, on, []);
      await tx.addVersion(version, [...needs, row.id]);
      await tx.move({ model, ref, expected: current, to: sealed.version, opId });
      await tx.recordOutcome(opId, model, sealed.version);
      await tx.closeIntent(intent);
    });
    return sealed.version;
  }
}

function moved(model: ModelName, ref: RefName, expected: VersionId, current: VersionId | undefined): Error {
  return fault("REF_CONFLICT", `${model}@${ref} is ${current ?? "not there"}, not ${expected}`, {
    advice: "Look at what was pushed meanwhile, then push again.",
  });
}

function entryOf(file: DescribedFile, index: number, ingested: Ingested): FileEntry {
  const sha256 = ingested.sha256.get(index);
  if (!sha256) throw fault("SOURCE_CHANGED", `${file.location} was not read to its end`);
  const { path, bytes, format, tensors, runs } = file;
  return { path, bytes, sha256, format, tensors, runs, digests: ingested.digests[index] as Uint8Array };
}

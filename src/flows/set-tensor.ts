/**
 * One tensor replaced: a new version in which only the chunks of that tensor are new, each against the chunk that was in its place. What was
 * read is what is written back: when the ref has moved meanwhile, all of it is done again on what it is now, so that nobody's change is
 * lost. The lock saves doing it again, and nothing depends on it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countChunks } from "../bytes/chunking/index.ts";
import { digestBytes } from "../core/digest.ts";
import { isFault } from "../core/errors.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { domainOf, type ModelName, type RefName, type VersionId } from "../core/names.ts";
import { lengthOf } from "../core/range.ts";
import type { Engine } from "../moves/engine.ts";
import { Bases, batchesOf, ingest, type Patch, Pins, patchedDigest, ShardWriter, shardShapeFor, writePatch } from "../moves/ingest/index.ts";
import { groupPlaces, type VolumeFacts } from "../moves/placement/index.ts";
import type { Durability, Kept } from "../moves/replicate/index.ts";
import { oneTensor } from "../moves/select/index.ts";
import { Replicas } from "../moves/transfer/index.ts";
import { loadManifest, resolveVersion, writeRefLog } from "../moves/versions/index.ts";
import { volumeFacts } from "../moves/volume-facts.ts";
import type { IntentId } from "../places/catalog/index.ts";
import { underLock } from "../places/coordinate/locks.ts";
import { commitVersion } from "./commit.ts";
import { factsOf, type TensorFacts } from "./get-tensor.ts";
import { underLease } from "./lease.ts";
import type { Progress } from "./progress.ts";
import { fittingSource, type TensorSource } from "./tensor-source.ts";

export interface SetTensorRequest {
  readonly model: ModelName;
  readonly ref: RefName;
  readonly name: string;
  /** Where several files have a tensor of this name. */
  readonly file: string | undefined;
  readonly source: TensorSource;
  readonly message: string;
  readonly durability: Durability;
  /** How long to wait for another who changes the same ref, before both try and one does it again. */
  readonly lockWaitMs: number;
}

export interface SetTensorResult extends TensorFacts {
  /** What the ref was before. */
  readonly previous: VersionId;
  /** Raw bytes of chunks that the store did not have, and what they take in shards, one replica. */
  readonly newBytes: number;
  readonly storedBytes: number;
}

const leaseMs = 30_000;
const attemptsMax = 20;
const pauseMsPerAttempt = 20;

/** Throws MODEL_MISSING, REF_MISSING, TENSOR_MISSING, ARGUMENT_INVALID, REF_CONFLICT where the ref moves again and again, REPLICAS_TOO_FEW. */
export async function setTensor(engine: Engine, request: SetTensorRequest, progress: Progress, signal: AbortSignal): Promise<SetTensorResult> {
  const { model, ref, lockWaitMs } = request;
  const wish = { name: `ref/${model}@${ref}`, leaseMs, waitMs: lockWaitMs };
  return underLock(engine.coordination.coordinator.locks, engine.world, wish, signal, async () => {
    for (let attempt = 1; ; attempt++)
      try {
        return await once(engine, request, progress, signal);
      } catch (error) {
        if (!isFault(error, "REF_CONFLICT") || attempt === attemptsMax) throw error;
        await engine.world.sleep(engine.world.random() * pauseMsPerAttempt * attempt, signal);
      }
  });
}

async function once(engine: Engine, request: SetTensorRequest, progress: Progress, signal: AbortSignal): Promise<SetTensorResult> {
  const opId = engine.world.id();
  return underLease(engine, opId, signal, async (intent, leased) => {
    const work = new Replacement(engine, request, { opId, intent, progress, signal: leased, volumes: await volumeFacts(engine) });
    try {
      return await work.run();
    } finally {
      await engine.catalog.closeIntent(intent);
    }
  });
}

interface Context {
  readonly opId: string;
  readonly intent: IntentId;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly volumes: readonly VolumeFacts[];
}

class Replacement {
  readonly #engine: Engine;
  readonly #request: SetTensorRequest;
  readonly #context: Context;
  readonly #pins: Pins;
  readonly #replicas: Replicas;
  readonly #kept: Kept[] = [];
  #newBytes = 0;
  #storedBytes = 0;

  constructor(engine: Engine, request: SetTensorRequest, context: Context) {
    this.#engine = engine;
    this.#request = request;
    this.#context = context;
    this.#pins = new Pins(engine.catalog, context.intent);
    this.#replicas = new Replicas(engine);
  }

  async run(): Promise<SetTensorResult> {
    const { model, ref, name, file } = this.#request;
    const { intent, signal, volumes } = this.#context;
    const { catalog } = this.#engine;
    const row = await resolveVersion(catalog, { model, revision: ref });
    await catalog.pinVersion(intent, model, row.id);
    const manifest = await loadManifest(this.#engine, row.manifest, this.#replicas, signal);
    const at = oneTensor(manifest, name, file);
    const replaced = await this.#replace(manifest, at);
    const version = replaced ? await this.#commit(manifest, row.id, replaced) : row.id;
    await writeRefLog(this.#engine, volumes, this.#request.durability, signal);
    return { ...factsOf({ version }, at), previous: row.id, newBytes: this.#newBytes, storedBytes: this.#storedBytes };
  }

  /** The file with its new chunks; undefined where they are the old ones. */
  async #replace(manifest: Manifest, at: ReturnType<typeof oneTensor>): Promise<FileEntry | undefined> {
    const { file, tensor } = at;
    const source = await fittingSource(this.#request.source, at);
    if (lengthOf(tensor.range) === 0) return undefined;
    const reading = { engine: this.#engine, replicas: this.#replicas, domain: domainOf(manifest.model), signal: this.#context.signal };
    const folder = await mkdtemp(join(tmpdir(), "holdfast-tensor-"));
    try {
      const patch = await writePatch(reading, file, tensor.range, source, join(folder, "patch"));
      const digests = await this.#store(manifest, file, patch);
      if (Buffer.compare(digests, file.digests) === 0) return undefined;
      this.#context.progress({ step: "digesting the file", bytes: 0, total: 0 });
      return { ...file, digests, sha256: await patchedDigest(reading, file, patch) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The digests of the whole file, those of the patched chunks new. */
  async #store(manifest: Manifest, file: FileEntry, { location, bands, extent }: Patch): Promise<Uint8Array> {
    const { signal } = this.#context;
    const batches = batchesOf(bands.map((band) => ({ file: 0, band, group: 0 })));
    const patched = { ...file, location, stamp: "", chunks: countChunks(file.runs) };
    const domain = domainOf(manifest.model);
    await using writer = await this.#openWriter(
      batches.map(({ group }) => group),
      lengthOf(extent),
    );
    const options = { domain, pins: this.#pins, bases: new Bases(manifest), writer, encode: "auto", sequential: true, fileDigests: false, signal } as const;
    const [fresh] = (await ingest(this.#engine, [patched], batches, { ...options, known: () => {} })).digests as [Uint8Array];
    const digests = Uint8Array.from(file.digests);
    for (const { chunks } of bands)
      for (const { index } of chunks) digests.set(fresh.subarray(index * digestBytes, (index + 1) * digestBytes), index * digestBytes);
    return digests;
  }

  #openWriter(sections: readonly number[], total: number): Promise<ShardWriter> {
    const { model, durability } = this.#request;
    const { intent, progress, signal, volumes, opId } = this.#context;
    return ShardWriter.open(this.#engine, {
      domain: domainOf(model),
      intent,
      pins: this.#pins,
      durability,
      shape: shardShapeFor(total, this.#engine.volumes.rows),
      signal,
      sections,
      placesOf: groupPlaces(`${model}/${opId}`, 1, volumes, durability.replicas),
      stored: ({ key, on, rawBytes, storedBytes }) => {
        this.#kept.push({ key, on });
        this.#newBytes += rawBytes;
        this.#storedBytes += storedBytes;
        progress({ step: "storing", bytes: this.#newBytes, total });
      },
    });
  }

  async #commit(manifest: Manifest, expected: VersionId, replaced: FileEntry): Promise<VersionId> {
    const { model, ref, durability, message } = this.#request;
    const files = manifest.files.map((file) => (file.path === replaced.path ? replaced : file));
    const context = { ...this.#context, pins: this.#pins, kept: this.#kept };
    const { version } = await commitVersion(this.#engine, { model, ref, expected, message, durability, waitCopiesMs: 0 }, context, files);
    return version;
  }
}

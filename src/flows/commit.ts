/**
 * The end of every story that makes a version: manifest beside the data → one catalog transaction, in which the ref moves by
 * compare-and-set. Until then nothing is visible; afterwards all of it is.
 */
import { fault, isFault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import type { FileEntry } from "../core/manifest.ts";
import { domainOf, type ModelName, type RefName, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import type { Pins } from "../moves/ingest/index.ts";
import { choosePlaces, type VolumeFacts } from "../moves/placement/index.ts";
import { awaitCopies, type Durability, type Kept, requireCopies, storeObject } from "../moves/replicate/index.ts";
import { Replicas } from "../moves/transfer/index.ts";
import { type EncodedManifest, loadManifest, needsOf, sealManifest } from "../moves/versions/index.ts";
import type { IntentId, ObjectId, VersionRow } from "../places/catalog/index.ts";
import { objectKey } from "../places/volumes/index.ts";
import type { Progress } from "./progress.ts";

export interface CommitRequest {
  readonly model: ModelName;
  readonly ref: RefName;
  /** What the ref must be; undefined: whatever it is. */
  readonly expected: VersionId | undefined;
  readonly message: string;
  readonly durability: Durability;
  /** How long to wait for copies that volumes make by themselves; 0: what a volume says to be durable is enough. */
  readonly waitCopiesMs: number;
}

export interface CommitContext {
  readonly opId: string;
  readonly intent: IntentId;
  readonly pins: Pins;
  readonly volumes: readonly VolumeFacts[];
  /** What was stored for the version. */
  readonly kept: readonly Kept[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Committed {
  readonly version: VersionId;
  /** Objects that had not all their copies when the time for that was over. */
  readonly lacking: number;
}

/** Throws REF_CONFLICT where the ref is not what was expected, or moves again and again; INTENT_FENCED, REPLICAS_TOO_FEW. */
export async function commitVersion(engine: Engine, request: CommitRequest, context: CommitContext, files: readonly FileEntry[]): Promise<Committed> {
  return new Commit(engine, request, context).run(files);
}

export function bytesOfFiles(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

class Commit {
  readonly #engine: Engine;
  readonly #request: CommitRequest;
  readonly #context: CommitContext;
  #lacking = 0;

  constructor(engine: Engine, request: CommitRequest, context: CommitContext) {
    this.#engine = engine;
    this.#request = request;
    this.#context = context;
  }

  /** A ref that moved meanwhile is taken over with its new value as the parent, unless the caller named what it must be. */
  async run(files: readonly FileEntry[]): Promise<Committed> {
    const { model, ref, expected, message } = this.#request;
    for (let attempt = 1; ; attempt++) {
      const current = await this.#engine.catalog.ref(model, ref);
      if (expected !== undefined && expected !== current) throw moved(model, ref, expected, current);
      if (current !== undefined && (await this.#isSame(current, files))) {
        await this.#secureVersion(current, files);
        return { version: current, lacking: this.#lacking };
      }
      const sealed = sealManifest({ domain: domainOf(model), model, parent: current, message, files });
      try {
        await this.#commit(sealed, files, current);
        return { version: sealed.version, lacking: this.#lacking };
      } catch (error) {
        if (!isFault(error, "REF_CONFLICT") || expected !== undefined || attempt === limits.commitAttemptsMax) throw error;
      }
    }
  }

  /** What is already there is no new version. */
  async #isSame(current: VersionId, files: readonly FileEntry[]): Promise<boolean> {
    const row = await this.#engine.catalog.version(this.#request.model, current);
    if (!row || row.files !== files.length || row.bytes !== bytesOfFiles(files)) return false;
    const before = await loadManifest(this.#engine, row.manifest, new Replicas(this.#engine), this.#context.signal);
    return before.files.every((file, index) => file.path === files[index]?.path && file.sha256 === files[index]?.sha256);
  }

  /** Its bytes may have been pushed with fewer replicas than are asked for now. */
  async #secureVersion(id: VersionId, files: readonly FileEntry[]): Promise<void> {
    const row = await this.#engine.catalog.version(this.#request.model, id);
    await this.#secureNeeds(files);
    if (row) await requireCopies(this.#engine, [row.manifest], this.#request.durability, this.#context.signal);
  }

  /** What the version stands on, held and as durable as was asked for, whoever stored it. */
  async #secureNeeds(files: readonly FileEntry[]): Promise<Set<ObjectId>> {
    const needs = await needsOf(this.#engine.catalog, domainOf(this.#request.model), files);
    const refused = await this.#context.pins.pin(needs);
    if (refused.size > 0)
      throw fault("INTENT_FENCED", "objects of this push were removed before it could be committed", {
        advice: "Push again: what is still there is not sent twice.",
      });
    await requireCopies(this.#engine, needs, this.#request.durability, this.#context.signal);
    return needs;
  }

  async #commit(sealed: EncodedManifest, files: readonly FileEntry[], current: VersionId | undefined): Promise<void> {
    const { intent, signal, opId, volumes } = this.#context;
    const { model, ref, durability, message } = this.#request;
    const { digest, bytes: body } = sealed;
    const domain = domainOf(model);
    const needs = await this.#secureNeeds(files);
    const places = choosePlaces(digest, volumes, Number.POSITIVE_INFINITY);
    const room = new Uint8Array(new SharedArrayBuffer(Math.min(body.byteLength, limits.windowBytes)));
    const object = { kind: "manifest", domain, digest, body: [body], bytes: body.byteLength, places } as const;
    const { row, on } = await storeObject(this.#engine, intent, object, durability, room, signal);
    await this.#awaitCopies({ key: objectKey(row), on });
    const version: Omit<VersionRow, "createdAt"> = {
      model,
      id: sealed.version,
      parent: current,
      message,
      files: files.length,
      bytes: bytesOfFiles(files),
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
  }

  /** Before anything is visible: a push that cannot have its copies has changed nothing. */
  async #awaitCopies(manifest: Kept): Promise<void> {
    const { waitCopiesMs, durability } = this.#request;
    if (waitCopiesMs === 0) return;
    this.#context.progress({ step: "waiting for copies", bytes: 0, total: 0 });
    this.#lacking = await awaitCopies(this.#engine, [...this.#context.kept, manifest], waitCopiesMs, durability, this.#context.signal);
  }
}

function moved(model: ModelName, ref: RefName, expected: VersionId, current: VersionId | undefined): Error {
  return fault("REF_CONFLICT", `${model}@${ref} is ${current ?? "not there"}, not ${expected}`, {
    advice: "Look at what was pushed meanwhile, then push again.",
  });
}

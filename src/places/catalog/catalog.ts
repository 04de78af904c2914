/**
 * What knows: refs, versions, chunks, objects, replicas, volumes, intents. The one wide seam, made of narrow roles, so
 * that a flow asks for the roles that it uses. Compare-and-set here is the only safety of the store.
 *
 * Every call is atomic by itself; `transaction` joins several. All times are milliseconds of the catalog's own clock.
 */
import type { Digest } from "../../core/digest.ts";
import type { DomainName, ModelName, RefName, VersionId, VolumeName } from "../../core/names.ts";
import type { ObjectKind } from "../volumes/keys.ts";

declare const brand: unique symbol;
/** Row number of an object; means nothing outside one catalog. */
export type ObjectId = number & { readonly [brand]: "object" };
export type IntentId = number & { readonly [brand]: "intent" };

// ---- refs and versions -------------------------------------------------------------------------------------------

export interface RefRow {
  readonly model: ModelName;
  readonly ref: RefName;
  readonly version: VersionId;
  readonly movedAt: number;
}

export interface RefMove {
  readonly model: ModelName;
  readonly ref: RefName;
  /** What the caller believes the ref to be: undefined for "does not exist". */
  readonly expected: VersionId | undefined;
  /** Undefined removes the ref. */
  readonly to: VersionId | undefined;
  readonly opId: string;
}

/** One line of the ref log: what a rebuild replays. `sequence` counts from 1 without gaps over the whole catalog. */
export interface RefLogEntry {
  readonly sequence: number;
  readonly model: ModelName;
  readonly ref: RefName;
  readonly from: VersionId | undefined;
  readonly to: VersionId | undefined;
  readonly at: number;
  readonly opId: string;
}

export interface RefBook {
  models(): Promise<readonly ModelName[]>;
  /** In the order of the names. */
  refs(model: ModelName): Promise<readonly RefRow[]>;
  ref(model: ModelName, ref: RefName): Promise<VersionId | undefined>;
  /**
   * Appends to the ref log. Throws REF_CONFLICT when the ref is not as expected, and MODEL_MISSING/REF_MISSING when `to` is no version of
   * the model, or there is nothing to remove. The same move under the same op id is answered as the first time.
   */
  move(move: RefMove): Promise<RefLogEntry>;
  /** Log entries that no volume has yet, oldest first. */
  unwrittenLog(limit: number): Promise<readonly RefLogEntry[]>;
  /** The entry is kept as this object. Idempotent. */
  logWritten(sequence: number, object: ObjectId): Promise<void>;
  /** The whole log of a model, oldest first. */
  refLog(model: ModelName): Promise<readonly RefLogEntry[]>;
  /** Log entries of all models after a sequence number, oldest first. An entry that shows up has none before it that shows up later. */
  changes(after: number, limit: number): Promise<readonly RefLogEntry[]>;
}

export interface VersionRow {
  readonly model: ModelName;
  readonly id: VersionId;
  readonly parent: VersionId | undefined;
  readonly message: string;
  readonly createdAt: number;
  readonly files: number;
  readonly bytes: number;
  readonly manifest: ObjectId;
}

export interface VersionBook {
  /** Adds a version and the objects that it needs (shards, those of delta bases, its manifest). Idempotent for the same id. */
  addVersion(row: Omit<VersionRow, "createdAt"> & { readonly createdAt?: number }, needs: readonly ObjectId[]): Promise<void>;
  version(model: ModelName, id: VersionId): Promise<VersionRow | undefined>;
  /** Versions of the model whose id starts with the hex digits, at most `limit`. */
  versionsLike(model: ModelName, prefix: string, limit: number): Promise<readonly VersionRow[]>;
  /** From a version back through its parents, newest first, at most `limit`. */
  history(model: ModelName, from: VersionId, limit: number): Promise<readonly VersionRow[]>;
  /** The objects that a version needs. */
  needs(model: ModelName, id: VersionId): Promise<readonly ObjectId[]>;
  /** The version that an operation ended in: how an unknown outcome is looked up. */
  outcome(opId: string): Promise<{ readonly model: ModelName; readonly version: VersionId } | undefined>;
  recordOutcome(opId: string, model: ModelName, version: VersionId): Promise<void>;
}

// ---- objects, chunks, replicas -----------------------------------------------------------------------------------

/** reserved → present → condemned → deleting → gone. A pin on a condemned object makes it present again. */
export type ObjectState = "reserved" | "present" | "condemned" | "deleting";

export interface ObjectRow {
  readonly id: ObjectId;
  readonly kind: ObjectKind;
  readonly domain: DomainName;
  readonly digest: Digest;
  /** From the catalog's sequence, never used twice: part of the object's key. */
  readonly generation: number;
  readonly bytes: number;
  /** Replicas that were asked for when it was stored: what a repair brings it back to. */
  readonly replicasWanted: number;
  readonly state: ObjectState;
}

/** Where a chunk is stored. */
export interface ChunkPlace {
  readonly object: ObjectId;
  /** Of the frame header in the shard. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly encoding: number;
  /** CRC32C of the stored bytes. */
  readonly crc32c: number;
  /** 32 bytes: the chunk that this one is a delta against. */
  readonly base: Uint8Array | undefined;
  readonly depth: number;
}

export interface NewChunk extends Omit<ChunkPlace, "object"> {
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

export interface ChunkIndex {
  /** One answer for each of the packed 32-byte digests, in order. Chunks of objects in state `deleting` or `reserved` do not count. */
  places(domain: DomainName, digests: Uint8Array): Promise<readonly (ChunkPlace | undefined)[]>;
}

export interface Reservation {
  readonly kind: ObjectKind;
  readonly domain: DomainName;
  readonly digest: Digest;
  readonly bytes: number;
  /** At least 1. */
  readonly replicasWanted: number;
  readonly volumes: readonly VolumeName[];
}

export interface ObjectLedger {
  /** Makes a row in state `reserved`, pinned by the intent, with a new generation, and its replicas as `intended`. Throws INTENT_FENCED. */
  reserve(intent: IntentId, reservation: Reservation): Promise<ObjectRow>;
  /**
   * The object is durable on these volumes: state `present`, replicas `good` there and forgotten elsewhere. Its chunks
   * enter the index where the index has none of them (or only one in state `deleting`). Throws INTENT_FENCED.
   * Returns the objects that now hold the chunks and the bases under them; all of them are pinned by the intent.
   */
  publish(intent: IntentId, object: ObjectId, on: readonly VolumeName[], chunks: readonly NewChunk[]): Promise<readonly ObjectId[]>;
  objects(ids: readonly ObjectId[]): Promise<readonly ObjectRow[]>;
  /** Objects in the order of their ids, for walking the whole store. States other than these are passed over. */
  objectsAfter(after: ObjectId | undefined, states: readonly ObjectState[], limit: number): Promise<readonly ObjectRow[]>;
  /** All chunks that the index has in an object. */
  chunksOf(object: ObjectId): Promise<readonly NewChunk[]>;
  totals(): Promise<{ readonly objects: number; readonly bytes: number; readonly chunks: number; readonly rawBytes: number }>;
}

/** `intended`: being written. `suspect`: an error was seen, to be checked. `bad`: known damaged or missing, to be repaired. */
export type ReplicaState = "intended" | "good" | "suspect" | "bad";

export interface ReplicaRow {
  readonly object: ObjectId;
  readonly volume: VolumeName;
  readonly state: ReplicaState;
}

export interface ReplicaLedger {
  replicas(objects: readonly ObjectId[]): Promise<readonly ReplicaRow[]>;
  /** Adds or changes a replica; undefined removes it. */
  setReplica(object: ObjectId, volume: VolumeName, state: ReplicaState | undefined): Promise<void>;
  /** These objects want at least so many replicas from now on. Never lowers what they want; those that are not there are passed over. */
  wantReplicas(objects: readonly ObjectId[], replicas: number): Promise<void>;
  /** Present objects with fewer good replicas than they want, or with a suspect or bad one, in order of ids. */
  needingRepair(after: ObjectId | undefined, limit: number): Promise<readonly ObjectRow[]>;
  /** Objects with a replica on a volume, in order of ids. */
  objectsOn(volume: VolumeName, after: ObjectId | undefined, limit: number): Promise<readonly ObjectRow[]>;
}

// ---- volumes -----------------------------------------------------------------------------------------------------

/** `draining`: read from, not written to. */
type VolumeState = "active" | "draining";

export interface VolumeRow {
  readonly name: VolumeName;
  readonly url: string;
  /** 32 hex digits, in the volume's identity object. */
  readonly id: string;
  readonly failureDomain: string;
  /** Share of new objects relative to the others. */
  readonly weight: number;
  readonly state: VolumeState;
}

export interface VolumeBook {
  volumes(): Promise<readonly VolumeRow[]>;
  /** Adds a volume or changes all but its name and id. */
  setVolume(row: VolumeRow): Promise<void>;
  /** Forgets a volume and its replicas. */
  removeVolume(name: VolumeName): Promise<void>;
}

// ---- intents -----------------------------------------------------------------------------------------------------

export interface Intents {
  /**
   * An intent pins objects and versions until it is closed or its lease ends. An operation that opens one again takes over the pins of
   * its earlier intent, which is gone then.
   */
  openIntent(opId: string, leaseMs: number): Promise<IntentId>;
  /** Throws INTENT_FENCED when it is gone. */
  renewIntent(intent: IntentId, leaseMs: number): Promise<void>;
  /** Pins objects that are present or condemned (which makes them present again). Returns those that could not be pinned. Throws INTENT_FENCED. */
  pinObjects(intent: IntentId, objects: readonly ObjectId[]): Promise<readonly ObjectId[]>;
  /** Throws REF_MISSING when there is no such version any more. */
  pinVersion(intent: IntentId, model: ModelName, version: VersionId): Promise<void>;
  /** Drops its pins. No error when it is gone. */
  closeIntent(intent: IntentId): Promise<void>;
  /** Those whose lease has not ended. */
  openIntents(): Promise<readonly { readonly id: IntentId; readonly opId: string; readonly expiresAt: number }[]>;
}

// ---- collection --------------------------------------------------------------------------------------------------

export interface Garbage {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * An object is garbage when no live version needs it and no intent pins it. A version is live when a ref or a pin
 * reaches it, itself or through parents. Ref-log objects are never garbage.
 */
export interface Collector {
  /** What `condemn` and `claim` without a hold would remove, next to all that is stored; changes nothing. */
  garbage(): Promise<{ readonly garbage: Garbage; readonly stored: Garbage }>;
  /** Ends expired intents, forgets versions that are not live, and condemns what is garbage. */
  condemn(): Promise<Garbage>;
  /** Moves objects condemned for at least `holdMs` and still garbage to `deleting`, and gives back all in `deleting`, at most `limit`. */
  claim(holdMs: number, limit: number): Promise<readonly ObjectRow[]>;
  /** The object is gone from all volumes: forgets it if it is still `deleting` in this generation. */
  forget(object: ObjectId, generation: number): Promise<void>;
}

// ---- restoring ---------------------------------------------------------------------------------------------------

/** What a rebuild puts into an empty catalog. */
export interface Restorer {
  /** Idempotent; chunks that come later for an object that was restored before are added to it. Never lowers `replicasWanted`. */
  restoreObject(
    object: Omit<ObjectRow, "id" | "state">,
    on: readonly { readonly volume: VolumeName; readonly state: ReplicaState }[],
    chunks: readonly NewChunk[],
  ): Promise<ObjectId>;
  /** Applies one log entry as it was (sequence, time), and its object as written. */
  restoreLogEntry(entry: RefLogEntry, object: ObjectId): Promise<void>;
  /** Leaves out generations that a lost catalog may have given to objects which never reached a volume, or have left it. */
  skipGenerations(count: number): Promise<void>;
}

// ---- inspection --------------------------------------------------------------------------------------------------

export interface Inspection {
  /** What is wrong with the tables of the catalog itself, in words, at most a hundred; none when they are whole. Reads all of it. */
  tableProblems(): Promise<readonly string[]>;
}

// ---- the whole ---------------------------------------------------------------------------------------------------

export interface Roles extends RefBook, VersionBook, ChunkIndex, ObjectLedger, ReplicaLedger, VolumeBook, Intents, Collector, Restorer, Inspection {
  now(): Promise<number>;
}

export interface Catalog extends Roles, AsyncDisposable {
  /** 32 hex digits, made with the catalog; every volume of the store carries it. */
  readonly clusterId: string;
  /**
   * Runs `work` in one transaction: all or nothing, alone among writers. `work` must use only `tx`, must not wait for
   * anything else, and may run again after a conflict.
   */
  transaction<T>(work: (tx: Roles) => Promise<T>): Promise<T>;
  /**
   * Resolves when a ref may have moved since the call: soon after one did where the catalog can tell, and after a while in any case. It is a
   * hint; `changes` says what moved, and `followChanges` joins the two. Throws CANCELLED.
   */
  changed(signal: AbortSignal): Promise<void>;
}

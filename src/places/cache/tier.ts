/**
 * One level of cache: it keeps chunks as they are stored, and may forget any of them at any time, except those of pinned versions.
 * Nothing it says is believed: whoever reads decodes, and verifies the chunk by its digest. So a tier can cost time and never a wrong byte.
 */
import type { ModelName, VersionId } from "../../core/names.ts";
import type { CacheKey } from "./key.ts";

/** How a chunk is stored for a single step of decoding: encoded as the catalog says, or raw where it stands on a delta chain. */
export interface StoredForm {
  readonly encoding: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

export interface Wanted {
  readonly key: CacheKey;
  readonly form: StoredForm;
  /** Room of `storedBytes`, in shared memory. */
  readonly into: Uint8Array;
}

/** A value that was found. Its bytes stay as they are until it is disposed of. */
export interface Hit extends Disposable {
  /** The stored bytes: `into`, or the tier's own memory. */
  readonly body: Uint8Array;
  /** Of the stored bytes, as the tier says. */
  readonly crc32c: number;
  /** The tier has fewer copies of it than it should: it asks for the value again. */
  readonly thin: boolean;
}

export interface Value {
  readonly key: CacheKey;
  readonly form: StoredForm;
  readonly crc32c: number;
  /** The stored bytes, in shared memory; as long as the write goes on they stay as they are. */
  readonly body: Uint8Array;
}

export interface PinName {
  readonly model: ModelName;
  readonly version: VersionId;
}

/** All chunks of a version, and what they take. */
export interface Pin extends PinName {
  readonly chunks: readonly { readonly key: CacheKey; readonly form: StoredForm }[];
}

export interface PinFacts extends PinName {
  readonly chunks: number;
  readonly bytes: number;
}

/** Versions that are kept whole. From `add` on none of their chunks is evicted, whenever it is written. */
export interface Pins {
  /** All or nothing. Throws CACHE_FULL where the version does not fit beside the others that are pinned. */
  add(pin: Pin, signal: AbortSignal): Promise<void>;
  /** Those of the version's chunks that are not there, or not kept. */
  lacking(pin: Pin, signal: AbortSignal): Promise<readonly CacheKey[]>;
  /** Its chunks are like any others from now on, except those that another pinned version has too. */
  remove(pin: Pin, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<readonly PinFacts[]>;
}

export interface TierFacts {
  /** What is kept now, and what may be; undefined where nothing bounds it. */
  readonly bytes: number;
  readonly bytesMax: number | undefined;
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  /** Of the tier's own, or the servers' `maxmemory-policy`. */
  readonly policy: string;
  /** What its keeper should know, in sentences. */
  readonly notes: readonly string[];
}

interface TierTraits {
  /** A write is a copy in memory: it is done at once, while the bytes are at hand. */
  readonly immediate: boolean;
}

/** Every call may throw CACHE_UNREACHABLE, which is for the wrapper to swallow, and CANCELLED; then the memory it was given is at rest. */
export interface Tier extends AsyncDisposable {
  readonly name: string;
  readonly traits: TierTraits;
  readonly pins: Pins;
  /** One answer for each; undefined where it is not there, or not in the form that is wanted. */
  read(wanted: readonly Wanted[], signal: AbortSignal): Promise<readonly (Hit | undefined)[]>;
  /** Keeps what it can. A value that is there already is not written again. */
  write(values: readonly Value[], signal: AbortSignal): Promise<void>;
  /** Forgets values that turned out wrong. */
  drop(keys: readonly CacheKey[], signal: AbortSignal): Promise<void>;
  facts(signal: AbortSignal): Promise<TierFacts>;
  /** Forgets everything, pins too. */
  clear(signal: AbortSignal): Promise<void>;
}

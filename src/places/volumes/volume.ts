/**
 * A volume keeps immutable objects under content-derived keys. There is no overwrite, no rename and no compare-and-set
 * here: those belong to the catalog. A missing object is an answer, never guessed from an I/O error.
 */

import type { VolumeName } from "../../core/names.ts";
import type { ByteRange } from "../../core/range.ts";

declare const brand: unique symbol;
/** `<kind>/<domain>/<2 hex>/<digest>-<generation>`, or one of the few fixed names of the identity. Made by keys.ts only. */
export type ObjectKey = string & { readonly [brand]: "object-key" };

export interface VolumeTraits {
  /** What can fail at once with this volume. */
  readonly failureDomain: string;
  /** Replicas that an object here counts as: more than one where the volume keeps copies by itself (HDFS). */
  readonly copies: number;
  readonly objectBytesMax: number;
}

export interface ObjectStat {
  readonly key: ObjectKey;
  readonly bytes: number;
  /** Copies that there are now, where `stat` asked a volume that keeps several by itself: right after a put there may be fewer than its traits promise. */
  readonly copies?: number;
}

/** The whole body of an object, in memory, so that a retry can send it again: views that follow each other. */
export type Replayable = readonly Uint8Array[];
/** Where bytes go: views that are filled one after the other. Their lengths sum to the length of the range. */
export type Scatter = readonly Uint8Array[];

/**
 * What shows, when `put` resolves, that what lies there is what was sent. `checksum`: afterwards the engine answered with a checksum over the whole
 * object that it keeps and compares bytes with, and it is that of the body. `none`: nothing does yet; whoever has to know reads the object.
 */
export type Evidence = "none" | "checksum";

export interface Volume extends AsyncDisposable {
  readonly name: VolumeName;
  readonly traits: VolumeTraits;
  /** Durable when it resolves. Throws OBJECT_EXISTS when the key is taken, and then changes nothing. */
  put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence>;
  /** Fills `into` from the range and returns the bytes read: fewer only where the object ends. Throws OBJECT_MISSING. */
  get(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number>;
  /** The objects among `keys` that exist. */
  stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncIterable<ObjectStat>;
  /** All objects in key order, after a key. */
  list(after: ObjectKey | undefined, signal: AbortSignal): AsyncIterable<ObjectStat>;
  /** Missing objects are not an error. */
  remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void>;
}

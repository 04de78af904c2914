/**
 * The one closed set of failures. `kind` is what a caller can react to, `code` is the stable name
 * that documentation, JSON output and tests use (docs/errors.md holds the same table, a test compares them).
 * Missing, unreachable and corrupt are three different facts: only corrupt goes to repair, only unreachable is retried.
 */

export type ErrorKind = "missing" | "unreachable" | "corrupt" | "denied" | "conflict" | "invalid" | "unsupported" | "full" | "cancelled";

/** Each stable code with its kind and the sentence that docs/errors.md carries. */
export const errorTable = {
  MODEL_MISSING: ["missing", "No model has this name in the catalog."],
  REF_MISSING: ["missing", "The model has no ref or version with this name."],
  FILE_MISSING: ["missing", "A path that was asked for does not exist, in the version or on disk."],
  TENSOR_MISSING: ["missing", "No file of the version has a tensor with this name."],
  OBJECT_MISSING: ["missing", "A volume answered that it does not have the object."],
  CHUNK_LOST: ["missing", "No volume has a replica of the shard that holds this chunk."],
  TIER_MISSING: ["missing", "The cache has no tier with this name."],
  VOLUME_MISSING: ["missing", "No volume has this name in the catalog."],
  VOLUME_UNREACHABLE: ["unreachable", "A volume did not answer, or answered with an I/O error."],
  VOLUME_IDENTITY_MISSING: ["unreachable", "The place of a volume is empty or not mounted: its identity object is not there."],
  CATALOG_UNREACHABLE: ["unreachable", "The catalog could not be opened or asked."],
  CACHE_UNREACHABLE: ["unreachable", "A tier of the cache did not answer, or Redis servers."],
  REPLICAS_TOO_FEW: ["unreachable", "Fewer replicas could be written than the push must have."],
  WORKER_DIED: ["unreachable", "A data worker ended in the middle of a job."],
  OBJECT_CORRUPT: ["corrupt", "The bytes of a stored object do not match their checksum."],
  CHUNK_CORRUPT: ["corrupt", "The bytes of a chunk do not match the digest that names it."],
  DATA_CORRUPT: ["corrupt", "Every replica of some bytes is damaged."],
  CATALOG_CORRUPT: ["corrupt", "The catalog is damaged; `holdfast rebuild` makes a new one from the volumes."],
  ACCESS_DENIED: ["denied", "The operating system or the engine refused access."],
  VOLUME_FOREIGN: ["denied", "The volume belongs to another cluster, or to another volume of this one."],
  REF_CONFLICT: ["conflict", "The ref moved since it was read; nothing was changed."],
  OBJECT_EXISTS: ["conflict", "An object with this key is already there."],
  TARGET_BUSY: ["conflict", "Another process is writing to the same folder."],
  INTENT_FENCED: ["conflict", "The push was taken over or expired before it could be committed."],
  SOURCE_CHANGED: ["conflict", "A file changed while it was being pushed."],
  COLLECT_APPROVAL: ["conflict", "A collection would remove more than the allowed share of the store."],
  COLLECT_INCOMPLETE: ["conflict", "A collection needs a complete view and one part of it is not there."],
  NAME_INVALID: ["invalid", "A model name, ref, volume name or domain is not well formed."],
  PATH_INVALID: ["invalid", "A file path is not one that every system can hold safely."],
  PATH_COLLISION: ["invalid", "Two paths of one version would be one file on some systems."],
  FORMAT_INVALID: ["invalid", "A file does not parse as the format that it claims to be."],
  CONFIG_INVALID: ["invalid", "The settings file does not fit its schema."],
  ARGUMENT_INVALID: ["invalid", "An option or argument has a value that cannot be used."],
  PLAN_INVALID: ["invalid", "A rank plan does not fit the tensors of the version."],
  FORMAT_UNSUPPORTED: ["unsupported", "The file is well formed but uses something that is not handled."],
  ENCODING_UNSUPPORTED: ["unsupported", "A chunk is stored in an encoding that this version does not know."],
  STORE_UNSUPPORTED: ["unsupported", "The store was written by a newer version of Holdfast."],
  VOLUME_FULL: ["full", "A volume has no space left."],
  CACHE_FULL: ["full", "A version cannot be kept whole in a tier of the cache."],
  LIMIT_EXCEEDED: ["full", "A request needs more than a configured bound allows."],
  CANCELLED: ["cancelled", "The work was cancelled by its caller."],
} as const satisfies Record<string, readonly [ErrorKind, string]>;

export type ErrorCode = keyof typeof errorTable;

export interface FaultOptions {
  readonly cause?: unknown;
  /** What the reader can do next, as a full sentence. */
  readonly advice?: string;
}

export class HoldfastError extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly advice: string | undefined;

  constructor(code: ErrorCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HoldfastError";
    this.code = code;
    this.kind = errorTable[code][0];
    this.advice = options.advice;
  }
}

/** Makes (does not throw) an error: `throw fault("CHUNK_CORRUPT", "chunk ab12… in shard …", { cause })`. */
export function fault(code: ErrorCode, message: string, options?: FaultOptions): HoldfastError {
  return new HoldfastError(code, message, options);
}

export function isFault(error: unknown, ...codes: ErrorCode[]): error is HoldfastError {
  return error instanceof HoldfastError && (codes.length === 0 || codes.includes(error.code));
}

export function kindOf(error: unknown): ErrorKind | undefined {
  return error instanceof HoldfastError ? error.kind : undefined;
}

/** Throws `CANCELLED` when the signal has fired; call between steps of long work. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw fault("CANCELLED", "cancelled", { cause: signal.reason });
}

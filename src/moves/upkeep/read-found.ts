/** An object as volumes have it, read as far as a catalog needs to know it: the index of a shard, a line of the ref log, the digest of a manifest. */
import { blake3Digest } from "../../bytes/digests/index.ts";
import { indexRangeOf, type PlacedFrame, readShardFooter, readShardIndex, shardHeaderBytes } from "../../bytes/shards/index.ts";
import { fault, isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { type ByteRange, lengthOf } from "../../core/range.ts";
import { KiB } from "../../core/units.ts";
import type { ObjectRow, RefLogEntry } from "../../places/catalog/index.ts";
import type { KeyParts, Volume } from "../../places/volumes/index.ts";
import { decodeLogEntry } from "../versions/index.ts";
import type { FoundObject } from "./listings.ts";

export interface ReadObject {
  readonly object: Omit<ObjectRow, "id" | "state">;
  readonly on: readonly { readonly volume: Volume["name"]; readonly state: "good" | "bad" }[];
  /** The first that was read and is right, with what it says; undefined when none is. */
  readonly content: Content | undefined;
}

interface Content {
  readonly frames: readonly PlacedFrame[];
  readonly entry: RefLogEntry | undefined;
}

/** What is larger is none of ours, whatever it is called, and is not read. */
export const bytesMaxOf: Readonly<Record<KeyParts["kind"], number>> = {
  shard: limits.shardBytesMax,
  manifest: limits.manifestBytesMax,
  reflog: limits.logEntryBytesMax,
};

/**
 * Reads replicas until one is right; those that are not, and those of another size, are bad. The others are believed until a scrub reads
 * them. Throws what an unreachable volume throws.
 */
export async function readFound(found: FoundObject, replicasWanted: number, signal: AbortSignal): Promise<ReadObject> {
  const { kind, domain, digest, generation } = found.parts;
  const wrong = new Set<Volume>();
  let right: { readonly bytes: number; readonly content: Content } | undefined;
  for (const { volume, bytes } of turned(found.on, generation)) {
    const content = await contentOf(volume, found, bytes, signal);
    if (content) right = { bytes, content };
    else wrong.add(volume);
    if (right) break;
  }
  const bytes = right?.bytes ?? Math.min(bytesMaxOf[kind], Math.max(...found.on.map((place) => place.bytes)));
  const on = found.on.map((place) => ({
    volume: place.volume.name,
    state: right && !wrong.has(place.volume) && place.bytes === bytes ? ("good" as const) : ("bad" as const),
  }));
  return { object: { kind, domain, digest, generation, bytes, replicasWanted: Math.max(replicasWanted, on.length) }, on, content: right?.content };
}

/** Beginning elsewhere for each object, so that all volumes are read. */
function turned<T>(places: readonly T[], by: number): readonly T[] {
  const start = by % places.length;
  return [...places.slice(start), ...places.slice(0, start)];
}

async function contentOf(volume: Volume, { key, parts }: FoundObject, bytes: number, signal: AbortSignal): Promise<Content | undefined> {
  if (bytes > bytesMaxOf[parts.kind]) return undefined;
  const at: At = { volume, key, bytes, signal };
  try {
    if (parts.kind === "shard") return { frames: await framesAt(at, parts.digest), entry: undefined };
    const body = await bytesAt(at, { start: 0, end: bytes });
    if (blake3Digest(body) !== parts.digest) return undefined;
    return { frames: [], entry: parts.kind === "reflog" ? decodeLogEntry(body) : undefined };
  } catch (error) {
    if (isFault(error, "OBJECT_CORRUPT", "OBJECT_MISSING", "NAME_INVALID")) return undefined;
    throw error;
  }
}

interface At {
  readonly volume: Volume;
  readonly key: FoundObject["key"];
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Holds footer and index of most shards. */
const tailBytesFirst = 64 * KiB;

/** The frames of a shard by its index. Throws OBJECT_CORRUPT when the index is not the one that the shard's name stands for. */
async function framesAt(at: At, digest: string): Promise<readonly PlacedFrame[]> {
  const tailStart = Math.max(0, at.bytes - tailBytesFirst);
  const tail = await bytesAt(at, { start: tailStart, end: at.bytes });
  const header = await bytesAt(at, { start: 0, end: Math.min(shardHeaderBytes, at.bytes) });
  const range = indexRangeOf(readShardFooter(tail, at.bytes));
  const index = range.start >= tailStart ? tail.subarray(range.start - tailStart, range.end - tailStart) : await bytesAt(at, range);
  const shard = readShardIndex(header, index, tail, at.bytes);
  if (shard.digest !== digest) throw fault("OBJECT_CORRUPT", `${at.key} on ${at.volume.name} is another shard`);
  return shard.frames;
}

async function bytesAt({ volume, key, signal }: At, range: ByteRange): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthOf(range));
  const read = await volume.get(key, range, [bytes], signal);
  if (read !== bytes.length) throw fault("OBJECT_CORRUPT", `${key} on ${volume.name} ends before byte ${range.end}`);
  return bytes;
}

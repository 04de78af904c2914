/**
 * Chunks into a window, verified. The stored bytes of all chunks are read in as few extents as their places allow, a
 * worker decodes and verifies them, and whatever is wrong is read again from another replica.
 */

import { encodingIds } from "../../bytes/codecs/index.ts";
import { frameHeaderBytes } from "../../bytes/shards/index.ts";
import { digestFromBytes } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import { type Copy, type DecodeChunk, verdictGood, verdictWrong } from "../../machine/jobs.ts";
import { requireSpan } from "../../machine/span.ts";
import type { ChunkPlace, ObjectId } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import type { Chain } from "./chains.ts";
import type { WantedChunk } from "./plan.ts";
import type { Replicas } from "./replicas.ts";

export interface Fetch {
  readonly chunk: WantedChunk;
  readonly chain: Chain;
}

/** One link of a chain and where its stored bytes go. */
interface Slot {
  readonly place: ChunkPlace;
  readonly view: Uint8Array;
  volume: VolumeName | undefined;
}

interface Prepared extends Fetch {
  readonly slots: readonly Slot[];
  readonly inPlace: boolean;
}

/** Room that `fetchChunks` needs beside the window. */
export function roomBytesFor(fetches: readonly Fetch[]): number {
  return fetches.reduce((sum, fetch) => sum + (readsInPlace(fetch) ? 0 : storedBytesOf(fetch.chain)), frameHeaderBytes);
}

function storedBytesOf(chain: Chain): number {
  return chain.reduce((sum, place) => sum + place.storedBytes, 0);
}

/** A raw chunk that goes to one run of the window is read to its place. */
function readsInPlace({ chunk, chain }: Fetch): boolean {
  return chain.length === 1 && chain[0]?.encoding === encodingIds.RAW && isWholeRun(chunk.copies, chunk.rawBytes);
}

export function isWholeRun(copies: readonly Copy[], rawBytes: number): boolean {
  return copies.length === 1 && copies[0]?.rows === 1 && copies[0].rowBytes === rawBytes;
}

/** `room` has at least `roomBytesFor` bytes. Throws when a chunk is right on no replica. */
export async function fetchChunks(
  engine: Engine,
  replicas: Replicas,
  fetches: readonly Fetch[],
  window: Uint8Array,
  room: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  await replicas.learn(fetches.flatMap((fetch) => fetch.chain.map((place) => place.object)));
  let pending = prepare(fetches, window, room);
  while (pending.length > 0) {
    await readSlots(
      replicas,
      pending.flatMap((item) => item.slots),
      room.subarray(0, frameHeaderBytes),
      signal,
    );
    const verdicts = await engine.pool.run({ kind: "decode", chunks: pending.map(decodeChunkOf), window: requireSpan(window) });
    const wrong = pending.filter((_, index) => verdicts[index] !== verdictGood);
    for (const [index, item] of pending.entries()) if (verdicts[index] !== verdictGood) condemnReplicas(replicas, item, verdicts[index] as number);
    pending = wrong;
  }
}

function prepare(fetches: readonly Fetch[], window: Uint8Array, room: Uint8Array): Prepared[] {
  let at = frameHeaderBytes;
  return fetches.map((fetch) => {
    const inPlace = readsInPlace(fetch);
    const slots = fetch.chain.map((place) => {
      const to = fetch.chunk.copies[0]?.to ?? 0;
      const view = inPlace ? window.subarray(to, to + place.storedBytes) : room.subarray(at, at + place.storedBytes);
      if (!inPlace) at += place.storedBytes;
      return { place, view, volume: undefined };
    });
    return { ...fetch, slots, inPlace };
  });
}

function decodeChunkOf({ chunk, slots, inPlace }: Prepared): DecodeChunk {
  const steps = inPlace ? [] : slots.map(({ place, view }) => ({ encoding: place.encoding, stored: requireSpan(view), crc32c: place.crc32c }));
  return { digest: chunk.digest, rawBytes: chunk.rawBytes, steps, copies: chunk.copies };
}

/** Marks the replica that gave the damaged bytes. When only the result is wrong, every link is doubted. */
function condemnReplicas(replicas: Replicas, item: Prepared, verdict: number): void {
  const blamed = item.inPlace || verdict === verdictWrong ? item.slots : item.slots.slice(verdict - 1, verdict);
  for (const { place, volume } of blamed) {
    const error = fault("CHUNK_CORRUPT", `chunk ${digestFromBytes(item.chunk.digest)} read from ${volume} is damaged`);
    if (volume !== undefined) replicas.damage.add(place.object, volume, error);
  }
}

/** Frames that follow each other in a shard, closer than a page, are read together. */
const gapBytesMax = 4096;

async function readSlots(replicas: Replicas, slots: readonly Slot[], junk: Uint8Array, signal: AbortSignal): Promise<void> {
  const byObject = Map.groupBy(slots, (slot) => slot.place.object);
  const extents = [...byObject].flatMap(([object, group]) => extentsOf(group).map((extent) => ({ object, extent })));
  await Promise.all(extents.map(({ object, extent }) => readExtent(replicas, object, extent, junk, signal)));
}

function extentsOf(slots: Slot[]): Slot[][] {
  const extents: Slot[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const slot of slots.toSorted((a, b) => a.place.offset - b.place.offset)) {
    const gap = slot.place.offset - end;
    if (gap >= 0 && gap < gapBytesMax) extents.at(-1)?.push(slot);
    else extents.push([slot]);
    end = slot.place.offset + frameHeaderBytes + slot.place.storedBytes;
  }
  return extents;
}

async function readExtent(replicas: Replicas, object: ObjectId, slots: readonly Slot[], junk: Uint8Array, signal: AbortSignal): Promise<void> {
  const start = (slots[0] as Slot).place.offset + frameHeaderBytes;
  const into: Uint8Array[] = [];
  let at = start;
  for (const { place, view } of slots) {
    const payload = place.offset + frameHeaderBytes;
    for (let skip = payload - at; skip > 0; skip -= junk.length) into.push(junk.subarray(0, Math.min(skip, junk.length)));
    into.push(view);
    at = payload + place.storedBytes;
  }
  const volume = await replicas.read(object, { start, end: at }, into, signal);
  for (const slot of slots) slot.volume = volume;
}

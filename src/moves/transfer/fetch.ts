/**
 * Chunks into a window, verified. The stored bytes of all chunks are read in as few extents as their places allow, a
 * worker decodes and verifies them, and whatever is wrong is read again from another replica.
 */

import { encodingIds } from "../../bytes/codecs/index.ts";
import { frameHeaderBytes } from "../../bytes/shards/index.ts";
import { digestFromBytes } from "../../core/digest.ts";
import { fault, type HoldfastError } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ByteRange } from "../../core/range.ts";
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
  /** Where they were read from; undefined while they are to be read. */
  volume: VolumeName | undefined;
}

export interface Prepared extends Fetch {
  readonly slots: readonly Slot[];
  /** Its room; where it is read in place, its part of the window. */
  readonly room: Uint8Array;
  readonly inPlace: boolean;
}

/** Room that `fetchChunks` needs beside the window. */
export function roomBytesFor(fetches: readonly Fetch[]): number {
  return fetches.reduce((sum, fetch) => sum + ownRoomBytes(fetch), frameHeaderBytes);
}

/** The links of its chain; a cache may have the chunk raw instead. */
function ownRoomBytes(fetch: Fetch): number {
  if (readsInPlace(fetch)) return 0;
  const { chain, chunk } = fetch;
  const storedBytes = chain.reduce((sum, place) => sum + place.storedBytes, 0);
  return chain.length > 1 ? Math.max(storedBytes, chunk.rawBytes) : storedBytes;
}

/** A raw chunk that goes to one run of the window is read to its place. */
function readsInPlace({ chunk, chain }: Fetch): boolean {
  return chain.length === 1 && chain[0]?.encoding === encodingIds.RAW && isWholeRun(chunk.copies, chunk.rawBytes);
}

function isWholeRun(copies: readonly Copy[], rawBytes: number): boolean {
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
  await fetchPrepared(engine, replicas, prepare(fetches, window, room), window, room, signal);
}

/** The same for chunks whose places in the room are known. The start of the room is for what lies between them in a shard. */
export async function fetchPrepared(
  engine: Engine,
  replicas: Replicas,
  prepared: readonly Prepared[],
  window: Uint8Array,
  room: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  await replicas.learn(prepared.flatMap(({ chain }) => chain.map((place) => place.object)));
  let pending = prepared;
  while (pending.length > 0) {
    const unread = pending.flatMap((item) => item.slots).filter((slot) => slot.volume === undefined);
    await readSlots(replicas, unread, room.subarray(0, frameHeaderBytes), signal);
    const verdicts = await engine.pool.run({ kind: "decode", chunks: pending.map(decodeChunkOf), window: requireSpan(window) });
    const wrong = pending.filter((_, index) => verdicts[index] !== verdictGood);
    for (const [index, item] of pending.entries()) if (verdicts[index] !== verdictGood) condemnReplicas(replicas, item, verdicts[index] as number);
    pending = wrong;
  }
}

export function prepare(fetches: readonly Fetch[], window: Uint8Array, room: Uint8Array): Prepared[] {
  let at = frameHeaderBytes;
  return fetches.map((fetch) => {
    const inPlace = readsInPlace(fetch);
    const bytes = ownRoomBytes(fetch);
    const to = fetch.chunk.copies[0]?.to ?? 0;
    const own = inPlace ? window.subarray(to, to + fetch.chunk.rawBytes) : room.subarray(at, at + bytes);
    at += bytes;
    return { ...fetch, slots: slotsIn(own, fetch.chain), room: own, inPlace };
  });
}

function slotsIn(room: Uint8Array, chain: Chain): Slot[] {
  let at = 0;
  return chain.map((place) => {
    const view = room.subarray(at, at + place.storedBytes);
    at += place.storedBytes;
    return { place, view, volume: undefined };
  });
}

function decodeChunkOf({ chunk, slots, inPlace }: Prepared): DecodeChunk {
  const steps = inPlace ? [] : slots.map(({ place, view }) => ({ encoding: place.encoding, stored: requireSpan(view), crc32c: place.crc32c }));
  return { digest: chunk.digest, rawBytes: chunk.rawBytes, steps, copies: chunk.copies };
}

/** Notes which replica gave damaged bytes, so that they are read from another. When only the result is wrong, every link is doubted. */
function condemnReplicas(replicas: Replicas, item: Prepared, verdict: number): void {
  const blamed = item.inPlace || verdict === verdictWrong ? item.slots : item.slots.slice(verdict - 1, verdict);
  for (const slot of blamed) {
    const error = fault("CHUNK_CORRUPT", `chunk ${digestFromBytes(item.chunk.digest)} read from ${slot.volume} is damaged`);
    if (slot.volume !== undefined) replicas.damage.spoil(slot.place, slot.volume, error);
    slot.volume = undefined;
  }
}

/** Frames that follow each other in a shard, closer than a page, are read together. */
const gapBytesMax = 4096;

async function readSlots(replicas: Replicas, slots: readonly Slot[], junk: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let waiting = slots; waiting.length > 0; waiting = waiting.filter((slot) => slot.volume === undefined))
    await Promise.all(extentsOf(replicas, waiting).map((extent) => readExtent(replicas, extent, junk, signal)));
}

/** Slots whose frames are neighbours in one replica of one object. */
interface Neighbours {
  readonly object: ObjectId;
  readonly volume: VolumeName;
  readonly slots: readonly Slot[];
}

function extentsOf(replicas: Replicas, slots: readonly Slot[]): Neighbours[] {
  const byObject = Map.groupBy(slots, (slot) => slot.place.object);
  return [...byObject].flatMap(([object, ofObject]) => {
    const volumeFor = replicas.chooser(object, storedBytesOf(ofObject));
    const byVolume = Map.groupBy(ofObject, (slot) => volumeFor(slot.place.offset));
    return [...byVolume].flatMap(([volume, group]) => neighboursIn(group).map((near) => ({ object, volume, slots: near })));
  });
}

function storedBytesOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, { place }) => sum + place.storedBytes, 0);
}

function neighboursIn(slots: readonly Slot[]): Slot[][] {
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

/** Leaves the slots without a volume when the replica did not give them. */
async function readExtent(replicas: Replicas, { object, volume: asked, slots }: Neighbours, junk: Uint8Array, signal: AbortSignal): Promise<void> {
  const offsets = slots.map(({ place }) => place.offset);
  const { volume, problem } = await replicas.read({ object, volume: asked, offsets, ...scatterOf(slots, junk) }, signal);
  if (!problem) for (const slot of slots) slot.volume = volume;
  else if (problem.kind === "corrupt") await blame(replicas, { object, volume, slots }, problem, junk, signal);
}

/** What could not be read as one is read one by one: only some of it may be behind the end of a replica that was cut. */
async function blame(replicas: Replicas, extent: Neighbours, problem: HoldfastError, junk: Uint8Array, signal: AbortSignal): Promise<void> {
  const [first, ...others] = extent.slots as [Slot, ...Slot[]];
  if (others.length === 0) return replicas.damage.spoil(first.place, extent.volume, problem);
  for (const slot of extent.slots) await readExtent(replicas, { ...extent, slots: [slot] }, junk, signal);
}

function scatterOf(slots: readonly Slot[], junk: Uint8Array): { readonly range: ByteRange; readonly into: Uint8Array[] } {
  const start = (slots[0] as Slot).place.offset + frameHeaderBytes;
  const into: Uint8Array[] = [];
  let at = start;
  for (const { place, view } of slots) {
    const payload = place.offset + frameHeaderBytes;
    for (let skip = payload - at; skip > 0; skip -= junk.length) into.push(junk.subarray(0, Math.min(skip, junk.length)));
    into.push(view);
    at = payload + place.storedBytes;
  }
  return { range: { start, end: at }, into };
}

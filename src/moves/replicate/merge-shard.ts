/**
 * A shard put together from replicas that are all damaged, each in another place (D19). Everything but the stored bytes of the
 * frames follows from the list of frames, and that list stands twice in a shard: in the index, and in the headers on the
 * way. So one replica has to give the list, and for each frame any replica its stored bytes.
 */
import { crc32c } from "../../bytes/digests/index.ts";
import { frameHeaderBytes, type PlacedFrame, readShard, salvageFrames, sealShard, shardPageBytes, toPage, writeFrameHeader } from "../../bytes/shards/index.ts";
import { isFault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import { rangeOf } from "../../core/range.ts";
import { requireSpan } from "../../machine/span.ts";
import type { ObjectRow } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { lendRoom, problemWith, type Room } from "./check-replica.ts";

/** The verified bytes of the shard, or undefined when some frame is right on none of the volumes. */
export async function mergeShard(engine: Engine, object: ObjectRow, volumes: readonly VolumeName[], signal: AbortSignal): Promise<Room | undefined> {
  for (const name of volumes) {
    const room = await lendRoom(engine, object.bytes, signal);
    const frames = (await readWhatIsThere(engine, object, name, room.bytes, signal)) ? framesOf(object, room.bytes) : undefined;
    if (frames && (await fillFrom(engine, object, frames, { name, room, volumes }, signal))) return room;
    room[Symbol.dispose]();
  }
  return undefined;
}

async function readWhatIsThere(engine: Engine, object: ObjectRow, name: VolumeName, room: Uint8Array, signal: AbortSignal): Promise<boolean> {
  try {
    const volume = await engine.volumes.insisting(name);
    const read = await volume.get(objectKey(object), rangeOf(0, object.bytes), [room], signal);
    room.fill(0, read);
    return true;
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return false;
  }
}

/** The frames of the shard, believed when the shard that they make has the right name. */
function framesOf(object: ObjectRow, bytes: Uint8Array): readonly PlacedFrame[] | undefined {
  bytes.set(sealShard(object.domain, [], shardPageBytes).head);
  for (const read of [readShard, salvageFrames]) {
    const frames = attempt(() => read(bytes).frames);
    const shard = frames && sealed(object, frames);
    if (shard?.digest === object.digest && shard.bytes === object.bytes) return frames;
  }
  return undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

function sealed(object: ObjectRow, frames: readonly PlacedFrame[]) {
  return sealShard(object.domain, frames, framesEnd(frames));
}

function framesEnd(frames: readonly PlacedFrame[]): number {
  const last = frames.at(-1);
  return toPage(last ? last.offset + frameHeaderBytes + last.storedBytes : shardPageBytes);
}

interface Source {
  readonly name: VolumeName;
  readonly room: Room;
  readonly volumes: readonly VolumeName[];
}

async function fillFrom(engine: Engine, object: ObjectRow, frames: readonly PlacedFrame[], source: Source, signal: AbortSignal): Promise<boolean> {
  const { bytes } = source.room;
  layStructure(object, frames, bytes);
  const { damagedFrames } = await engine.pool.run({ kind: "check", shard: requireSpan(bytes) });
  for (const position of damagedFrames) {
    const frame = frames[position] as PlacedFrame;
    const stored = await storedFrom(engine, object, frame, source, signal);
    if (!stored) return false;
    bytes.set(stored, frame.offset + frameHeaderBytes);
  }
  return (await problemWith(engine, object, bytes)) === undefined;
}

/** Writes all that is not the stored bytes of a frame. */
function layStructure(object: ObjectRow, frames: readonly PlacedFrame[], bytes: Uint8Array): void {
  const { head, tail } = sealed(object, frames);
  bytes.set(head);
  let end = shardPageBytes;
  for (const frame of frames) {
    bytes.fill(0, end, frame.offset);
    writeFrameHeader(frame, bytes.subarray(frame.offset));
    end = frame.offset + frameHeaderBytes + frame.storedBytes;
  }
  bytes.fill(0, end, framesEnd(frames));
  bytes.set(tail, framesEnd(frames));
}

/** The memory is new for each read: one that hangs may write to its own long after it failed. */
async function storedFrom(
  engine: Engine,
  object: ObjectRow,
  frame: PlacedFrame,
  { name, volumes }: Source,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  for (const other of volumes) {
    if (other === name) continue;
    const stored = new Uint8Array(frame.storedBytes);
    try {
      const volume = await engine.volumes.insisting(other);
      const read = await volume.get(objectKey(object), rangeOf(frame.offset + frameHeaderBytes, frame.storedBytes), [stored], signal);
      if (read === frame.storedBytes && crc32c(stored) === frame.crc32c) return stored;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
    }
  }
  return undefined;
}

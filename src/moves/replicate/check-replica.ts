/** One replica, every byte of it against the name of the object: what repair, scrub and drain stand on. */
import { blake3Digest } from "../../bytes/digests/index.ts";
import { fault, type HoldfastError, isFault, kindOf } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import { rangeOf } from "../../core/range.ts";
import { requireSpan } from "../../machine/span.ts";
import type { ObjectRow } from "../../places/catalog/index.ts";
import { lateWork, objectKey, type Volume } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";

/** Bytes in shared memory, given back when disposed of. */
export interface Room extends Disposable {
  readonly bytes: Uint8Array;
}

export type Finding =
  | { readonly state: "whole"; readonly room: Room }
  | { readonly state: "damaged" | "missing" | "unreachable"; readonly error: HoldfastError };

/**
 * Reads the replica and checks all of it. The bytes of a whole one are handed over; the caller disposes of them. Throws only CANCELLED and
 * what is no fault of a volume. Unreachable is also a volume whose own identity is damaged: what lies there is not judged.
 */
export async function checkReplica(engine: Engine, object: ObjectRow, name: VolumeName, signal: AbortSignal): Promise<Finding> {
  let volume: Volume;
  try {
    volume = await engine.volumes.insisting(name);
  } catch (error) {
    if (!isFault(error) || kindOf(error) === "cancelled") throw error;
    return { state: "unreachable", error };
  }
  return checkObject(engine, object, volume, signal);
}

async function checkObject(engine: Engine, object: ObjectRow, volume: Volume, signal: AbortSignal): Promise<Finding> {
  const room = await lendRoom(engine, object.bytes + 1, signal);
  try {
    const problem = await readAll(engine, object, volume, room.bytes, signal);
    if (problem === undefined) return { state: "whole", room: firstOf(room, object.bytes) };
    giveBack(room, problem.error);
    return problem;
  } catch (error) {
    giveBack(room, error);
    throw error;
  }
}

function firstOf(room: Room, bytes: number): Room {
  return { bytes: room.bytes.subarray(0, bytes), [Symbol.dispose]: () => room[Symbol.dispose]() };
}

/** From the arena; a manifest that is larger than all of it gets memory of its own. */
export async function lendRoom(engine: Engine, bytes: number, signal: AbortSignal): Promise<Room> {
  if (bytes <= engine.arena.capacityBytes) return engine.arena.lend(bytes, signal);
  return { bytes: new Uint8Array(new SharedArrayBuffer(bytes)), [Symbol.dispose]() {} };
}

/** A read that goes on behind its failure may still write to the room. */
function giveBack(room: Room, error: unknown): void {
  const late = lateWork(error);
  if (late) void late.then(() => room[Symbol.dispose]());
  else room[Symbol.dispose]();
}

type Problem = Exclude<Finding, { readonly state: "whole" }>;

/** Asks for one byte more than there should be, so that an object that goes on behind its end is noticed. */
async function readAll(engine: Engine, object: ObjectRow, volume: Volume, room: Uint8Array, signal: AbortSignal): Promise<Problem | undefined> {
  const what = `${objectKey(object)} on ${volume.name}`;
  try {
    const read = await volume.get(objectKey(object), rangeOf(0, object.bytes + 1), [room], signal);
    if (read !== object.bytes) return damaged(`${what} has ${read > object.bytes ? "more than" : `${read} of`} ${object.bytes} bytes`);
  } catch (error) {
    return problemOf(error);
  }
  const wrong = await problemWith(engine, object, room.subarray(0, object.bytes));
  return wrong === undefined ? undefined : damaged(`${what} is damaged: ${wrong}`);
}

function damaged(message: string): Problem {
  return { state: "damaged", error: fault("OBJECT_CORRUPT", message) };
}

function problemOf(error: unknown): Problem {
  if (!isFault(error) || kindOf(error) === "cancelled") throw error;
  if (error.kind === "missing") return { state: "missing", error };
  return { state: error.kind === "corrupt" ? "damaged" : "unreachable", error };
}

/** What is wrong with the bytes of an object, in words; undefined when they are the object, to the last bit. */
export async function problemWith(engine: Engine, object: ObjectRow, bytes: Uint8Array): Promise<string | undefined> {
  if (object.kind !== "shard") return blake3Digest(bytes) === object.digest ? undefined : "its bytes do not have its digest";
  const { digest, problem } = await engine.pool.run({ kind: "check", shard: requireSpan(bytes) });
  return problem ?? (digest === object.digest ? undefined : `it is the shard ${digest}`);
}

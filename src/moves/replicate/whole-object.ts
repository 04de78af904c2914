/** The verified bytes of an object, from wherever they can still be had. */
import { fault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectId, ObjectRow, ObjectState, ReplicaState } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import type { Damage } from "../transfer/index.ts";
import { checkReplica, type Finding, type Room } from "./check-replica.ts";
import { mergeShard } from "./merge-shard.ts";

/** Only `wholeObject` makes one: whoever has it has bytes that were verified. Disposing of it gives back their memory. */
export interface WholeObject extends Disposable {
  readonly bytes: Uint8Array;
  /** The replica that has them; undefined when none has, and they were put together from several or found under another key. */
  readonly from: VolumeName | undefined;
  /** Replicas that turned out damaged or missing on the way. */
  readonly damage: readonly Damage[];
}

/**
 * Reads replicas until one is whole, `first` before the others. When none is, a shard is merged from its damaged replicas, and at the
 * last another object with the same digest is looked for, such as an interrupted repair leaves. Throws DATA_CORRUPT, CHUNK_LOST or
 * VOLUME_UNREACHABLE, which name every volume that was tried.
 */
export async function wholeObject(engine: Engine, object: ObjectRow, signal: AbortSignal, first: readonly VolumeName[] = []): Promise<WholeObject> {
  const volumes = await inOrder(engine, object.id, first);
  const failed: { readonly volume: VolumeName; readonly finding: Exclude<Finding, { state: "whole" }> }[] = [];
  const damage: Damage[] = [];
  for (const volume of volumes) {
    const finding = await checkReplica(engine, object, volume, signal);
    if (finding.state === "whole") return wholeFrom(finding.room, volume, damage);
    failed.push({ volume, finding });
    if (finding.state !== "unreachable") damage.push({ object: object.id, volume, error: finding.error });
  }
  const damaged = failed.filter(({ finding }) => finding.state === "damaged").map(({ volume }) => volume);
  const merged = object.kind === "shard" && damaged.length > 1 ? await mergeShard(engine, object, damaged, signal) : undefined;
  const room = merged ?? (await fromTwin(engine, object, signal));
  if (room) return wholeFrom(room, undefined, damage);
  throw exhausted(object, failed);
}

function wholeFrom(room: Room, from: VolumeName | undefined, damage: readonly Damage[]): WholeObject {
  return { bytes: room.bytes.subarray(0), from, damage, [Symbol.dispose]: () => room[Symbol.dispose]() };
}

const preference: Readonly<Record<ReplicaState, number>> = { good: 0, suspect: 1, bad: 2, intended: 3 };

async function inOrder(engine: Engine, object: ObjectId, first: readonly VolumeName[]): Promise<VolumeName[]> {
  const replicas = await engine.catalog.replicas([object]);
  const ranked = replicas.toSorted((a, b) => preference[a.state] - preference[b.state]).map((replica) => replica.volume);
  return [...new Set([...first, ...ranked])];
}

const twinStates: readonly ObjectState[] = ["reserved", "present", "condemned"];
const objectsAtOnce = 1000;

/** Objects are named by their bytes, so one with another generation has the same. Walks all objects: for when nothing else is left. */
async function fromTwin(engine: Engine, object: ObjectRow, signal: AbortSignal): Promise<Room | undefined> {
  for (let page = await engine.catalog.objectsAfter(undefined, twinStates, objectsAtOnce); page.length > 0; ) {
    for (const other of page)
      if (other.id !== object.id && other.digest === object.digest && other.kind === object.kind && other.domain === object.domain) {
        const room = await wholeReplica(engine, other, signal);
        if (room) return room;
      }
    page = await engine.catalog.objectsAfter(page.at(-1)?.id, twinStates, objectsAtOnce);
  }
  return undefined;
}

async function wholeReplica(engine: Engine, object: ObjectRow, signal: AbortSignal): Promise<Room | undefined> {
  for (const volume of await inOrder(engine, object.id, [])) {
    const finding = await checkReplica(engine, object, volume, signal);
    if (finding.state === "whole") return finding.room;
  }
  return undefined;
}

function exhausted(object: ObjectRow, failed: readonly { readonly volume: VolumeName; readonly finding: Exclude<Finding, { state: "whole" }> }[]): Error {
  const all = failed.map(({ volume, finding }) => `${volume}: ${finding.error.message}`).join("; ") || "it has no replica";
  const states = new Set(failed.map(({ finding }) => finding.state));
  const code = states.has("damaged") ? "DATA_CORRUPT" : states.has("unreachable") ? "VOLUME_UNREACHABLE" : "CHUNK_LOST";
  return fault(code, `no replica of ${objectKey(object)} is whole (${all})`, {
    cause: failed[0]?.finding.error,
    advice: "Bring volumes that are missing back, or restore the object from a backup, then run `holdfast repair`.",
  });
}

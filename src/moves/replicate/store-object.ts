/**
 * An object onto its volumes: a place is reserved in the catalog, the body goes to all of them side by side, each that cannot show
 * by a checksum of its own that it has it is read back, and a volume that fails is replaced by the next in the order of preference. What is acknowledged has at least
 * `replicasMin` copies; the rest of a shortfall is known to the catalog and made good by a repair.
 */
import type { Digest } from "../../core/digest.ts";
import { isFault, kindOf } from "../../core/errors.ts";
import type { DomainName, VolumeName } from "../../core/names.ts";
import type { IntentId, ObjectRow } from "../../places/catalog/index.ts";
import { type Evidence, lateWork, type ObjectKey, type ObjectKind, objectKey, type Replayable } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { copiesByVolume, sumOfCopies } from "../volume-facts.ts";
import { readBack } from "./read-back.ts";
import { type Failure, tooFew } from "./too-few.ts";

export interface Durability {
  /** Copies wanted, each in a failure domain of its own where there are enough. */
  readonly replicas: number;
  /** Copies without which nothing is acknowledged. */
  readonly replicasMin: number;
}

export interface NewObject {
  readonly kind: ObjectKind;
  readonly domain: DomainName;
  readonly digest: Digest;
  readonly body: Replayable;
  readonly bytes: number;
  /** Volumes in the order of preference, the wanted ones first. */
  readonly places: readonly VolumeName[];
}

export interface StoredObject {
  readonly row: ObjectRow;
  readonly on: readonly VolumeName[];
}

/** The caller publishes the object in the catalog. `room` is for reading back. Throws REPLICAS_TOO_FEW. */
export async function storeObject(
  engine: Engine,
  intent: IntentId,
  object: NewObject,
  durability: Durability,
  room: Uint8Array,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { kind, domain, digest, bytes, places } = object;
  const { replicas } = durability;
  const worth = await copiesByVolume(engine);
  const untried = [...places];
  let round = nextRound(untried, replicas, worth);
  const row = await engine.catalog.reserve(intent, { kind, domain, digest, bytes, replicasWanted: replicas, volumes: round });
  const key = objectKey(row);
  const on: VolumeName[] = [];
  const failures: Failure[] = [];
  while (round.length > 0) {
    if (failures.length > 0) for (const name of round) await engine.catalog.setReplica(row.id, name, "intended"); // so that a collection looks there too
    const outcomes = await Promise.allSettled(round.map((name) => putOn(engine, name, key, object.body, signal)));
    const written = new Map(round.flatMap((name, index) => (outcomes[index]?.status === "fulfilled" ? [[name, outcomes[index].value]] : [])));
    on.push(...(await proveAll(engine, written, key, object.body, room, failures, signal)));
    for (const [index, outcome] of outcomes.entries())
      if (outcome.status === "rejected") failures.push({ volume: round[index] as VolumeName, error: outcome.reason as Error });
    for (const { error } of failures) if (kindOf(error) === undefined || isFault(error, "CANCELLED")) throw error;
    round = nextRound(untried, replicas - sumOfCopies(on, worth), worth);
  }
  const copies = sumOfCopies(on, worth);
  if (copies < Math.min(durability.replicasMin, replicas)) throw tooFew(key, copies, durability.replicasMin, failures);
  return { row, on };
}

/** Takes as many volumes off the front as keep that many copies together; a volume that replicates by itself counts for what it keeps. */
function nextRound(untried: VolumeName[], copies: number, worth: ReadonlyMap<VolumeName, number>): VolumeName[] {
  const round: VolumeName[] = [];
  while (untried.length > 0 && sumOfCopies(round, worth) < copies) round.push(untried.shift() as VolumeName);
  return round;
}

async function putOn(engine: Engine, name: VolumeName, key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
  const volume = await engine.volumes.get(name);
  try {
    return await volume.put(key, body, signal);
  } catch (error) {
    await lateWork(error); // an attempt that ran out of time may still be reading the body
    throw error;
  }
}

/** The volumes that have the object for certain: what is without evidence is read, one after the other, since there is one room. */
async function proveAll(
  engine: Engine,
  written: ReadonlyMap<VolumeName, Evidence>,
  key: ObjectKey,
  body: Replayable,
  room: Uint8Array,
  failures: Failure[],
  signal: AbortSignal,
): Promise<VolumeName[]> {
  const good: VolumeName[] = [];
  for (const [name, evidence] of written)
    try {
      if (evidence === "none") await readBack(engine, await engine.volumes.get(name), key, body, room, signal);
      good.push(name);
    } catch (error) {
      failures.push({ volume: name, error: error as Error });
    }
  return good;
}
